/**
 * A machine that is given back: what we left on its host goes first, then the machine, and its record only when the
 * provider no longer lists it (I3). A host that is lost is not waited for: what may be left there is told.
 */
import { wordsOf } from '../../base/fault.ts';
import { again } from '../../base/outcome.ts';
import { emptyHost } from '../empty-host.ts';
import { machineEvent, msSince } from './stage.ts';
import type { MachineOutcome, MachinePass, MachineStage } from './stage.ts';

const lookMs = 1_000;
/** how long a host that does not answer holds up its own removal */
const patienceMs = 60_000;

/** Cleans the host, gives the machine back, and is done when it is gone. */
export const destroying: MachineStage<'destroying'> = async (pass) => {
  const { world, machine, signal } = pass;
  const nodes = (await world.store.list('node')).filter(({ value }) => value.placement.machine === machine.token);
  if (nodes.length > 0) return again(lookMs, `${nodes.length} nodes of it are still being removed`);
  const late = msSince(pass, machine.state.since) > patienceMs;
  try {
    if (machine.access !== null) await emptyHost(await world.hosts.of(machine), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    if (!late) return again(lookMs, wordsOf(error));
    return await abandon(pass, wordsOf(error));
  }
  return release(pass, late);
};

async function release(pass: MachinePass<'destroying'>, late: boolean): Promise<MachineOutcome> {
  const { cloud, machine, world, signal } = pass;
  const { owner } = world.store;
  try {
    if (machine.providerId !== null) {
      const owned = {
        id: machine.providerId,
        kind: 'machine' as const,
        domain: machine.domain,
        token: machine.token,
        owner,
      };
      await cloud.destroy(owned, signal);
    }
    for await (const owned of cloud.list(owner, signal)) {
      if (owned.token === machine.token) return again(lookMs, `the provider still lists it as ${owned.state}`);
    }
  } catch (error) {
    if (signal.aborted) throw error;
    if (late) return abandon(pass, wordsOf(error));
    return again(lookMs, wordsOf(error));
  }
  await world.hosts.forget(machine.token);
  return { outcome: 'vanish', event: machineEvent(machine, { what: 'released', words: 'nothing of it is left' }) };
}

/** The provider or host is gone for good, as far as we can tell: the record goes, and the account of what may be left stays. */
async function abandon(pass: MachinePass<'destroying'>, why: string): Promise<MachineOutcome> {
  const { machine, world } = pass;
  await world.hosts.forget(machine.token);
  const words = `given up after ${patienceMs / 1_000} s: ${why}. What may be left carries the owner tag ${world.store.owner}`;
  return { outcome: 'vanish', event: machineEvent(machine, { level: 'warning', what: 'abandoned', words }) };
}
