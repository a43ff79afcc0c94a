/**
 * HTTP as adapters speak it: one request, one whole answer, under a deadline, a size limit and a guard on where it may
 * lead. An endpoint or a redirect that leads to this machine, to link-local or to metadata addresses is refused before a
 * byte is sent, unless the caller allows private ones; the address that was checked is the address that is connected to.
 * Redirects are not followed: no API of ours needs them. Connections are kept for a while, by each opener for itself: one that
 * was opened where private addresses are allowed is never used by somebody who may not go there.
 */
import { lookup as lookupName } from 'node:dns';
import { Agent as PlainAgent, request as requestPlain } from 'node:http';
import type { LookupAddress, LookupAllOptions } from 'node:dns';
import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { Agent as SecureAgent, request as requestSecure } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { withDeadline } from './abort.ts';
import { refusedAddress } from './address.ts';
import type { Clock } from './clock.ts';
import { Fault } from './fault.ts';

/** A request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** absolute, http or https */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Its answer, whatever its status; header names in lower case. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** what `Retry-After` asks for, milliseconds (RFC 9110, section 10.2.3) */
  readonly retryAfterMs: number | undefined;
}

/** How an adapter's requests are made. */
export interface HttpOptions {
  readonly clock: Clock;
  /** whether loopback, link-local and other addresses that no public cloud has may be asked */
  readonly allowPrivate: boolean;
  /** milliseconds for a request and its answer; 30 000 when absent */
  readonly deadlineMs?: number;
  /** how names are looked up; the machine's own way when absent */
  readonly resolve?: ResolveName;
}

/** Looks a name up: all of its addresses. */
export type ResolveName = (
  host: string,
  options: LookupAllOptions,
  answer: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Makes one request. Faults: invalid (no such URL), denied (an address that may not be asked), unavailable, timeout. */
export type Http = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** An unused connection is given up after this, before most servers do. */
const idleMs = 4_000;
/** Longest answer that is read, bytes. */
const longestAnswer = 32 * 2 ** 20;

/** HTTP under those options. */
export function openHttp({ clock, allowPrivate, deadlineMs = 30_000, resolve }: HttpOptions): Http {
  const lookup = guardedLookup(allowPrivate, resolve);
  const kept = { keepAlive: true, timeout: idleMs };
  const agents = { plain: new PlainAgent(kept), secure: new SecureAgent(kept) };
  return async (request, signal) => {
    const url = parseUrl(request.url, allowPrivate);
    const what = `${request.method} ${url.origin}${url.pathname}`;
    const act = (inner: AbortSignal) => exchange(request, url, { lookup, agents, what, signal: inner });
    return await withDeadline(clock, { ms: deadlineMs, what }, act, signal);
  };
}

interface Exchange {
  readonly lookup: LookupFunction;
  readonly agents: { readonly plain: PlainAgent; readonly secure: SecureAgent };
  readonly what: string;
  readonly signal: AbortSignal;
}

async function exchange(request: HttpRequest, url: URL, how: Exchange): Promise<HttpAnswer> {
  const { lookup, agents, what, signal } = how;
  try {
    const options = {
      agent: url.protocol === 'https:' ? agents.secure : agents.plain,
      method: request.method,
      headers: { ...request.headers },
      signal,
      lookup,
    };
    const message = await send(url, options, request.body);
    return await read(message, what);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof Fault) throw error;
    const words = error instanceof Error ? error.message : String(error);
    throw new Fault('unavailable', `${what}: ${words}`, { words, cause: error });
  }
}

function send(url: URL, options: RequestOptions, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? requestSecure : requestPlain;
    const outgoing = start(url, options, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function read(message: IncomingMessage, what: string): Promise<HttpAnswer> {
  const { statusCode: status = 0, headers } = message;
  let length = 0;
  message.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > longestAnswer) message.destroy(new Fault('unavailable', `${what}: the answer is longer than 32 MiB`));
  });
  return { status, headers, text: await textOf(message), retryAfterMs: retryAfter(headers['retry-after']) };
}

function retryAfter(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1_000 : undefined;
}

function parseUrl(text: string, allowPrivate: boolean): URL {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new Fault('invalid', `"${text}" is no http or https URL`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const why = allowPrivate || isIP(host) === 0 ? null : refusedAddress(host);
  if (why !== null) throw refused(host, why);
  return url;
}

/** Name look-up that refuses what the guard refuses: what was checked is what is connected to (no second look-up). */
export function guardedLookup(allowPrivate: boolean, resolve: ResolveName = lookupName): LookupFunction {
  return (host, options, answer) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        answer(error, '', 0);
        return;
      }
      const bad = allowPrivate ? undefined : addresses.find(({ address }) => refusedAddress(address) !== null);
      if (bad !== undefined) {
        answer(refused(host, refusedAddress(bad.address) ?? ''), '', 0);
        return;
      }
      const [first] = addresses;
      if (options.all === true) answer(null, addresses);
      else answer(null, first?.address ?? '', first?.family);
    });
  };
}

function refused(host: string, why: string): Fault {
  return new Fault('denied', `${host} is ${why}, which no provider may lead to`, {
    object: `endpoint ${host}`,
    next: 'if it is meant, say `allowPrivate: true` in the provider',
  });
}
