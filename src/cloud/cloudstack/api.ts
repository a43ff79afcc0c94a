/**
 * CloudStack's API (docs.cloudstack.apache.org, "CloudStack API requests"), as far as it is used here.
 *
 * A request is a command with parameters, signed: all of them sorted by name, values URL-encoded as Java does it, the whole
 * in lower case, HMAC-SHA1 with the secret key, base64. Signature version 3 adds `expires`, so that a request that was
 * caught is worth nothing later. What is longer than an URL may be goes as a form. An answer is `{"<command>response": …}`;
 * an error has `errorcode` (which is the HTTP status too) and `errortext`. Asynchronous commands answer a `jobid` at once.
 */
import { createHmac } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import type { Http, HttpAnswer } from '../../base/http.ts';
import { Slots } from '../../base/slots.ts';
import type { CloudStackCredentials } from '../../model/provider/cloudstack.ts';

/** An object of an answer. */
export type Json = Readonly<Record<string, unknown>>;
/** What a command is given. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** CloudStack refused; `code` is its own (401, 429 … 537). */
export class CloudStackError extends Error {
  override readonly name = 'CloudStackError';
  readonly code: number;
  readonly retryAfterMs: number | undefined;

  constructor(code: number, words: string, retryAfterMs?: number) {
    super(words);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** how long a request is worth something: clocks may differ by half of it */
const validMs = 600_000;
/** longest query of a GET: some servers in between stop at 2 KiB */
const longestQuery = 2_000;
/** most of a list that CloudStack gives at once unless its operator says otherwise (default.page.size) */
const pageSize = 500;
/** how often a list is begun anew before it is said to change too fast */
const readings = 5;
const requestsAtOnce = 8;

/** How a site is asked. */
export interface ApiOptions {
  readonly http: Http;
  readonly url: string;
  readonly clock: Clock;
  credentials(): Promise<CloudStackCredentials>;
}

/** Sends commands. */
export class CloudStackApi {
  readonly #options: ApiOptions;
  readonly #slots = new Slots(requestsAtOnce);

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** The answer's content. Errors: CloudStackError, and Faults of HTTP and of answers that are none. */
  async call(command: string, parameters: Parameters, signal: AbortSignal): Promise<Json> {
    signal.throwIfAborted();
    const { http, url, clock } = this.#options;
    const expires = new Date(clock.now() + validMs).toISOString().replace(/\.\d+Z$/, '+0000');
    const query = signed({ ...parameters, command, response: 'json', expires }, await this.#options.credentials());
    const leave = await this.#slots.take(signal);
    try {
      if (query.length <= longestQuery) return contentOf(await http({ method: 'GET', url: `${url}?${query}` }, signal));
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return contentOf(await http({ method: 'POST', url, headers, body: query }, signal));
    } finally {
      leave();
    }
  }

  /**
   * All pages of a list. They are cut by position, oldest first: what goes meanwhile moves the rest up, and one might slip
   * past. So each page's last one must still be where it was when the next page has been read; else it is begun anew.
   */
  async list(command: string, name: string, parameters: Parameters, signal: AbortSignal): Promise<readonly Json[]> {
    for (let reading = 1; reading <= readings; reading += 1) {
      const all = await this.#pages(command, name, parameters, signal);
      if (all !== null) return all;
    }
    throw new Fault('unavailable', `${command}: what is listed changes faster than it can be read`);
  }

  async #pages(command: string, name: string, parameters: Parameters, signal: AbortSignal): Promise<Json[] | null> {
    const all: Json[] = [];
    const read = async (page: number, size: number) =>
      listIn(await this.call(command, { ...parameters, page: String(page), pagesize: String(size) }, signal), name);
    for (let page = 1; ; page += 1) {
      const last = all.at(-1);
      const found = await read(page, pageSize);
      if (last !== undefined && textIn((await read(all.length, 1))[0] ?? {}, 'id') !== textIn(last, 'id')) return null;
      all.push(...found);
      if (found.length < pageSize) return all;
    }
  }
}

/** The text there, numbers too; undefined where there is none, or an empty one. */
export function textIn(object: Json, name: string): string | undefined {
  const value = object[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The number there; undefined where there is none. */
export function numberIn(object: Json, name: string): number | undefined {
  const value = Number(object[name] ?? NaN);
  return Number.isFinite(value) ? value : undefined;
}

/** The objects of a list; none where there is no list: CloudStack leaves an empty one out. */
export function listIn(object: Json, name: string): readonly Json[] {
  const value = object[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The object there; an empty one where there is none. */
export function objectIn(object: Json, name: string): Json {
  const value = object[name];
  return isObject(value) ? value : {};
}

/** Parameters as `tags[0].key`, `tags[0].value`, `tags[1].key` …, as CloudStack takes maps. */
export function tagParameters(tags: Readonly<Record<string, string>>): Parameters {
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value], index) => [
      [`tags[${index}].key`, key],
      [`tags[${index}].value`, value],
    ]),
  );
}

function signed(parameters: Parameters, { apiKey, secretKey }: CloudStackCredentials): string {
  const all: Parameters = { ...parameters, apiKey, signatureVersion: '3' };
  const pairs = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const plain = pairs
    .map(([name, value]) => [name.toLowerCase(), encoded(value).toLowerCase()] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='));
  const signature = createHmac('sha1', secretKey).update(plain.join('&')).digest('base64');
  const sent = [...pairs, ['signature', signature] as const];
  return sent.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
}

/** As Java's URLEncoder, blanks as %20: of what encodeURIComponent leaves alone it takes these. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function contentOf({ status, text, retryAfterMs }: HttpAnswer): Json {
  const document = parsed(text);
  const content = isObject(document) ? Object.values(document)[0] : undefined;
  if (!isObject(content)) throw nonsense(status, text, retryAfterMs);
  const code = numberIn(content, 'errorcode') ?? (status === 200 ? undefined : status);
  if (code === undefined) return content;
  const words = textIn(content, 'errortext') ?? `HTTP ${status}`;
  throw new CloudStackError(code, words, retryAfterMs ?? waitIn(code, words));
}

/** The limit of API calls says how long to wait in its words: "please retry after 4213 ms". */
function waitIn(code: number, words: string): number | undefined {
  const [, ms] = code === 429 ? (/retry after (\d+) ?ms/i.exec(words) ?? []) : [];
  return ms === undefined ? undefined : Number(ms);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is no answer of CloudStack: a page of something in between, or a part of one. */
function nonsense(status: number, text: string, retryAfterMs: number | undefined): Fault {
  const plain = text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  const words = plain.trim().slice(0, 120);
  const code = status === 429 ? 'throttled' : status === 401 || status === 403 ? 'denied' : 'unavailable';
  const message = `HTTP ${status}: the answer is not CloudStack's: ${words === '' ? '(nothing)' : words}`;
  return new Fault(code, message, { words, retryAfterMs });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
