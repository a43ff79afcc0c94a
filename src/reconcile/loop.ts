/**
 * The engine of a level-triggered loop: a set of keys to look at, never the same key twice at once, each pass handed a
 * key and nothing else. A wake-up saves time, the period saves us: whatever wake-up is lost, every key is looked at
 * again. There are no retries inside a pass; an error is answered with a longer and longer pause.
 *
 * A key is in one of these states:  idle | queued | running | running and woken | resting | sleeping until its time
 */
import { backoffMs } from '../base/backoff.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { wordsOf } from '../base/fault.ts';
import type { Log } from '../base/log.ts';
import type { Outcome } from '../base/outcome.ts';
import type { Random } from '../base/random.ts';

/** What a loop is made of. */
export interface LoopOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** how many keys may be looked at at once */
  readonly parallel: number;
  /** every key is looked at at least so often, milliseconds */
  readonly periodMs: number;
  /**
   * How long a key that was looked at is left alone: so many times as long as the look took, and no longer than that. For
   * what many wake at nearly the same time. Looks follow each other at once when absent
   */
  readonly rests?: { readonly times: number; readonly longestMs: number };
  /** every key there is */
  keys(): Promise<readonly string[]>;
  /** one pass over one key */
  reconcile(key: string, signal: AbortSignal): Promise<Outcome>;
}

const pauses = { firstMs: 250, longestMs: 30_000 };

/** A loop that runs once it was started. */
export class Loop {
  readonly #options: LoopOptions;
  readonly #queue = new Set<string>();
  readonly #running = new Map<string, { woken: boolean }>();
  readonly #sleeping = new Map<string, Timer>();
  readonly #resting = new Map<string, { readonly timer: Timer; woken: boolean }>();
  readonly #errors = new Map<string, number>();
  /** why keys could not be gone on with when they were last looked at */
  readonly #words = new Map<string, string>();
  readonly #stop = new AbortController();
  #tick: Timer | undefined;
  #idle: (() => void)[] = [];
  #started = false;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** Looks at every key now and then, until `close`. */
  start(): void {
    this.#started = true;
    void this.#period();
  }

  /** Looks at every key soon. */
  look(): void {
    if (this.#started) void this.#wakeAll();
  }

  /** Has the key looked at soon. Without effect on one that is queued already; a running one is looked at once more. */
  wake(key: string): void {
    const running = this.#running.get(key);
    if (running !== undefined) {
      running.woken = true;
      return;
    }
    const resting = this.#resting.get(key);
    if (resting !== undefined) {
      resting.woken = true;
      return;
    }
    this.#sleeping.get(key)?.cancel();
    this.#sleeping.delete(key);
    this.#queue.add(key);
    this.#next();
  }

  /** Why the last look at a key did not bring it to its end, in words; null when it did, or when there was none yet. */
  why(key: string): string | null {
    return this.#words.get(key) ?? null;
  }

  /** Aborts passes under way and waits until they have ended. */
  async close(): Promise<void> {
    this.#started = false;
    this.#stop.abort(new Error('the control plane is stopping'));
    this.#tick?.cancel();
    for (const timer of this.#sleeping.values()) timer.cancel();
    for (const { timer } of this.#resting.values()) timer.cancel();
    this.#queue.clear();
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #period(): Promise<void> {
    await this.#wakeAll();
    if (this.#started) this.#tick = this.#options.clock.after(this.#options.periodMs, () => void this.#period());
  }

  async #wakeAll(): Promise<void> {
    try {
      for (const key of await this.#options.keys()) this.wake(key);
    } catch (error) {
      this.#options.log.error(
        { loop: this.#options.name, error: wordsOf(error) },
        'the keys of the loop could not be listed',
      );
    }
  }

  #next(): void {
    for (const key of this.#queue) {
      if (!this.#started || this.#running.size >= this.#options.parallel) return;
      this.#queue.delete(key);
      this.#running.set(key, { woken: false });
      void this.#pass(key);
    }
  }

  async #pass(key: string): Promise<void> {
    const began = this.#options.clock.monotonic();
    const pauseMs = await this.#outcome(key);
    const tookMs = this.#options.clock.monotonic() - began;
    const woken = this.#running.get(key)?.woken ?? false;
    this.#running.delete(key);
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    if (!this.#started) return;
    const { rests } = this.#options;
    if (rests !== undefined) this.#rest(key, { woken, pauseMs }, Math.min(rests.longestMs, tookMs * rests.times));
    else if (woken) this.#queue.add(key);
    else if (pauseMs !== null) this.#sleep(key, pauseMs);
    this.#next();
  }

  #rest(key: string, next: { readonly woken: boolean; readonly pauseMs: number | null }, ms: number): void {
    const timer = this.#options.clock.after(ms, () => {
      const { woken } = this.#resting.get(key) ?? next;
      this.#resting.delete(key);
      if (woken) this.wake(key);
      else if (next.pauseMs !== null) this.#sleep(key, next.pauseMs);
    });
    this.#resting.set(key, { timer, woken: next.woken });
  }

  /** One pass; how long to wait before the next one, null for until woken. */
  async #outcome(key: string): Promise<number | null> {
    try {
      const outcome = await this.#options.reconcile(key, this.#stop.signal);
      this.#errors.delete(key);
      if (outcome.outcome === 'done') this.#words.delete(key);
      else this.#words.set(key, outcome.why);
      return outcome.outcome === 'again' ? outcome.afterMs : null;
    } catch (error) {
      if (this.#stop.signal.aborted) return null;
      const count = (this.#errors.get(key) ?? 0) + 1;
      this.#errors.set(key, count);
      this.#words.set(key, wordsOf(error));
      this.#options.log.warn(
        { loop: this.#options.name, key, count, error: wordsOf(error) },
        'a pass failed and will be repeated',
      );
      return backoffMs(pauses, count, this.#options.random);
    }
  }

  #sleep(key: string, ms: number): void {
    this.#sleeping.set(
      key,
      this.#options.clock.after(ms, () => {
        this.#sleeping.delete(key);
        this.wake(key);
      }),
    );
  }
}
