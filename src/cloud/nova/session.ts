/**
 * A session with a cloud whose services stand in a catalogue: a login is a token, its expiry and the places of the
 * services by region. The token is cached until shortly before it expires; one that is refused earlier is renewed once.
 */
import type { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import type { Http, HttpAnswer, HttpRequest } from '../../base/http.ts';
import { Slots } from '../../base/slots.ts';
import { jsonOf } from './answers.ts';

/** The services that are used. */
export type Service = 'compute' | 'network' | 'image';

/** A service's place in a region. */
export interface Endpoint {
  readonly service: Service;
  readonly region: string;
  /** with its version, without a slash at its end */
  readonly url: string;
}

/** What a login gives. */
export interface Login {
  readonly token: string;
  /** wall-clock time, milliseconds */
  readonly expiresAt: number;
  readonly endpoints: readonly Endpoint[];
  /** what the user may do in the project, in the cloud's words; empty where it does not say */
  readonly roles: readonly string[];
  /** the region that is the user's own; null where there is no such thing */
  readonly region: string | null;
}

/** Logs in; the session's only call without a token. */
export type Authenticate = (signal: AbortSignal) => Promise<Login>;

/** A service in a region. */
export interface Place {
  readonly service: Service;
  readonly region: string;
}

/** One call. */
export interface Call {
  readonly method: HttpRequest['method'];
  /** below the service's URL, with its query; begins with a slash */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A collection that comes in pages. */
export interface Collection<T> {
  /** its path with its filters */
  readonly path: string;
  /** its name in the answer: `servers` */
  readonly name: string;
  readonly item: z.ZodType<T>;
  /** what names the last item of a page, as the next page's marker */
  marker(item: T): string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** a token is not used in its last moments: the services look at their own clocks */
const marginMs = 60_000;
/** more pages than any project has */
const mostPages = 10_000;
/** how often a listing is begun whose place was lost */
const mostBeginnings = 4;

/** Speaks to the services of one account. */
export class Session {
  readonly #http: Http;
  readonly #clock: Clock;
  readonly #authenticate: Authenticate;
  readonly #turn = new Slots(1);
  #login: Login | undefined;

  constructor(http: Http, clock: Clock, authenticate: Authenticate) {
    this.#http = http;
    this.#clock = clock;
    this.#authenticate = authenticate;
  }

  /** The login that is in force, or a new one. */
  async login(signal: AbortSignal): Promise<Login> {
    signal.throwIfAborted();
    return await this.#renew(undefined, signal);
  }

  /** Whether the catalogue has the service there. */
  async has(place: Place, signal: AbortSignal): Promise<boolean> {
    return endpointIn(await this.login(signal), place) !== undefined;
  }

  /** Makes one call; the answer's JSON, or null for one without content. Faults as `jsonOf` says. */
  async call(place: Place, call: Call, signal: AbortSignal): Promise<unknown> {
    const login = await this.login(signal);
    const answer = await this.#send(login, place, call, signal);
    if (answer.status !== 401) return jsonOf(answer, whatOf(place, call));
    const renewed = await this.#renew(login, signal);
    return jsonOf(await this.#send(renewed, place, call, signal), whatOf(place, call));
  }

  /** Makes one call whose answer must be of that shape. */
  async ask<T>(place: Place, call: Call & { readonly answer: z.ZodType<T> }, signal: AbortSignal): Promise<T> {
    const parsed = call.answer.safeParse(await this.call(place, call, signal));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const words = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
    throw new Fault('unavailable', `${whatOf(place, call)}: the answer is not what the API promises`, { words });
  }

  /**
   * Everything of a collection, page by page: another one follows where the answer links to one. A page begins after the
   * last item of the one before; where that is gone by then, the provider does not know the place, and we begin anew.
   */
  async all<T>(place: Place, of: Collection<T>, signal: AbortSignal): Promise<T[]> {
    for (let nth = 1; ; nth += 1) {
      try {
        return await this.#pages(place, of, signal);
      } catch (error) {
        if (!(error instanceof LostPlace)) throw error;
        if (nth === mostBeginnings) throw error.fault;
      }
    }
  }

  async #pages<T>(place: Place, of: Collection<T>, signal: AbortSignal): Promise<T[]> {
    const items: T[] = [];
    let marker: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const path = marker === undefined ? of.path : withQuery(of.path, { marker });
      const call = { method: 'GET', path, ...(of.headers === undefined ? {} : { headers: of.headers }) } as const;
      const answer = await this.call(place, call, signal).catch((error: unknown) => {
        throw marker === undefined ? error : lostPlaceOr(error);
      });
      const found = itemsIn(answer, of, whatOf(place, call));
      items.push(...found);
      const last = found.at(-1);
      if (last === undefined || !linksOn(answer, of.name)) return items;
      const next = of.marker(last);
      if (next === marker) break;
      marker = next;
    }
    throw new Fault('unavailable', `${whatOf(place, { method: 'GET', path: of.path })}: its pages do not end`);
  }

  /** One login at a time: whoever waited uses the one that was made meanwhile. */
  async #renew(refused: Login | undefined, signal: AbortSignal): Promise<Login> {
    if (this.#isGood(refused)) return this.#login as Login;
    const leave = await this.#turn.take(signal);
    try {
      if (this.#isGood(refused)) return this.#login as Login;
      this.#login = await this.#authenticate(signal);
      return this.#login;
    } finally {
      leave();
    }
  }

  #isGood(refused: Login | undefined): boolean {
    const login = this.#login;
    return login !== undefined && login !== refused && login.expiresAt - marginMs > this.#clock.now();
  }

  async #send(login: Login, place: Place, call: Call, signal: AbortSignal): Promise<HttpAnswer> {
    const { service, region } = place;
    const endpoint = endpointIn(login, place);
    if (endpoint === undefined)
      throw new Fault('invalid', `the catalogue has no ${service} service in region ${region}`, {
        object: `region ${region}`,
        next: `it has these: ${login.endpoints.map((one) => `${one.service} in ${one.region}`).join(', ') || 'none'}`,
      });
    const headers = { 'X-Auth-Token': login.token, Accept: 'application/json', ...call.headers };
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const request = { method: call.method, url: `${endpoint.url}${call.path}`, headers };
    if (body === undefined) return await this.#http(request, signal);
    const typed = { ...headers, 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
    return await this.#http({ ...request, headers: typed, body }, signal);
  }
}

/** A page could not be asked for, because the item that it begins after is not there any more. */
class LostPlace extends Error {
  readonly fault: Fault;

  constructor({ message, detail }: Fault) {
    super(message);
    this.fault = new Fault('unavailable', message, detail);
  }
}

function lostPlaceOr(error: unknown): unknown {
  const isLost =
    error instanceof Fault && ['invalid', 'not-found'].includes(error.code) && /marker/i.test(error.message);
  return isLost ? new LostPlace(error) : error;
}

/** The path with these in its query as well. */
export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

function endpointIn(login: Login, { service, region }: Place): Endpoint | undefined {
  return login.endpoints.find((one) => one.service === service && one.region === region);
}

function whatOf({ service, region }: Place, { method, path }: Pick<Call, 'method' | 'path'>): string {
  return `${method} ${path.split('?')[0] ?? path} of ${service} in ${region}`;
}

function itemsIn<T>(answer: unknown, { name, item }: Collection<T>, what: string): T[] {
  const list = (answer as Record<string, unknown> | null)?.[name];
  const parsed = item.array().safeParse(list);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const words = `${name}.${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  throw new Fault('unavailable', `${what}: the answer is not what the API promises`, { words });
}

/** Compute and network link to the next page as `servers_links`, images as `next`. */
function linksOn(answer: unknown, name: string): boolean {
  const { [`${name}_links`]: links, next } = answer as Record<string, unknown>;
  if (typeof next === 'string') return true;
  return Array.isArray(links) && links.some((link) => (link as { rel?: unknown } | null)?.rel === 'next');
}
