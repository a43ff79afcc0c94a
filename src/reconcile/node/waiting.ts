/** A node waits for its machine, for the families it depends on, and for a place in the row of those being started. */
import { again, done } from '../../base/outcome.ts';
import { dependenciesOf } from '../../model/component.ts';
import { isAddressed, isEligible } from '../../model/node.ts';
import type { Node } from '../../model/node.ts';
import { documentOf } from '../documents.ts';
import { awaitedLink } from '../linked.ts';
import { isOutlivedEnded } from './outlived.ts';
import { become, now } from './stage.ts';
import type { Pass, Stage, StageOutcome } from './stage.ts';

/** Goes on once everything that it waits for is there. */
export const waiting: Stage<'waiting'> = async (pass) => {
  const { machine, world, node } = pass;
  if (machine === undefined) return waitFor(pass, `its machine ${node.placement.machine} has no record`);
  if (machine.state.phase !== 'ready') return waitFor(pass, `for machine ${node.placement.advertised}`);
  if (!isAddressed(node)) {
    world.wake.blueprint(node.blueprint);
    return waitFor(pass, 'for the address of its machine');
  }
  const awaited = await missingDependency(pass);
  if (awaited !== null) return waitFor(pass, awaited);
  if (!world.hosts.takeStartSlot(machine, node.id)) return done;
  if (!(await isOutlivedEnded(pass))) return again(1_000, 'its former process does not end');
  if (!world.hosts.hasInstalled(machine, node.specification.digest))
    return become(pass, { phase: 'installing', since: now(pass) });
  return become(pass, { phase: 'starting', since: now(pass), process: null });
};

/** Records why, once; whoever brings what is missing wakes the node. Others may be started meanwhile. */
function waitFor(pass: Pass<'waiting'>, why: string): StageOutcome {
  pass.world.hosts.freeStartSlot(pass.node.placement.machine, pass.node.id);
  return pass.node.state.why === why ? done : become(pass, { phase: 'waiting', why });
}

/** A family that must run before this one and does not, of this blueprint or of one that it links to; null when all do. */
async function missingDependency({ world, node }: Pass<'waiting'>): Promise<string | null> {
  const document = await documentOf(world.store, node.blueprint);
  if (document === undefined) return null;
  const needed = dependenciesOf(document, node.family);
  if (needed.length > 0) {
    const nodes = (await world.store.list('node', { blueprint: node.blueprint })).map((record) => record.value);
    const family = needed.find((one) => !isThere(nodes.filter((other) => other.family === one)));
    if (family !== undefined) return `for family ${family}`;
  }
  return awaitedLink(world.store, document, node.family);
}

function isThere(nodes: readonly Node[]): boolean {
  return nodes.filter(isEligible).length >= nodes.filter((one) => one.desired === 'running').length;
}
