/**
 * A machine that is given back: what we left on its host goes first, then the machine, and its record only when the
 * provider no longer lists it (I3). A host that is lost is not waited for: what may be left there is told. One that was
 * made for us ends with all that is on it.
 */
import { wordsOf } from '../../base/fault.ts';
import { again } from '../../base/outcome.ts';
import type { Owned } from '../../cloud/cloud.ts';
import { nodesOn } from '../nodes-on.ts';
import { emptyHost } from '../empty-host.ts';
import { dropFirewall, hasHostFirewall } from '../firewall.ts';
import { machineLeft } from '../sweep/leftovers.ts';
import type { LeftoverPut } from '../sweep/leftovers.ts';
import { forgetFirstBoot } from './first-boot.ts';
import { machineEvent, msSince } from './stage.ts';
import type { MachineOutcome, MachinePass, MachineStage } from './stage.ts';

const lookMs = 1_000;
/** how long a host that does not answer holds up its own removal */
const patienceMs = 60_000;
/** A provider that was asked to end a machine is asked again only after so long. */
const askAgainMs = 15_000;

/** Cleans the host, gives the machine back, and is done when it is gone. */
export const destroying: MachineStage<'destroying'> = async (pass) => {
  const { world, machine, provider, cloud, signal } = pass;
  const nodes = await nodesOn(world.store, machine.token);
  if (nodes.length > 0) return again(lookMs, `${nodes.length} nodes of it are still being removed`);
  const late = msSince(pass, machine.state.since) > patienceMs;
  try {
    if (machine.access !== null && cloud.traits.machines === 'existing') {
      await emptyHost(await world.hosts.of(machine), signal);
      if (hasHostFirewall(provider, cloud)) await dropFirewall(world, machine, signal);
    }
    return await release(pass);
  } catch (error) {
    if (signal.aborted) throw error;
    return late ? await abandon(pass, wordsOf(error)) : again(lookMs, wordsOf(error));
  }
};

/** Has the provider end it, and every other machine that carries its token; done when none is listed any more. */
async function release(pass: MachinePass<'destroying'>): Promise<MachineOutcome> {
  const { cloud, machine, provider, world } = pass;
  if (machine.providerId !== null) await end(pass, machine.providerId);
  const asked = world.memory.endAsked.get(machine.providerId ?? '') ?? world.clock.monotonic();
  const sinceMs = Math.max(asked, world.clock.monotonic() - lookMs / 2);
  const { owned, error } = await world.listings.since(provider.name, cloud, sinceMs);
  const left = owned.filter((one) => one.kind === 'machine' && one.token === machine.token);
  for (const one of left) if (one.id !== machine.providerId) await end(pass, one.id);
  if (left.length > 0) return again(lookMs, `the provider still lists it as ${statesOf(left)}`);
  if (error !== null) throw error;
  await forget(pass);
  const words = 'nothing of it is left';
  return { outcome: 'vanish', event: machineEvent(machine, { what: 'released', words }), also: perhapsMade(pass) };
}

/**
 * The order was answered so that it may have been filled all the same, and lists lag: it is looked for a while longer, as
 * what was given up is, and goes when it shows (I4), whatever else is on no record.
 */
function perhapsMade({ machine, world }: MachinePass<'destroying'>): LeftoverPut[] {
  if (machine.providerId !== null || machine.doubt === undefined) return [];
  const words = `its order was answered with "${machine.doubt}", and may have been filled all the same`;
  return [machineLeft(world, machine, words, null)];
}

function statesOf(left: readonly Owned[]): string {
  return left.map(({ state, words }) => (words === null ? state : `${state} (${words})`)).join(', ');
}

/** Asks for its end, unless that was done a moment ago. */
async function end({ cloud, machine, world, signal }: MachinePass<'destroying'>, id: string): Promise<void> {
  const { endAsked } = world.memory;
  const now = world.clock.monotonic();
  if (now - (endAsked.get(id) ?? -Infinity) < askAgainMs) return;
  const { domain, token } = machine;
  await cloud.destroy({ id, kind: 'machine', domain, token, owner: world.store.owner }, signal);
  endAsked.set(id, now);
}

async function forget({ world, machine }: MachinePass<'destroying'>): Promise<void> {
  world.memory.endAsked.delete(machine.providerId ?? '');
  world.memory.unlisted.delete(machine.token);
  world.memory.refusals.delete(machine.token);
  world.memory.firewalls.delete(machine.token);
  await forgetFirstBoot(world, machine.token);
  await world.hosts.forget(machine.token);
  // what stands beside the machines may be needed by none any more
  world.wake.provider(machine.provider);
}

/** The provider or host is gone for good, as far as we can tell: the record goes, and the account of what may be left stays. */
async function abandon(pass: MachinePass<'destroying'>, why: string): Promise<MachineOutcome> {
  const { machine, world } = pass;
  await forget(pass);
  const words = `given up after ${patienceMs / 1_000} s: ${why}. What may be left carries the owner tag ${world.store.owner}`;
  const event = machineEvent(machine, { level: 'warning', what: 'abandoned', words });
  return { outcome: 'vanish', event, also: [machineLeft(world, machine, why, machine.state.blueprint ?? null)] };
}
