/** The errors of the Hetzner Cloud by their documented codes, and whether a project is usable. */
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { FaultCode } from '../../base/fault.ts';
import type { HttpAnswer } from '../../base/http.ts';
import type { Domain } from '../../model/domain.ts';
import type { Finding } from '../cloud.ts';
import type { HetznerSite } from './hetzner.ts';
import { all, objectIn, textIn } from './json.ts';
import type { Json } from './json.ts';
import { networkOf } from './network.ts';
import { groundOf } from './offers.ts';

/** https://docs.hetzner.cloud/reference/cloud#errors */
const codes: Readonly<Record<string, FaultCode>> = {
  action_failed: 'unavailable',
  conflict: 'conflict',
  deprecated_api_endpoint: 'invalid',
  firewall_resource_not_found: 'not-found',
  forbidden: 'denied',
  invalid_input: 'invalid',
  json_error: 'invalid',
  locked: 'conflict',
  maintenance: 'unavailable',
  method_not_allowed: 'invalid',
  not_found: 'not-found',
  placement_error: 'no-capacity',
  protected: 'conflict',
  rate_limit_exceeded: 'throttled',
  resource_in_use: 'conflict',
  resource_limit_exceeded: 'quota',
  resource_unavailable: 'no-capacity',
  server_error: 'unavailable',
  service_error: 'unavailable',
  timeout: 'timeout',
  token_readonly: 'denied',
  unauthorized: 'denied',
  unavailable: 'unavailable',
  uniqueness_error: 'exists',
  unsupported_error: 'invalid',
};

const advice: Readonly<Record<string, string>> = {
  token_readonly: 'make a token with "Read & Write" in the project and hand it in',
  unauthorized: 'make a token in the project and hand it in',
  resource_limit_exceeded: 'ask Hetzner for a higher limit of the project, or remove machines',
};

/** An answer that says an error, as a Fault. */
export function faultIn(body: Json, answer: HttpAnswer, { what, now }: { what: string; now: number }): Fault {
  const error = objectIn(body, 'error');
  const [name, message] = [textIn(error, 'code'), textIn(error, 'message')];
  const code = codes[name] ?? codeOfStatus(answer.status);
  const detail = { object: what, words: `${name}: ${message}`, next: advice[name] };
  if (code !== 'throttled') return new Fault(code, `${what}: ${message}`, detail);
  return new Fault(code, `${what}: ${message}`, { ...detail, retryAfterMs: waitIn(answer, now) });
}

/** One call comes back each second; `RateLimit-Reset` is when all have. */
function waitIn({ headers, retryAfterMs }: HttpAnswer, now: number): number {
  const reset = Number(headers['ratelimit-reset'] ?? NaN) * 1_000;
  const untilAll = Number.isFinite(reset) ? Math.max(1_000, reset - now) : 1_000;
  return retryAfterMs ?? Math.min(untilAll, 5_000);
}

function codeOfStatus(status: number): FaultCode {
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'denied';
  if (status >= 500) return 'unavailable';
  return status === 404 ? 'not-found' : 'invalid';
}

/** What is no JSON object is no answer: a page of a gateway, half of one, nothing. */
export function noAnswer({ status, text, retryAfterMs }: HttpAnswer, what: string): Fault {
  const words = text.trim() === '' ? 'an empty answer' : text.trim().slice(0, 200);
  const code = status < 400 || status === 404 ? 'unavailable' : codeOfStatus(status);
  const detail = { object: what, words, retryAfterMs };
  return new Fault(
    code === 'invalid' ? 'unavailable' : code,
    `${what}: HTTP ${status}, and no answer of the API`,
    detail,
  );
}

/** The name of an error, as the API gives it. */
export function nameOf(error: unknown): string | undefined {
  return error instanceof Fault ? /^(\w+): /.exec(error.detail.words ?? '')?.[1] : undefined;
}

/** Endpoint and token, whether the token may write, and each domain's place, image and network. */
export async function checkHetzner(site: HetznerSite, signal: AbortSignal): Promise<Finding[]> {
  signal.throwIfAborted();
  const endpoint = await look('endpoint and credentials', async () => {
    const locations = await all(site.api.all('locations', {}, signal));
    return `locations ${locations.map((one) => textIn(one, 'name')).join(', ')}`;
  });
  if (endpoint.level === 'error') return [endpoint];
  const found = await Promise.all([
    look('permission to write', () => tryWriting(site, signal)),
    ...site.context.domains.map((domain) => look(`domain ${domain.name}`, () => checkDomain(site, domain, signal))),
  ]);
  signal.throwIfAborted();
  return [endpoint, ...found];
}

/** There is no dry run: a request that lacks everything is refused for that by those who may write. */
async function tryWriting({ api }: HetznerSite, signal: AbortSignal): Promise<string> {
  try {
    await api.call('POST', '/ssh_keys', signal, {});
  } catch (error) {
    if (nameOf(error) !== 'invalid_input') throw error;
  }
  return 'the token may write';
}

async function checkDomain(site: HetznerSite, domain: Domain, signal: AbortSignal): Promise<string> {
  const { images, location } = await groundOf(site, domain, signal);
  const network = await networkOf(site, domain, signal);
  const on = network === null ? 'public addresses' : `network ${network}`;
  return `image ${domain.definition.image ?? ''} for ${[...images.keys()].join(', ')}, ${location ?? 'any location'}, ${on}`;
}

async function look(what: string, ask: () => Promise<string>): Promise<Finding> {
  try {
    return { level: 'ok', what, words: await ask(), code: null };
  } catch (error) {
    return { level: 'error', what, words: wordsOf(error), code: faultCodeOf(error) };
  }
}
