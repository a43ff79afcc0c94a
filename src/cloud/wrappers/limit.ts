/**
 * Keeps to what a provider can take: so many calls at once, so many a second. The rate is halved when the provider says
 * that it is too much and grows back slowly: additive increase, multiplicative decrease (Chiu and Jain, 1989).
 */
import { sleep } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { faultCodeOf } from '../../base/fault.ts';
import { Slots } from '../../base/slots.ts';
import type { Cloud, Created } from '../cloud.ts';
import { around } from './around.ts';

/** The limits of one provider. */
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

/** The cloud within its limits. */
export function limited(cloud: Cloud, limits: Limits, clock: Clock): Cloud {
  const slots = new Slots(limits.atOnce);
  const pace = new Pace(clock, limits.perSecond);
  const enter = async (signal: AbortSignal) => {
    const leave = await slots.take(signal);
    return await pace.turn(signal).then(
      () => leave,
      (error: unknown) => {
        leave();
        throw error;
      },
    );
  };
  const learn = (error: unknown) => {
    if (faultCodeOf(error) === 'throttled') pace.slower();
  };
  return around(cloud, {
    async call(verb, act, signal) {
      const leave = await enter(signal);
      try {
        const answer = await act(signal);
        if (verb === 'create' && wasThrottled(answer as readonly Created[])) pace.slower();
        else pace.faster();
        return answer;
      } catch (error) {
        learn(error);
        throw error;
      } finally {
        leave();
      }
    },
    async *list(act, signal) {
      const leave = await enter(signal);
      try {
        yield* act(signal);
        pace.faster();
      } catch (error) {
        learn(error);
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
