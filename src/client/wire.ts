/** The way to the control plane and back: the token on every request, a ProblemError for whatever goes wrong. */
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { newId, systemRandom } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import { problemKinds } from '../model/problem-kind.ts';
import type { Problem } from '../model/problem.ts';
import { ProblemError, localProblem } from './problem-error.ts';
import { lasting } from './retry.ts';

/** Longest wait for an answer that is no stream; the control plane itself gives up a little earlier. */
const answerMs = 150_000;

/** How the control plane is reached. */
export interface WireOptions {
  /** without `/api/v1` */
  readonly url: string;
  readonly token: string;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** One control plane, as requests see it. */
export class Wire {
  readonly url: string;
  readonly #options: WireOptions;

  constructor(options: WireOptions) {
    this.url = options.url.replace(/\/+$/, '');
    this.#options = options;
  }

  /**
   * `fetch` as the generated client calls it: with the token, under a deadline, and again where the connection is lost
   * before the whole answer is there. A change carries a key, so that it is done once.
   */
  readonly request = (request: Request): Promise<Response> => {
    const { clock = systemClock, random = systemRandom } = this.#options;
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(answerMs)]);
    if (request.method !== 'GET') this.#giveKey(request.headers);
    return lasting(async () => whole(await this.#send(request.clone(), signal)), { clock, random, signal }).catch(
      (error: unknown) => {
        throw this.broken(error, signal);
      },
    );
  };

  #giveKey(headers: Headers): void {
    const { random = systemRandom } = this.#options;
    if (!headers.has('idempotency-key')) headers.set('idempotency-key', newId(random, newId(random, 'k')));
  }

  /** A request whose body or answer is a stream: it lasts as long as it lasts. Rejects unless the answer is a success. */
  async stream(path: string, init: RequestInit & { readonly duplex?: 'half' }): Promise<Response> {
    const request = new Request(`${this.url}/api/v1${path}`, init);
    if (request.method !== 'GET') this.#giveKey(request.headers);
    const response = await this.#send(request, init.signal ?? undefined);
    if (response.ok) return response;
    throw new ProblemError(problemIn(response, await response.text()));
  }

  /** A WebSocket, with the token on its handshake. */
  socket(path: string): WebSocket {
    const url = `${this.url.replace(/^http/, 'ws')}/api/v1${path}`;
    // a browser's WebSocket takes no headers; Node's does (undici's WebSocketInit)
    return new WebSocket(url, { headers: { authorization: `Bearer ${this.#options.token}` } });
  }

  /** What to say when the connection fails. The reason of an abort by the caller is passed on as it is. */
  broken(error: unknown, signal: AbortSignal | undefined): unknown {
    if (error instanceof ProblemError) return error;
    if (isTimeout(error))
      return new ProblemError(localProblem('timeout', `${this.url} has not answered in time`), error);
    if (signal?.aborted === true) return signal.reason;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const words = cause instanceof Error ? cause.message : String(cause);
    const next = 'wombat up';
    return new ProblemError(
      localProblem('unavailable', `the control plane at ${this.url} cannot be reached`, { words, next }),
      error,
    );
  }

  async #send(request: Request, signal: AbortSignal | undefined): Promise<Response> {
    const { token, fetch: fetchWith = fetch } = this.#options;
    request.headers.set('authorization', `Bearer ${token}`);
    try {
      return await fetchWith(request, signal === undefined ? {} : { signal });
    } catch (error) {
      throw this.broken(error, signal);
    }
  }
}

/**
 * The same answer, its body read to the end: a connection that is lost in the middle of it is lost here. Who reads it as text
 * or JSON reads what is there, and no stream once more: a page of a long list is a megabyte.
 */
async function whole(response: Response): Promise<Response> {
  const { status, statusText, headers, url } = response;
  const body = response.body === null ? null : await response.arrayBuffer();
  const read = new Response(body, { status, statusText, headers });
  const text = (): string => (body === null ? '' : new TextDecoder().decode(body));
  return Object.defineProperties(read, {
    url: { value: url },
    text: { value: () => Promise.resolve(text()) },
    json: { value: () => Promise.try(() => JSON.parse(text()) as unknown) },
  });
}

/** The problem in an answer's body; made up from the status where the body is none (a proxy's page). */
export function problemIn(response: Response, body: unknown): Problem {
  const told: unknown = typeof body === 'string' ? parsed(body) : body;
  if (isProblem(told)) return told;
  const words = typeof body === 'string' ? body.slice(0, 400) : null;
  return localProblem('unknown', `${response.url} answered ${response.status} ${response.statusText}`, { words });
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'kind' in body && String(body.kind) in problemKinds;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
