/**
 * Fault: the one error that crosses rooms on purpose. Programs act on its code, people read its words.
 * Everything else that is thrown is a surprise, and the loops treat it as one.
 */

export const faultCodes = [
  /** the thing asked for does not exist */
  'not-found',
  /** a thing of that name exists already, and is another one */
  'exists',
  /** the request itself is wrong; repeating it cannot help */
  'invalid',
  /** credentials or permissions are refused, or a host's identity is not the pinned one */
  'denied',
  /** an account's limit is reached */
  'quota',
  /** the provider has no room of that kind at the moment */
  'no-capacity',
  /** too many requests; see retryAfterMs */
  'throttled',
  /** the other side cannot be reached or is broken at the moment */
  'unavailable',
  /** no answer in time: the act may have happened all the same */
  'timeout',
  /** somebody changed it since it was read */
  'conflict',
  /** no placement satisfies the demands */
  'unsatisfiable',
  /** the same version failed before and was rolled back */
  'quarantined',
  /** everything else, in the other side's own words */
  'unknown',
] as const;

/** The short list of reasons on which a caller may branch. */
export type FaultCode = (typeof faultCodes)[number];

/** What a fault carries besides its code and words. */
export interface FaultDetail {
  /** the object the fault is about, e.g. `host 10.78.0.11` */
  readonly object?: string | undefined;
  /** the provider's or node's own message, unedited */
  readonly words?: string | undefined;
  /** what the user can do next: a sentence or a command */
  readonly next?: string | undefined;
  /** how long the other side asked us to wait, milliseconds */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** An expected failure: a code to act on, a sentence to read, and what is known about the cause. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly detail: FaultDetail;

  constructor(code: FaultCode, message: string, detail: FaultDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.detail = detail;
  }
}

/** The fault code of anything thrown; `unknown` for what is no Fault. */
export function faultCodeOf(error: unknown): FaultCode {
  return error instanceof Fault ? error.code : 'unknown';
}

/** The words of anything thrown: its message, and the other side's own words behind it where they say more. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error instanceof Fault ? error.detail.words : undefined;
  return own !== undefined && own !== '' && !error.message.includes(own) ? `${error.message}: ${own}` : error.message;
}
