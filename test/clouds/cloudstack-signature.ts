/** Signatures of CloudStack's API, from the server's side. */
import { createHmac } from 'node:crypto';

/** What a request says. */
export type Parameters = Readonly<Record<string, string>>;

/** Refused by code. */
export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, words: string) {
    super(words);
    this.code = code;
  }
}

/** The one user's keys. */
export const keys = {
  apiKey: 'plgWJfZK4gyS3mOMTVmjUVg',
  secretKey: 'VDaACYb0LV9eNjTetIOElcVQkvJck/J_QljX/FcHRj87ZKiy',
};
/** As the server does it: the parameters by name, values encoded by Java's rules, in lower case, HMAC-SHA1, base64. */
export function authenticate({ signature, ...parameters }: Parameters): void {
  const wrong = new Refusal(401, 'unable to verify user credentials and/or request signature');
  const byName = ([a]: [string, string], [b]: [string, string]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1);
  const pairs = Object.entries(parameters)
    .toSorted(byName)
    .map(([name, value]) => `${name}=${javaEncoded(value)}`);
  const right = createHmac('sha1', keys.secretKey).update(pairs.join('&').toLowerCase()).digest('base64');
  if (parameters['apiKey'] !== keys.apiKey || signature !== right) throw wrong;
  if (parameters['signatureVersion'] !== '3') return;
  const expires = Date.parse((parameters['expires'] ?? '').replace(/\+0000$/, 'Z'));
  if (!(expires > Date.now())) throw wrong;
}

/** java.net.URLEncoder: letters, digits and `.-*_` stay; a blank as %20, as CloudStack puts it. */
function javaEncoded(value: string): string {
  return [...Buffer.from(value)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9.*_-]/i.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}
