/** A bell that can be rung before anybody waits for it: nothing between a look and a wait is missed. */
import type { Clock } from '../base/clock.ts';

/** One waiter, many who ring. */
export class Bell {
  readonly #clock: Clock;
  #rung = false;
  #wake: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#wake();
  }

  /** Waits for a ring since the last wait; false when `ms` milliseconds passed or the signal aborted first. */
  async heard(ms: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#rung && !signal.aborted) await this.#woken(ms, signal);
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }

  #woken(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = this.#clock.after(ms, wake);
      signal.addEventListener('abort', wake, { once: true });
      this.#wake = wake;
    });
  }
}
