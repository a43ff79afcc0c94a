/**
 * What answers of OpenStack's APIs, and of those that grew out of them, mean: JSON, or a Fault with the code that the
 * loops act on and the provider's own words. The services wrap their errors differently (`itemNotFound`, `NeutronError`,
 * `error`), proxies before them answer HTML.
 * Source: https://docs.openstack.org/api-guide/compute/faults.html and the error types of Neutron's API.
 */
import type { FaultCode } from '../../base/fault.ts';
import { Fault } from '../../base/fault.ts';
import type { HttpAnswer } from '../../base/http.ts';

/** By status, where the words say nothing more exact. Any other of 500 and above is `unavailable`. */
const byStatus: Readonly<Record<number, FaultCode>> = {
  400: 'invalid',
  401: 'denied',
  403: 'denied',
  404: 'not-found',
  405: 'invalid',
  406: 'invalid',
  409: 'conflict',
  410: 'not-found',
  413: 'throttled',
  415: 'invalid',
  422: 'invalid',
  429: 'throttled',
  501: 'invalid',
};

/** By words, which are more exact than the status: a quota is 403 of Nova, 409 of Neutron, 413 of Rackspace. */
const byWords: readonly (readonly [words: RegExp, code: FaultCode])[] = [
  [
    /no valid host|not enough hosts|\bno more ip addresses|IpAddressGenerationFailure|IpAddressExhausted/i,
    'no-capacity',
  ],
  [/quota|OverQuota|\blimits? exceeded|exceeds the limit/i, 'quota'],
];

/** The code of what a provider said when it failed a machine; `unknown` where nothing is known by it. */
export function codeOfWords(words: string): FaultCode {
  return byWords.find(([pattern]) => pattern.test(words))?.[1] ?? 'unknown';
}

/** The answer's JSON; null for one without content. Fault by code for anything that is no success. */
export function jsonOf(answer: HttpAnswer, what: string): unknown {
  const { status, text } = answer;
  const parsed = parse(text);
  if (status >= 200 && status < 300) {
    if (text.trim() === '' && (status === 202 || status === 204)) return null;
    if (parsed !== undefined) return parsed;
    // some deletions are answered with a line of text
    if (status !== 200) return null;
    throw new Fault('unavailable', `${what}: the answer is no JSON`, { words: firstWords(text) });
  }
  throw faultOf(answer, parsed, what);
}

/** That the provider has no such thing, said by itself rather than by a proxy before it. */
export function isGone(error: unknown): boolean {
  return error instanceof Fault && error.code === 'not-found';
}

function faultOf({ status, text, retryAfterMs }: HttpAnswer, parsed: unknown, what: string): Fault {
  const body = errorIn(parsed);
  const words = body?.words ?? firstWords(text);
  const code = codeOfAnswer(status, body?.all ?? words, parsed !== undefined);
  const wait = retryAfterMs ?? body?.retryAfterMs;
  return new Fault(code, `${what}: ${words === '' ? `status ${status}` : words} (${status})`, {
    words,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

function codeOfAnswer(status: number, words: string, isJson: boolean): FaultCode {
  const said = codeOfWords(words);
  if (said !== 'unknown' && status !== 404 && status !== 401) return said;
  const code = byStatus[status] ?? 'unavailable';
  // a page of somebody before the API says nothing about what the API has
  return code === 'not-found' && !isJson ? 'unavailable' : code;
}

interface ErrorBody {
  readonly words: string;
  /** words and the names around them */
  readonly all: string;
  readonly retryAfterMs: number | undefined;
}

/** `{"itemNotFound": {"message": …}}`, `{"NeutronError": {"type": …, "message": …}}`, `{"error": {…}}`, `{"NeutronError": "…"}`. */
function errorIn(parsed: unknown): ErrorBody | undefined {
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const [first] = Object.entries(parsed) as [string, unknown][];
  if (first === undefined) return undefined;
  const [name, inner] = first;
  if (typeof inner === 'string') return { words: inner, all: `${name} ${inner}`, retryAfterMs: undefined };
  if (typeof inner !== 'object' || inner === null) return undefined;
  const { message, type, details, retryAfter } = inner as Record<string, unknown>;
  const texts = [message, type, details].filter((one) => typeof one === 'string');
  const seconds = Number(retryAfter);
  const retryAfterMs = retryAfter !== undefined && Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  return { words: texts[0] ?? name, all: [name, ...texts].join(' '), retryAfterMs };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The first words of something that is no JSON, without its tags. */
function firstWords(text: string): string {
  const plain = text
    .slice(0, 4_096)
    .replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ');
  return plain.replace(/\s+/g, ' ').trim().slice(0, 200);
}
