/**
 * One life of the control plane, from its start to its death. Everything that it does outside itself crosses a seam, and
 * every crossing is a point at which it may die: before the act, which then never happens, or after it, of which then
 * nobody hears. Death is that of `kill -9`: no handler runs, no promise settles, no timer fires; what it has asked of
 * others goes on there.
 */
import type { Clock } from '../../src/base/clock.ts';
import type { Trace } from './trace.ts';
import { clockOf } from './timeline.ts';
import type { Timeline } from './timeline.ts';

/** Where a life is to end: at its `crossing`-th crossing (from 1), before or after the act. */
export interface Doom {
  readonly crossing: number;
  readonly side: 'before' | 'after';
}

/** The same, at the first crossing that is called so. */
export interface DoomByName {
  readonly upon: RegExp;
  readonly side: Doom['side'];
}

/** What all lives of one control plane share. */
export interface Lives {
  readonly timeline: Timeline;
  readonly trace: Trace;
}

/** A control plane that lives until it is killed. */
export class Life {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly #trace: Trace;
  #doom: Doom | DoomByName | null = null;
  #crossings = 0;
  #dead = false;
  readonly #mourners = new Set<() => void>();
  /** What never settles; a life's own, so that who waits for it goes with it. */
  readonly #never: Promise<never> = new Promise(() => undefined);
  readonly #ifAlive = (value: unknown): unknown => (this.#dead ? this.#never : value);
  readonly #failedIfAlive = (error: unknown): Promise<never> => {
    if (this.#dead) return this.#never;
    throw error instanceof Error ? error : new Error(String(error));
  };

  constructor({ timeline, trace }: Lives) {
    this.timeline = timeline;
    this.#trace = trace;
    this.clock = clockOf(timeline, () => this.#dead);
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /** How many crossings there were that count. */
  get crossings(): number {
    return this.#crossings;
  }

  /** Sets the point of its death; null takes it back. */
  dieAt(doom: Doom | DoomByName | null): void {
    this.#doom = doom;
  }

  /** Calls `listener` once it is dead; answers how to take that back. */
  onDeath(listener: () => void): () => void {
    this.#mourners.add(listener);
    return () => void this.#mourners.delete(listener);
  }

  kill(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#trace.add('the control plane dies');
    for (const mourn of [...this.#mourners]) mourn();
    this.#mourners.clear();
  }

  /** An act that changes nothing outside: not written down, no point of death; a dead one gets no answer. */
  look<T>(act: () => Promise<T>): Promise<T> {
    return this.#dead ? this.#never : this.#heard(act());
  }

  /** An act outside, by its name. */
  cross<T>(what: string, act: () => Promise<T>): Promise<T> {
    if (this.#dead) return this.#never;
    this.#crossings += 1;
    this.#trace.add(what);
    const doomed = this.#doomOf(what);
    if (doomed === 'before') {
      this.kill();
      return this.#never;
    }
    const done = act();
    if (doomed !== 'after') return this.#heard(done);
    const die = () => this.kill();
    done.then(die, die);
    return this.#never;
  }

  /** On which side of an act it dies; null when it lives on. */
  #doomOf(what: string): Doom['side'] | null {
    const doom = this.#doom;
    if (doom === null) return null;
    const isNow = 'upon' in doom ? doom.upon.test(what) : doom.crossing === this.#crossings;
    return isNow ? doom.side : null;
  }

  #heard<T>(done: Promise<T>): Promise<T> {
    return done.then(this.#ifAlive, this.#failedIfAlive) as Promise<T>;
  }
}
