/**
 * Repeats what failed for a passing cause. Every verb is repeatable (I2, I3), so that a `timeout`, where the act may
 * have happened all the same, is repeated like the rest. Of a batch, only the orders that failed so are sent again.
 *
 * `list` and `check` repeat only what was throttled: that a provider cannot be reached is their answer, and the loops
 * want it at once. They ask again with their period.
 */
import { withDeadline } from '../../base/abort.ts';
import { fullJitterMs } from '../../base/backoff.ts';
import type { BackoffLimits } from '../../base/backoff.ts';
import { sleep } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import type { FaultCode } from '../../base/fault.ts';
import type { Random } from '../../base/random.ts';
import type { Cloud, Created, Order, Owned, Verb } from '../cloud.ts';
import { around } from './around.ts';

/** How long and how often. */
export interface RetryLimits extends BackoffLimits {
  /** tries in all */
  readonly tries: number;
  /** milliseconds for all tries and waits of one call */
  readonly deadlineMs: number;
}

export const defaultRetries: RetryLimits = { firstMs: 250, longestMs: 10_000, tries: 5, deadlineMs: 60_000 };

const passing: ReadonlySet<FaultCode> = new Set(['throttled', 'unavailable', 'timeout']);
const throttled: ReadonlySet<FaultCode> = new Set(['throttled']);

function worthRepeating(verb: Verb): ReadonlySet<FaultCode> {
  return verb === 'list' || verb === 'check' ? throttled : passing;
}

/** The tries of one call: says whether and when there is another. */
class Tries {
  readonly #codes: ReadonlySet<FaultCode>;
  readonly #limits: RetryLimits;
  readonly #by: { readonly clock: Clock; readonly random: Random };
  readonly #until: number;
  #made = 0;

  constructor(verb: Verb, limits: RetryLimits, by: { readonly clock: Clock; readonly random: Random }) {
    this.#codes = worthRepeating(verb);
    this.#limits = limits;
    this.#by = by;
    this.#until = by.clock.monotonic() + limits.deadlineMs;
  }

  /** Waits for the next try; false when there is none: another kind of error, or no try or time left. */
  async again(error: unknown, signal: AbortSignal): Promise<boolean> {
    this.#made += 1;
    if (!(error instanceof Fault) || !this.#codes.has(error.code) || this.#made >= this.#limits.tries) return false;
    const pauseMs = Math.max(fullJitterMs(this.#limits, this.#made, this.#by.random), error.detail.retryAfterMs ?? 0);
    if (signal.aborted || this.#by.clock.monotonic() + pauseMs >= this.#until) return false;
    await sleep(this.#by.clock, pauseMs, signal);
    return true;
  }
}

/** The cloud with its passing failures repeated. Expects Faults. */
export function retried(
  cloud: Cloud,
  limits: RetryLimits,
  by: { readonly clock: Clock; readonly random: Random },
): Cloud {
  const within = <T>(verb: Verb, signal: AbortSignal, act: (tries: Tries, signal: AbortSignal) => Promise<T>) => {
    const deadline = { ms: limits.deadlineMs, what: `${cloud.kind}: ${verb}` };
    return withDeadline(by.clock, deadline, (inner) => act(new Tries(verb, limits, by), inner), signal);
  };
  const wrapped = around(cloud, {
    call: (verb, act, signal) => within(verb, signal, (tries, inner) => repeat(tries, act, inner)),
    list: (act, signal) => relist(new Tries('list', limits, by), act, signal),
  });
  const create: Cloud['create'] = (orders, signal) =>
    within('create', signal, (tries, inner) => recreate(cloud, tries, orders, inner));
  return { ...wrapped, create };
}

async function repeat<T>(tries: Tries, act: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await act(signal);
    } catch (error) {
      if (!(await tries.again(error, signal))) throw error;
    }
  }
}

/** Begins the listing anew, and leaves out what was yielded before. */
async function* relist(
  tries: Tries,
  act: (signal: AbortSignal) => AsyncIterable<Owned>,
  signal: AbortSignal,
): AsyncGenerator<Owned> {
  const seen = new Set<string>();
  for (;;) {
    try {
      for await (const owned of act(signal)) {
        const key = `${owned.kind} ${owned.id}`;
        if (!seen.has(key)) yield owned;
        seen.add(key);
      }
      return;
    } catch (error) {
      if (!(await tries.again(error, signal))) throw error;
    }
  }
}

/** Sends those orders again whose outcome may pass. The answer is in the order of the orders. */
async function recreate(
  cloud: Cloud,
  tries: Tries,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly Created[]> {
  const outcomes = new Map<string, Created>();
  for (let open = orders; ; open = orders.filter(({ token }) => isPassing(outcomes.get(token)))) {
    for (const one of await createAll(cloud, open, signal)) outcomes.set(one.token, one);
    const failed = [...outcomes.values()].find(isPassing);
    if (failed === undefined || failed.ok || !(await tries.again(failed.error, signal))) break;
  }
  return orders.flatMap(({ token }) => outcomes.get(token) ?? []);
}

/** A batch that failed whole is one in which every order failed so. */
async function createAll(cloud: Cloud, orders: readonly Order[], signal: AbortSignal): Promise<readonly Created[]> {
  try {
    return await cloud.create(orders, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return orders.map(({ token }) => ({ token, ok: false, error }));
  }
}

function isPassing(outcome: Created | undefined): boolean {
  return outcome?.ok === false && outcome.error instanceof Fault && passing.has(outcome.error.code);
}
