/**
 * The engine of a level-triggered loop: a set of keys to look at, never the same key twice at once, each pass handed a
 * key and nothing else. A wake-up saves time, the period saves us: whatever wake-up is lost, every key is looked at
 * again. There are no retries inside a pass; an error is answered with a longer and longer pause.
 * Where more is to be looked at than may be at once, what was woken or comes back soon goes before what is looked at now and
 * then: thousands that are well never keep those waiting that are under way.
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
/** A key that comes back so soon is under way; one that pauses for longer is looked at now and then. */
const soonMs = 1_000;
/** of so many passes one is of a key that is looked at now and then, also while others press */
const turnsOfOthers = 4;

/** A loop that runs once it was started. */
export class Loop {
  readonly #options: LoopOptions;
  /** woken, or back soon */
  readonly #queue = new Set<string>();
  /** looked at now and then */
  readonly #routine = new Set<string>();
  #turns = 0;
  readonly #running = new Map<string, { woken: boolean }>();
  readonly #sleeping = new Map<string, { readonly timer: Timer; readonly dueMs: number }>();
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
    if (this.#started) void this.#wakeAll(() => true);
  }

  /** Has the key looked at soon. Without effect on one that is queued already; a running one is looked at once more. */
  wake(key: string): void {
    this.#look(key, true);
  }

  #look(key: string, isPressing: boolean): void {
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
    this.#sleeping.get(key)?.timer.cancel();
    this.#sleeping.delete(key);
    if (isPressing) this.#routine.delete(key);
    if (isPressing) this.#queue.add(key);
    else if (!this.#queue.has(key)) this.#routine.add(key);
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
    for (const { timer } of this.#sleeping.values()) timer.cancel();
    for (const { timer } of this.#resting.values()) timer.cancel();
    this.#queue.clear();
    this.#routine.clear();
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #period(): Promise<void> {
    // a key whose time comes before the next period is not looked at twice
    const endMs = this.#options.clock.monotonic() + this.#options.periodMs;
    await this.#wakeAll((key) => (this.#sleeping.get(key)?.dueMs ?? Infinity) > endMs);
    if (this.#started) this.#tick = this.#options.clock.after(this.#options.periodMs, () => void this.#period());
  }

  async #wakeAll(isMeant: (key: string) => boolean): Promise<void> {
    try {
      for (const key of await this.#options.keys()) if (isMeant(key)) this.#look(key, false);
    } catch (error) {
      this.#options.log.error(
        { loop: this.#options.name, error: wordsOf(error) },
        'the keys of the loop could not be listed',
      );
    }
  }

  #next(): void {
    while (this.#started && this.#running.size < this.#options.parallel) {
      this.#turns = (this.#turns + 1) % turnsOfOthers;
      const [first, second] = this.#turns === 0 ? [this.#routine, this.#queue] : [this.#queue, this.#routine];
      const key = takenFrom(first) ?? takenFrom(second);
      if (key === undefined) return;
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
    const { clock } = this.#options;
    const timer = clock.after(ms, () => {
      this.#sleeping.delete(key);
      this.#look(key, ms <= soonMs);
    });
    this.#sleeping.set(key, { timer, dueMs: clock.monotonic() + ms });
  }
}

/** Takes out what was put in first. */
function takenFrom(queue: Set<string>): string | undefined {
  for (const key of queue) {
    queue.delete(key);
    return key;
  }
  return undefined;
}
