/**
 * Simulated time: a queue of events, each with its moment. An event happens when everything that the one before it set in
 * motion has come to rest, and of events of one moment chance takes the next; so a seed decides every order there is (I10).
 *
 * Coming to rest costs no turn of the event loop: Node runs the queue of ticks when no microtask is left, and a microtask
 * that asks for a tick is therefore answered after all of them.
 */
import type { Clock, Timer } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';

interface Happening {
  readonly at: number;
  readonly order: number;
  action: (() => void) | null;
}

const soon = Promise.resolve();
/** Every so many events the event loop gets a turn, for what Node itself has to do. */
const turnEvery = 4_096;

/** The time of one simulated world, in milliseconds from its beginning. */
export class Timeline {
  readonly #chance: Random;
  readonly #heap: Happening[] = [];
  /** how far the control plane's wall clock is ahead of the truth, milliseconds */
  aheadMs = 0;
  #passed = 0;
  #count = 0;
  /** how many events have happened */
  get events(): number {
    return this.#count;
  }

  constructor(chance: Random) {
    this.#chance = chance;
  }

  get now(): number {
    return this.#passed;
  }

  /** Has something happen in `ms` milliseconds. */
  after(ms: number, action: () => void): Timer {
    const happening: Happening = { at: this.#passed + Math.max(0, ms), order: this.#chance.below(2 ** 32), action };
    this.#push(happening);
    return { cancel: () => (happening.action = null) };
  }

  /** Resolves after so long. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Lets time go on until `done` resolves; an error when nothing is left that could bring that about. */
  run(done: Promise<void>): Promise<void> {
    let ended = false;
    return new Promise((resolve, reject) => {
      const step = (): void => {
        if (ended) return;
        const next = this.#pop();
        if (next === undefined) {
          reject(new Error('the simulated world has come to rest, and what was waited for has not happened'));
          return;
        }
        this.#count += 1;
        this.#passed = next.at;
        next.action?.();
        // as `queueMicrotask` does it, without the resource that Node makes for each of those
        void soon.then(settle);
      };
      const settle = () => {
        if (this.#count % turnEvery === 0) setImmediate(step);
        else process.nextTick(step);
      };
      done.finally(() => (ended = true)).then(resolve, reject);
      queueMicrotask(settle);
    });
  }

  #push(one: Happening): void {
    const heap = this.#heap;
    let at = heap.push(one) - 1;
    for (let up = (at - 1) >> 1; at > 0 && isBefore(one, heap[up]!); up = (at - 1) >> 1) {
      heap[at] = heap[up]!;
      at = up;
    }
    heap[at] = one;
  }

  /** The next event that was not taken back. */
  #pop(): Happening | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return undefined;
      this.#drop();
      if (first.action !== null) return first;
    }
  }

  #drop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (let down = 1; down < heap.length; down = 2 * at + 1) {
      if (down + 1 < heap.length && isBefore(heap[down + 1]!, heap[down]!)) down += 1;
      if (!isBefore(heap[down]!, last)) break;
      heap[at] = heap[down]!;
      at = down;
    }
    heap[at] = last;
  }
}

function isBefore(one: Happening, other: Happening): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** When simulated time begins. */
export const epochMs = Date.UTC(2026, 0, 1);

/** No timer of Node's is shorter, milliseconds; a remainder that a sum of fractions leaves over would stop time for good. */
const shortestTimerMs = 1;

/** The timeline as a Clock; what `isDead` has ended is not called any more. */
export function clockOf(timeline: Timeline, isDead: () => boolean): Clock {
  return {
    now: () => Math.floor(epochMs + timeline.now + timeline.aheadMs),
    monotonic: () => timeline.now,
    after: (ms, action) =>
      timeline.after(Math.max(shortestTimerMs, ms), () => {
        if (!isDead()) action();
      }),
  };
}
