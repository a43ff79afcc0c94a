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

/** What may be said besides with a call that begins something which takes time. */
export interface BeginOptions extends CallOptions {
  /** when the operation has failed if it has not ended; an hour when absent */
  readonly deadlineSeconds?: number;
  /** whether what was done is taken back then */
  readonly rollBack?: boolean;
}

/** Until when the answer is waited for, or how something is begun. */
export type Beginning = AbortSignal | BeginOptions;

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

/** What of a call is told as its query. */
export function limitsIn(how: Beginning | undefined): { deadline?: number; rollBack?: 'true' } {
  if (how === undefined || how instanceof AbortSignal) return {};
  return {
    ...(how.deadlineSeconds === undefined ? {} : { deadline: how.deadlineSeconds }),
    ...(how.rollBack === true ? { rollBack: 'true' } : {}),
  };
}

function tagMeant(meant: object | string): string {
  const tag = typeof meant === 'string' ? meant : tagOf(meant);
  if (tag !== undefined) return tag;
  throw new TypeError('ifMatch: this came under no ETag; give what `show` answered, as it was answered');
}
