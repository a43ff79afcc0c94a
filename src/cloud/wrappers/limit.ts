/**
 * Keeps to what an account may be asked: so many calls at once, so many a second. The rate is halved when the provider says
 * that it is too much and grows back slowly: additive increase, multiplicative decrease (Chiu and Jain, 1989).
 */
import { sleep } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { faultCodeOf } from '../../base/fault.ts';
import { Slots } from '../../base/slots.ts';
import type { Cloud, Created } from '../cloud.ts';
import { around } from './around.ts';

/** The limits of one account. */
export interface Limits {
  readonly perSecond: number;
  readonly atOnce: number;
}

/** Modest enough for any provider's default limits; adapters of ours need no more. */
export const defaultLimits: Limits = { perSecond: 20, atOnce: 8 };

/** The slowest that throttling can make us: one call in five seconds. */
const slowestPerSecond = 0.2;
/** How much of the full rate a call that went well brings back. */
const recovery = 0.05;
/** How many seconds' worth of calls may start together after a rest. */
const burstSeconds = 0.5;

/** The pace of calls: each is given the moment at which it may start. */
export class Pace {
  readonly #clock: Clock;
  readonly #fullRate: number;
  #rate: number;
  #next = -Infinity;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#fullRate = perSecond;
    this.#rate = perSecond;
  }

  /** calls a second at the moment */
  get perSecond(): number {
    return this.#rate;
  }

  /** Waits for this call's turn. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#clock.monotonic();
    const at = Math.max(this.#next, now - burstSeconds * 1000);
    this.#next = at + 1000 / this.#rate;
    if (at > now) await sleep(this.#clock, at - now, signal);
  }

  slower(): void {
    this.#rate = Math.max(slowestPerSecond, this.#rate / 2);
  }

  faster(): void {
    this.#rate = Math.min(this.#fullRate, this.#rate + this.#fullRate * recovery);
  }
}

/** What all calls of one account pass through, whichever provider makes them. */
export class Gate {
  readonly #slots: Slots;
  readonly #pace: Pace;

  constructor({ perSecond, atOnce }: Limits, clock: Clock) {
    this.#slots = new Slots(atOnce);
    this.#pace = new Pace(clock, perSecond);
  }

  /** Waits for a call's turn; it leaves by what is answered. */
  async enter(signal: AbortSignal): Promise<() => void> {
    const leave = await this.#slots.take(signal);
    try {
      await this.#pace.turn(signal);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** How a call went: the account was asked too much, or not. */
  learn(isThrottled: boolean): void {
    if (isThrottled) this.#pace.slower();
    else this.#pace.faster();
  }
}

/** The cloud within the limits of its account. */
export function limited(cloud: Cloud, gateOf: () => Gate | Promise<Gate>): Cloud {
  return around(cloud, {
    async call(verb, act, signal) {
      const gate = await gateOf();
      const leave = await gate.enter(signal);
      try {
        const answer = await act(signal);
        gate.learn(verb === 'create' && wasThrottled(answer as readonly Created[]));
        return answer;
      } catch (error) {
        if (faultCodeOf(error) === 'throttled') gate.learn(true);
        throw error;
      } finally {
        leave();
      }
    },
    async *list(act, signal) {
      const gate = await gateOf();
      const leave = await gate.enter(signal);
      try {
        yield* act(signal);
        gate.learn(false);
      } catch (error) {
        if (faultCodeOf(error) === 'throttled') gate.learn(true);
        throw error;
      } finally {
        leave();
      }
    },
  });
}

function wasThrottled(outcomes: readonly Created[]): boolean {
  return outcomes.some((one) => !one.ok && faultCodeOf(one.error) === 'throttled');
}
