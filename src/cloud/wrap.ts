/**
 * A cloud as the loops use it: any adapter within its wrappers. From the inside out: every error a Fault, each call
 * counted and written down, within the account's limits, repeated where the cause may pass, orders of one moment
 * together. A repetition keeps to the limits and is
 * counted like any other call.
 */
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { ProviderLimits } from '../model/provider/limits.ts';
import type { Cloud } from './cloud.ts';
import { asFaults } from './wrappers/as-faults.ts';
import { batched, defaultBatches } from './wrappers/batch.ts';
import type { BatchLimits } from './wrappers/batch.ts';
import { logged } from './wrappers/call-log.ts';
import type { CallLog } from './wrappers/call-log.ts';
import { defaultLimits, Gate, limited } from './wrappers/limit.ts';
import type { Limits } from './wrappers/limit.ts';
import { metered } from './wrappers/meter.ts';
import type { Meter } from './wrappers/meter.ts';
import { defaultRetries, retried } from './wrappers/retry.ts';
import type { RetryLimits } from './wrappers/retry.ts';

/** What the wrappers need, and what may differ from their defaults. */
export interface WrapOptions {
  /** name of the provider, for errors */
  readonly provider: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly log?: CallLog;
  readonly batches?: BatchLimits;
  /** what its account allows, where that differs from the default */
  readonly limits?: ProviderLimits;
  /** where those of its account pass that keep to the same limits; a gate of its own when absent */
  readonly gateOf?: () => Promise<Gate>;
  readonly retries?: RetryLimits;
}

/** The adapter within its wrappers; throws nothing but Faults and the reasons of its callers' signals. */
export function wrapCloud(adapter: Cloud, options: WrapOptions): Cloud {
  const { provider, clock, random, meter, log, retries = defaultRetries } = options;
  const own = new Gate(limitsOf(options.limits), clock);
  const counted = metered(asFaults(adapter, `provider ${provider}`), meter, clock);
  const told = log === undefined ? counted : logged(counted, log, clock);
  const kept = retried(limited(told, options.gateOf ?? (() => own)), retries, { clock, random });
  return batched(kept, options.batches ?? defaultBatches, clock);
}

/** The limits that a provider says, and the default ones where it says none. */
export function limitsOf({ perSecond, atOnce }: ProviderLimits = {}): Limits {
  return { perSecond: perSecond ?? defaultLimits.perSecond, atOnce: atOnce ?? defaultLimits.atOnce };
}
