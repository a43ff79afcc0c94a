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

/** Whoever asks for a moment asks again within so long: all loops look more often. Those of what is gone are forgotten then. */
const keptMs = 1_800_000;

/** The moments that were met, by what they are of: those that somebody asked for in the last half hour, and a little longer. */
export class Moments {
  #young = new Map<string, Moment>();
  #former = new Map<string, Moment>();
  #begun = -Infinity;

  /** The last moment of that name that is known. */
  get(what: string, now: number): Moment | undefined {
    this.#age(now);
    const found = this.#young.get(what) ?? this.#former.get(what);
    if (found !== undefined) this.#young.set(what, found);
    return found;
  }

  set(what: string, moment: Moment): void {
    this.#young.set(what, moment);
  }

  clear(): void {
    this.#young.clear();
    this.#former.clear();
  }

  #age(now: number): void {
    if (now - this.#begun < keptMs) return;
    this.#former = this.#young;
    this.#young = new Map();
    this.#begun = now;
  }
}

/** Milliseconds since `since`, the moment at which `what` (one name for each thing that has moments) came to be as it is. */
export function elapsedSince({ clock, memory }: Pick<World, 'clock' | 'memory'>, what: string, since: string): number {
  const { moments } = memory;
  const at = clock.monotonic();
  const known = moments.get(what, at);
  if (known?.since === since) return known.elapsedMs + at - known.at;
  const elapsedMs = Math.max(0, clock.now() - Date.parse(since));
  moments.set(what, { since, elapsedMs, at });
  return elapsedMs;
}
