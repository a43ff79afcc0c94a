/** The Hetzner Cloud API on the wire (https://docs.hetzner.cloud): JSON, a bearer token, pages, errors with codes. */
import { openHttp } from '../../base/http.ts';
import type { HttpRequest } from '../../base/http.ts';
import { HetznerToken } from '../../model/provider/hetzner.ts';
import { readCredentials } from '../cloud.ts';
import type { CloudContext } from '../cloud.ts';
import { faultIn, noAnswer } from './faults.ts';
import { listIn, objectIn } from './json.ts';
import type { Json } from './json.ts';

/** A project, spoken to. */
export interface HetznerApi {
  /** One request; the answer's object. Throws Faults, and the signal's reason. */
  call(method: HttpRequest['method'], path: string, signal: AbortSignal, body?: unknown): Promise<Json>;
  /** Everything in that collection, page by page. */
  all(collection: string, query: Readonly<Record<string, string>>, signal: AbortSignal): AsyncGenerator<Json>;
}

const publicEndpoint = 'https://api.hetzner.cloud/v1';
/** The most that a page may hold. */
const pageSize = 50;

/** Opens the API: no I/O. */
export function openHetznerApi(
  context: CloudContext,
  options: { readonly endpoint?: string | undefined; readonly credentials: string; readonly allowPrivate: boolean },
): HetznerApi {
  const { credentials, allowPrivate } = options;
  const base = (options.endpoint ?? publicEndpoint).replace(/\/$/, '');
  const http = openHttp({ clock: context.clock, allowPrivate });
  const call: HetznerApi['call'] = async (method, path, signal, body) => {
    signal.throwIfAborted();
    const token = readToken(await context.secret(credentials), credentials);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const request = { method, url: `${base}${path}`, headers };
    const answer = await http(body === undefined ? request : { ...request, body: JSON.stringify(body) }, signal);
    const what = `${method} ${path.split('?')[0] ?? ''}`;
    if (answer.status === 204) return {};
    const read = parse(answer.text);
    if (read === null) throw noAnswer(answer, what);
    if (answer.status >= 400) throw faultIn(read, answer, { what, now: context.clock.now() });
    return read;
  };
  return { call, all: (collection, query, signal) => pages(call, { collection, query }, signal) };
}

async function* pages(
  call: HetznerApi['call'],
  { collection, query }: { readonly collection: string; readonly query: Readonly<Record<string, string>> },
  signal: AbortSignal,
): AsyncGenerator<Json> {
  for (let page: number | null = 1; page !== null;) {
    const search = new URLSearchParams({ ...query, page: String(page), per_page: String(pageSize) });
    const answer = await call('GET', `/${collection}?${search.toString()}`, signal);
    yield* listIn(answer, collection);
    const next = objectIn(objectIn(answer, 'meta'), 'pagination')['next_page'];
    page = typeof next === 'number' && next > page ? next : null;
  }
}

function parse(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
  } catch {
    return null;
  }
}

function readToken(text: string, reference: string): string {
  const [object, next] = [`secret ${reference}`, 'hand in a JSON object with "token"'];
  return readCredentials(HetznerToken, text, { why: `the ${object} holds no API token`, object, next }).token;
}
