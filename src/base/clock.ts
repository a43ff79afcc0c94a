/**
 * Time as a value that is handed in (I10): no other file reads the machine's clock or sets a timer, so that the
 * loops can run under a scripted one.
 */

/** A timer that has been set and can be taken back. */
export interface Timer {
  cancel(): void;
}

/** The passing of time. */
export interface Clock {
  /** wall-clock time, milliseconds since 1970-01-01 UTC; may jump */
  now(): number;
  /** time since some fixed moment, milliseconds with fractions; never goes back */
  monotonic(): number;
  /** calls `action` once, `ms` milliseconds from now */
  after(ms: number, action: () => void): Timer;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, action) {
    const handle = setTimeout(action, ms);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Waits `ms` milliseconds; rejects with the signal's reason when that comes first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const stop = () => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** The time as RFC 3339 text in UTC, e.g. `2026-05-01T12:00:00.000Z`. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

/** Lets everything else that is ready have its turn of the event loop first. No time passes: also under a scripted clock. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
