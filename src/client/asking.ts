/** How a question is asked: until when, on which condition, under which key. */
import { tagOf } from './etag.ts';

/** What may be said with every call, instead of a signal alone. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** only if the thing is still what it was in this answer (or under this ETag): else a problem of kind `stale` */
  readonly ifMatch?: object | string;
  /** only if there is no such thing yet: for `plans.create` */
  readonly ifAbsent?: boolean;
  /** the key under which a change is done once; one is drawn for every call when it is absent */
  readonly idempotencyKey?: string;
}

/** Until when, or how. */
export type Asking = AbortSignal | CallOptions;

/** What of a call is told to `fetch`. */
export type Init = {
  signal?: AbortSignal;
  headers?: Record<string, string>;
};

/** Turns what was said with a call into what is sent. TypeError for an `ifMatch` that came under no ETag. */
export function initOf(how: Asking | undefined): Init {
  if (how === undefined) return {};
  if (how instanceof AbortSignal) return { signal: how };
  const { signal, ifMatch, ifAbsent, idempotencyKey } = how;
  const headers = {
    ...(ifMatch === undefined ? {} : { 'if-match': tagMeant(ifMatch) }),
    ...(ifAbsent === true ? { 'if-none-match': '*' } : {}),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  };
  return { ...(signal === undefined ? {} : { signal }), headers };
}

function tagMeant(meant: object | string): string {
  const tag = typeof meant === 'string' ? meant : tagOf(meant);
  if (tag !== undefined) return tag;
  throw new TypeError('ifMatch: this came under no ETag; give what `show` answered, as it was answered');
}
