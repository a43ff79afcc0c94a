/**
 * The deadlines of many waits, on few timers: waits of the same length end in the order in which they began, so each length
 * has one queue and one timer, and a wait that ends in time costs no timer at all.
 */
import type { Clock, Timer } from '../../base/clock.ts';

interface Queue {
  /** what waits, oldest first, and when its time is over */
  readonly due: Map<number, number>;
  timer: Timer | undefined;
}

/** Tells when a wait, known by its number, has taken too long. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #late: (wait: number) => void;
  readonly #queues = new Map<number, Queue>();

  constructor(clock: Clock, late: (wait: number) => void) {
    this.#clock = clock;
    this.#late = late;
  }

  add(wait: number, ms: number): void {
    const queue = this.#queues.get(ms) ?? this.#open(ms);
    queue.due.set(wait, this.#clock.monotonic() + ms);
    queue.timer ??= this.#arm(queue, ms, ms);
  }

  remove(wait: number, ms: number): void {
    this.#queues.get(ms)?.due.delete(wait);
  }

  /** No wait ends late any more. */
  clear(): void {
    for (const { timer } of this.#queues.values()) timer?.cancel();
    this.#queues.clear();
  }

  #open(ms: number): Queue {
    const queue: Queue = { due: new Map(), timer: undefined };
    this.#queues.set(ms, queue);
    return queue;
  }

  #arm(queue: Queue, ms: number, afterMs: number): Timer {
    return this.#clock.after(afterMs, () => this.#ring(queue, ms));
  }

  #ring(queue: Queue, ms: number): void {
    const now = this.#clock.monotonic();
    queue.timer = undefined;
    for (const [wait, due] of queue.due) {
      if (due > now) {
        queue.timer ??= this.#arm(queue, ms, due - now);
        return;
      }
      queue.due.delete(wait);
      this.#late(wait);
    }
    if (queue.due.size === 0) this.#queues.delete(ms);
  }
}
