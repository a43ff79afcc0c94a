/**
 * A clock that stands still until a test moves it. Timers fire in the order of their times (of equal ones in the order
 * in which they were set), each with the clock at its own time, and everything that a timer sets in motion settles
 * before the next one fires: the same test sees the same order every time (I10).
 */
import type { Clock, Timer } from '../../src/base/clock.ts';

/** A Clock under the test's command. */
export interface FakeClock extends Clock {
  /** Moves time forward by `ms` milliseconds, firing what falls due; resolves when all of it has settled. */
  advance(ms: number): Promise<void>;
  /** Sets the clock on the wall forwards or back, as a person may; what counts durations goes on. */
  set(ms: number): void;
  /** how many timers are set */
  readonly pending: number;
}

interface Alarm {
  readonly at: number;
  readonly action: () => void;
}

/** A clock that starts at `startMs` (milliseconds since 1970; 2026-01-01 when absent). */
export function fakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  const alarms = new Set<Alarm>();
  let passed = 0;
  let wrong = 0;
  const due = (until: number) =>
    [...alarms].filter((alarm) => alarm.at <= until).reduce<Alarm | undefined>(earlier, undefined);
  return {
    now: () => startMs + passed + wrong,
    monotonic: () => passed,
    after(ms, action): Timer {
      const alarm = { at: passed + Math.max(0, ms), action };
      alarms.add(alarm);
      return { cancel: () => void alarms.delete(alarm) };
    },
    async advance(ms) {
      const until = passed + ms;
      await settle();
      for (let next = due(until); next !== undefined; next = due(until)) {
        alarms.delete(next);
        passed = next.at;
        next.action();
        await settle();
      }
      passed = until;
    },
    set: (ms) => void (wrong += ms),
    get pending() {
      return alarms.size;
    },
  };
}

function earlier(best: Alarm | undefined, one: Alarm): Alarm {
  return best === undefined || one.at < best.at ? one : best;
}

/** Lets every promise that can go on do so: an immediate runs only when no such work is left. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
