/** What goes wrong in the simulated cloud, on command: each mishap meets one call of its verb, in the order commanded. */
import type { Clock } from '../../base/clock.ts';
import { faultCodeOf } from '../../base/fault.ts';
import type { FaultCode } from '../../base/fault.ts';
import type { Verb } from '../cloud.ts';

/** What can happen to a call. */
export type Mishap =
  /** refused: nothing happens */
  | { readonly what: 'fail'; readonly code: FaultCode; readonly words?: string; readonly retryAfterMs?: number }
  /** it happens, and the answer is lost: the caller sees a timeout */
  | { readonly what: 'lose' }
  /** the caller sees a timeout at once, and it happens `ms` milliseconds later */
  | { readonly what: 'late'; readonly ms: number }
  /** the request arrives twice */
  | { readonly what: 'double' };

/** A simulated provider's own error: no Fault, as a real provider's would be none. */
export class MemoryError extends Error {
  override readonly name = 'MemoryError';
  readonly code: FaultCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: FaultCode, words: string, retryAfterMs?: number) {
    super(words);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The code that the simulated provider put on its error. */
export function faultOfMemory(error: unknown): FaultCode {
  return error instanceof MemoryError ? error.code : faultCodeOf(error);
}

/** A call that something may happen to. */
interface Call {
  readonly verb: Verb;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The mishaps that are to come. */
export class Mishaps {
  readonly #coming = new Map<Verb, Mishap[]>();
  /** while it is a text, every call fails with it as `unavailable` */
  outage: string | null = null;

  /** Has the next call of `verb` that no mishap waits for yet meet this one. */
  next(verb: Verb, mishap: Mishap): void {
    this.#coming.set(verb, [...(this.#coming.get(verb) ?? []), mishap]);
  }

  /** Nothing is to come any more. */
  clear(): void {
    this.#coming.clear();
  }

  /** Carries the call out, or has it meet what is coming to it. `act` happens at once and whole. */
  meet<T>(call: Call, act: () => T): Promise<T> {
    return Promise.try(() => this.#meet(call, act));
  }

  #meet<T>({ verb, clock, signal }: Call, act: () => T): T {
    signal.throwIfAborted();
    if (this.outage !== null) throw new MemoryError('unavailable', this.outage);
    const mishap = this.#coming.get(verb)?.shift();
    if (mishap === undefined) return act();
    if (mishap.what === 'fail') throw refusal(verb, mishap);
    if (mishap.what === 'late') clock.after(mishap.ms, act);
    else act();
    if (mishap.what === 'double') return act();
    throw new MemoryError('timeout', `${verb}: the answer got lost`);
  }
}

function refusal(verb: Verb, { code, words, retryAfterMs }: Extract<Mishap, { what: 'fail' }>): MemoryError {
  return new MemoryError(code, words ?? `${verb}: refused on command (${code})`, retryAfterMs);
}
