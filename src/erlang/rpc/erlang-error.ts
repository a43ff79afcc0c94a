/** What a called function raised on its node, as a value one can look into and print. */
import { formatTerm } from '../term/format.ts';
import type { Term } from '../term/types.ts';

/**
 * `throw`, `error`, `exit`: what the function did (`exit` also when its process was killed); `erpc`: the call itself failed
 * on the node, e.g. with `system_limit` or `notsup`.
 */
export const errorClasses = ['throw', 'error', 'exit', 'erpc'] as const;

export type ErrorClass = (typeof errorClasses)[number];

/** Characters of a reason in a message; a reason can hold a whole state. */
const textMax = 2000;

/** A call that reached the node and did not return a value. */
export class ErlangError extends Error {
  override readonly name = 'ErlangError';
  readonly class: ErrorClass;
  /** what was raised; without the stack */
  readonly reason: Term;
  /** the stack trace of an `error`, else the empty list */
  readonly stackTrace: Term;
  /** the reason as Erlang text, cut when very long */
  readonly text: string;

  constructor(errorClass: ErrorClass, reason: Term, stack: Term = []) {
    const text = formatTerm(reason, textMax);
    super(`${errorClass}: ${text}`);
    this.class = errorClass;
    this.reason = reason;
    this.stackTrace = stack;
    this.text = text;
  }
}
