/** How long to wait before the next try: exponential with jitter, after Brooker, "Exponential Backoff And Jitter" (AWS, 2015). */
import type { Random } from './random.ts';

/** The bounds of the waits, milliseconds. */
export interface BackoffLimits {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * The wait before try number `attempt` of a call to somebody else, uniformly between nothing and all of the exponential step
 * ("full jitter"): of many that were refused together the fewest come back together.
 */
export function fullJitterMs(limits: BackoffLimits, attempt: number, random: Random): number {
  return random.below(stepMs(limits, attempt) + 1);
}

/** The wait before try number `attempt` (1 = the first repetition), uniformly between half and all of the exponential step. */
export function backoffMs(limits: BackoffLimits, attempt: number, random: Random): number {
  const step = stepMs(limits, attempt);
  return Math.round(step / 2 + random.below(Math.ceil(step / 2) + 1));
}

function stepMs({ firstMs, longestMs }: BackoffLimits, attempt: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 30));
}
