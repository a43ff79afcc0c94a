/**
 * What machines are doing, as facts to plan with: measured in the looks at hosts that are taken anyway, with its age; a
 * measurement that is too old is none. It speaks for new nodes only, never against those that are there.
 */
import type { Activity } from '../base/machine-facts.ts';
import { activityCapabilities } from '../model/capability.ts';
import type { Capabilities } from '../model/capability.ts';
import type { Machine, Offer } from '../model/machine.ts';

/** Hosts are looked at every ten seconds: what is older says nothing about now. */
const oldestMs = 60_000;

/** A measurement and its age. */
export interface Measured {
  readonly activity: Activity;
  readonly ageMs: number;
}

/** The machine with what it does now, instead of what its offer said when it was made. */
export function withActivity(machine: Machine, measured: Measured | null): Machine {
  const lasting = Object.entries(machine.attributes).filter(
    ([name]) => !(activityCapabilities as readonly string[]).includes(name),
  );
  return { ...machine, attributes: { ...Object.fromEntries(lasting), ...activityOf(machine, measured) } };
}

function activityOf({ state, capacity }: Machine, measured: Measured | null): Capabilities {
  if (state.phase === 'wanted' || state.phase === 'booting') return idle(capacity.memoryBytes);
  if (measured === null || measured.ageMs > oldestMs) return {};
  const { load, runQueue, memoryFreeBytes } = measured.activity;
  const ago = Math.round(measured.ageMs / 1_000);
  return { load, run_queue: runQueue, memory_free: memoryFreeBytes, measured_ago: ago };
}

/** The offer; a machine that is to be made of it does nothing yet. A host that is there says itself what it does. */
export function withIdle(offer: Offer): Offer {
  if (offer.attributes['host'] !== undefined) return offer;
  return { ...offer, attributes: { ...idle(offer.capacity.memoryBytes), ...offer.attributes } };
}

function idle(memoryBytes: number): Capabilities {
  return { load: 0, run_queue: 0, memory_free: memoryBytes, measured_ago: 0 };
}
