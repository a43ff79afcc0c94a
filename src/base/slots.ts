/** Slots: at most so many at once; the others wait in the order in which they came. */
import { unlessAborted } from './abort.ts';

/** A counting semaphore whose waiters can give up. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param count how many may hold a slot at once */
  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a slot and takes it; whoever got it calls the answer, once, to give it back. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
    return () => this.#give();
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    try {
      await unlessAborted(signal, promise);
    } catch (error) {
      this.#leave(resolve);
      throw error;
    }
  }

  /** A waiter that gives up leaves the queue; one that was handed a slot in the same moment hands it on. */
  #leave(resolve: () => void): void {
    const at = this.#waiting.indexOf(resolve);
    if (at >= 0) this.#waiting.splice(at, 1);
    else this.#give();
  }

  #give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
