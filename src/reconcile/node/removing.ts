/** What a node left on its host is removed, then its record. A host that is lost is not waited for (I3). */
import { wordsOf } from '../../base/fault.ts';
import type { Machine } from '../../model/machine.ts';
import { providerOf } from '../providers.ts';
import { nodeLeft } from '../sweep/leftovers.ts';
import { isAddressed } from '../../model/node.ts';
import { hostOf, nodeEvent } from './stage.ts';
import type { Pass, Stage, StageOutcome, Vanish } from './stage.ts';

/** Removes directory and record; an event says what had to be left behind. */
export const removing: Stage<'removing'> = async (pass) => {
  const { world, node, machine, signal } = pass;
  if (machine === undefined) return vanish(pass, 'its machine is gone already');
  if (machine.state.phase === 'lost')
    return leftBehind(
      pass,
      machine,
      `left behind on ${node.placement.advertised}, which is lost: ${machine.state.why}`,
    );
  // nobody has entered the machine yet, and where its provider is gone nobody ever will
  const { phase } = machine.state;
  if (machine.access === null || phase === 'wanted' || phase === 'booting') return vanish(pass, 'it was never there');
  // one that waited for the address of its machine was never started there
  if (!isAddressed(node)) return vanish(pass, 'it was never started');
  const host = await hostOf(pass);
  try {
    await host?.end(node.id, 2_000, signal);
    await host?.removeNode(node.id, signal);
  } catch (error) {
    if (!signal.aborted) world.wake.machine(machine.token);
    world.log.warn({ node: node.name, error: wordsOf(error) }, 'what the node left could not be removed yet');
    throw error;
  }
  return vanish(pass, 'nothing of it is left');
};

/** A machine that was made for us ends with all that is on it; on a host that existed before, it may still run. */
async function leftBehind(pass: Pass<'removing'>, machine: Machine, words: string): Promise<StageOutcome> {
  const { world, node } = pass;
  const place = await providerOf(world.store, machine.provider);
  const isMade = place !== undefined && world.offers.cloud(place.provider, place.domains).traits.machines === 'made';
  return { ...vanish(pass, words), also: isMade ? [] : [nodeLeft(world, node, machine, words)] };
}

function vanish(pass: Pass<'removing'>, words: string): Vanish {
  const { cluster, memory } = pass.world;
  cluster.forget(pass.node.id);
  for (const known of [memory.lostAt, memory.seen, memory.silentSince, memory.waiting]) known.delete(pass.node.id);
  return { outcome: 'vanish', event: nodeEvent(pass.node, { what: 'removed', words }) };
}
