/**
 * How long ago a recorded moment is. Records carry the wall clock's time, and that may be set at any moment, by an hour,
 * forwards or back: then a node that boots would be late at once, or a pause would last an hour longer. So the wall clock
 * is asked about a moment once only, when this process meets it; from then on the monotonic clock counts. A moment that
 * lies in the future, because the clock was set back while we were not running, is taken to be now.
 */
import type { World } from './world.ts';

/** What is remembered of a moment. */
export interface Moment {
  readonly since: string;
  /** how long ago it was when it was met */
  readonly elapsedMs: number;
  /** when it was met, monotonic milliseconds */
  readonly at: number;
}

/** Moments are forgotten all at once when there are so many; those that still count are met again. */
const momentsMax = 100_000;

/** Milliseconds since `since`, the moment at which `what` (one name for each thing that has moments) came to be as it is. */
export function elapsedSince({ clock, memory }: Pick<World, 'clock' | 'memory'>, what: string, since: string): number {
  const { moments } = memory;
  const at = clock.monotonic();
  const known = moments.get(what);
  if (known?.since === since) return known.elapsedMs + at - known.at;
  const elapsedMs = Math.max(0, clock.now() - Date.parse(since));
  if (moments.size >= momentsMax) moments.clear();
  moments.set(what, { since, elapsedMs, at });
  return elapsedMs;
}
