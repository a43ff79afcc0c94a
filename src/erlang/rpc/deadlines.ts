/**
 * The deadlines of many waits, of all connections, on few timers: waits of the same length end in the order in which they
 * began, so each length has one queue and one timer, and a wait that ends in time costs no timer of its own. Where the timer
 * itself comes late, because we stood still, answers may have come in time that nobody has read: they are read first.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import { readOnMs } from '../../base/standstill.ts';

/** A wait under way: whoever needs it no more takes it out. */
export interface Wait {
  end(): void;
}

/** What a wait is called back with. */
interface Entry {
  readonly dueMs: number;
  readonly late: () => void;
}

/** Waits of one length, oldest first. */
class Queue {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #entries = new Set<Entry>();
  #timer: Timer | undefined;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  add(late: () => void): Wait {
    const entry = { dueMs: this.#clock.monotonic() + this.#ms, late };
    this.#entries.add(entry);
    this.#timer ??= this.#arm(this.#ms);
    return { end: () => this.#remove(entry) };
  }

  #remove(entry: Entry): void {
    if (!this.#entries.delete(entry) || this.#entries.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(ms: number): Timer {
    const dueMs = this.#clock.monotonic() + ms;
    return this.#clock.after(ms, () => {
      const leftMs = readOnMs(this.#clock.monotonic() - dueMs);
      if (leftMs === 0) this.#ring();
      else this.#timer = this.#clock.after(leftMs, () => this.#ring());
    });
  }

  #ring(): void {
    const now = this.#clock.monotonic();
    this.#timer = undefined;
    for (const entry of this.#entries) {
      if (entry.dueMs > now) break;
      this.#entries.delete(entry);
      entry.late();
    }
    const [first] = this.#entries;
    // what has just ended late may have begun other waits, and with them the timer
    (this.#timer as Timer | undefined)?.cancel();
    this.#timer = first === undefined ? undefined : this.#arm(first.dueMs - now);
  }
}

const queues = new WeakMap<Clock, Map<number, Queue>>();

/** Calls `late` unless the wait has ended within so many milliseconds. */
export function deadline(clock: Clock, ms: number, late: () => void): Wait {
  const ofClock = queues.get(clock) ?? new Map<number, Queue>();
  queues.set(clock, ofClock);
  const queue = ofClock.get(ms) ?? new Queue(clock, ms);
  ofClock.set(ms, queue);
  return queue.add(late);
}
