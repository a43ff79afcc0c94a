/** What a node left on its host is removed, then its record. A host that is lost is not waited for (I3). */
import { wordsOf } from '../../base/fault.ts';
import { hostOf, nodeEvent } from './stage.ts';
import type { Pass, Stage, StageOutcome } from './stage.ts';

/** Removes directory and record; an event says what had to be left behind. */
export const removing: Stage<'removing'> = async (pass) => {
  const { world, node, machine, signal } = pass;
  if (machine === undefined) return vanish(pass, 'its machine is gone already');
  if (machine.state.phase === 'lost')
    return vanish(pass, `left behind on ${node.placement.advertised}, which is lost: ${machine.state.why}`);
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

function vanish(pass: Pass<'removing'>, words: string): StageOutcome {
  pass.world.cluster.forget(pass.node.id);
  return { outcome: 'vanish', event: nodeEvent(pass.node, { what: 'removed', words }) };
}
