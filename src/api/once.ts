/**
 * Idempotency-Key: a changing request under a key is done once, however often it is sent (the draft
 * draft-ietf-httpapi-idempotency-key-header has the header and the status codes). That it was begun is on disk before it
 * is done, its answer once it is known; keys are of a token, and kept for a day.
 *
 *   sent again                           gets
 *   after its answer                     that answer, with `Idempotency-Replayed: true`
 *   while it is being done               the answer, when there is one
 *   with another content                 422: a key belongs to one request
 *   after a refusal that did nothing     done anew: it may go well this time
 *   after a control plane's death        409 `unsettled`: nobody knows whether it was done. What may safely be done
 *                                        again (`repeatable`) is done again
 *
 * A failure that leaves open whether something was done (unavailable, timeout, …) is an answer and is kept.
 */
import type { FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { Fault, wordsOf } from '../base/fault.ts';
import { inTurn } from '../base/turns.ts';
import type { Problem } from '../model/problem.ts';
import type { ProblemKind } from '../model/problem-kind.ts';
import type { KeptAnswer, KeptRequest, RequestKey } from '../store/store.ts';
import type { ApiContext } from './api-context.ts';
import type { Endpoint } from './endpoint.ts';
import { problem, problemOf } from './problem-of.ts';

/** An answer, done now or told again. */
export interface Outcome extends KeptAnswer {
  readonly replayed: boolean;
}

/** A request that is to be done once. */
export interface OnceRequest {
  readonly id: RequestKey;
  /** method, path, conditions and body */
  readonly content: string;
  /** reads an upload to its end, and says what it was; nothing when it is no upload */
  readonly upload?: Upload | undefined;
  readonly repeatable: boolean;
  /** aborts when the client goes away, where that ends the act */
  readonly signal: AbortSignal;
}

/** Problems after which it is certain that nothing was done. */
const undone: ReadonlySet<ProblemKind> = new Set([
  'invalid',
  'not-found',
  'exists',
  'unsatisfiable',
  'conflict',
  'stale',
  'quarantined',
  'denied',
  'unauthorized',
]);

/** The key of a request; undefined when it has none. Fault invalid for one that is none. */
export function keyOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Fault('invalid', 'an Idempotency-Key has 1 to 255 visible ASCII characters', {
    object: 'header Idempotency-Key',
    next: 'send a random one, for example a UUID',
  });
}

/** What makes two requests the same. */
export function contentOf({ method, url, headers, body }: FastifyRequest, endpoint: Endpoint): string {
  const condition = [headers['if-match'] ?? null, headers['if-none-match'] ?? null];
  return JSON.stringify([method, url, condition, endpoint.takes === undefined ? (body ?? null) : null]);
}

/** Does requests under keys, each once. */
export class Once {
  readonly #context: ApiContext;

  constructor(context: ApiContext) {
    this.#context = context;
  }

  /** The request's answer: by doing it, or as it was. Throws what `act` throws the first time, and Fault invalid. */
  run(request: OnceRequest, act: () => Promise<KeptAnswer>): Promise<Outcome> {
    const { id, signal } = request;
    return inTurn(`request ${JSON.stringify([id.token, id.key])}`, signal, () => this.#run(request, act));
  }

  async #run(request: OnceRequest, act: () => Promise<KeptAnswer>): Promise<Outcome> {
    const known = await this.#begin(request);
    if (known !== undefined && !known.isSame) throw anotherContent(request.id.key);
    if (known !== undefined && known.answer !== null) return { ...known.answer, replayed: true };
    if (known !== undefined && !request.repeatable) return { ...unsettled(known.at), replayed: true };
    return { ...(await this.#do(request, act)), replayed: false };
  }

  /** The digest of an upload is known at its end only: one that comes again is read before it is compared. */
  async #begin({ id, content, upload }: OnceRequest): Promise<KeptRequest | undefined> {
    const { requests } = this.#context.store;
    if (upload === undefined) return requests.begin(id, content);
    const known = await requests.begin(id, content);
    if (known === undefined) return undefined;
    if (known.answer === null) return { ...known, isSame: true };
    return requests.begin(id, `${content} ${await upload.rest()}`);
  }

  async #do(request: OnceRequest, act: () => Promise<KeptAnswer>): Promise<KeptAnswer> {
    const { id, content, upload, signal } = request;
    try {
      const answer = await act();
      await this.#settle(id, answer, upload === undefined ? undefined : `${content} ${await upload.rest()}`);
      return answer;
    } catch (error) {
      const told = signal.aborted ? brokenOff(error) : problemOf(error);
      const { requests } = this.#context.store;
      if (undone.has(told.kind) || upload !== undefined) await requests.forget(id).catch(() => undefined);
      else await this.#settle(id, { status: told.status, body: told });
      throw error;
    }
  }

  /** What was done is done: that its answer cannot be kept is no reason to withhold it. */
  async #settle(id: RequestKey, answer: KeptAnswer, content?: string): Promise<void> {
    try {
      await this.#context.store.requests.settle(id, answer, content);
    } catch (error) {
      this.#context.log.error({ error: wordsOf(error), key: id.key }, 'an answer could not be kept for its key');
    }
  }
}

function anotherContent(key: string): Fault {
  return new Fault('invalid', `the Idempotency-Key ${key} was sent with another request before`, {
    object: 'header Idempotency-Key',
    next: 'take a new key for a new request',
  });
}

function unsettled(at: string): KeptAnswer {
  const body = problem('unsettled', `this was begun at ${at}, and the control plane ended before it was answered`, {
    next: 'look at what there is (wombat status, wombat events); to have it done now, send it with a new key',
  });
  return { status: body.status, body };
}

function brokenOff(error: unknown): Problem {
  return problem('unsettled', 'the connection was lost while this was being done: it may have been done in part', {
    words: wordsOf(error),
    next: 'look at what there is; to have it done again, send it with a new key',
  });
}

/** The bytes of an upload as they pass, and what they come to. */
export class Upload {
  readonly #hash = createHash('sha256');
  readonly #bytes: AsyncIterator<Uint8Array>;
  #digest: string | undefined;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#bytes = bytes[Symbol.asyncIterator]();
  }

  /** The bytes, to be read once. Whoever stops early leaves the rest to `rest`. */
  async *read(): AsyncGenerator<Uint8Array> {
    for (let next = await this.#bytes.next(); next.done !== true; next = await this.#bytes.next()) {
      this.#hash.update(next.value);
      yield next.value;
    }
  }

  /** Lets go of the request: only then can somebody else take what nobody has read. */
  async stop(): Promise<void> {
    await this.#bytes.return?.();
  }

  /** Reads what nobody has read, and answers the digest of all. */
  async rest(): Promise<string> {
    if (this.#digest !== undefined) return this.#digest;
    const bytes = this.read();
    while ((await bytes.next()).done !== true);
    return (this.#digest = this.#hash.digest('hex'));
  }
}
