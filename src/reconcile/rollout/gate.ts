/** The gates before a changed node, in their order: what its record says, what it sees itself, what its family checks. */
import { sleep } from '../../base/clock.ts';
import { Fault, wordsOf } from '../../base/fault.ts';
import { expectedNeighbours } from '../../model/component.ts';
import { canMeet, phaseWords } from '../../model/node.ts';
import type { Node } from '../../model/node.ts';
import type { HealthCheck } from '../../model/update.ts';
import type { Scene } from '../scene.ts';
import type { World } from '../world.ts';
import type { Look } from './progress.ts';

/** A neighbour that goes or comes shows a moment later: what was well is believed to be ill when it is so twice. */
const againMs = 500;

/** What a node is looked at with. */
export interface Gatekeeper {
  readonly world: World;
  /** the nodes as they are now */
  scene(): Promise<Scene>;
  readonly check: HealthCheck | undefined;
  readonly signal: AbortSignal;
}

/** The first gate that the node has not passed; null when everything holds. `wasWell`: it held when last looked at. */
export async function lookAt(keeper: Gatekeeper, node: Node, wasWell: boolean): Promise<Look | null> {
  const found = await lookOnce(keeper, node);
  if (found === null || !wasWell || isOver(found)) return found;
  await sleep(keeper.world.clock, againMs, keeper.signal);
  const now = (await keeper.scene()).node(node.id);
  return now === undefined ? found : lookOnce(keeper, now);
}

/** What its record says does not change by looking again. */
function isOver({ gate }: Look): boolean {
  return gate === 'started' || gate === 'bootstrapped';
}

async function lookOnce(keeper: Gatekeeper, node: Node): Promise<Look | null> {
  const recorded = byRecord(node);
  if (recorded !== null) return recorded;
  const blind = await complaint(keeper, node);
  if (blind !== null) return { gate: 'proven', words: blind };
  const wrong = keeper.check === undefined ? null : await failing(keeper, node, keeper.check);
  return wrong === null ? null : { gate: 'checked', words: wrong };
}

/** What the record alone tells; null when the node runs. */
export function byRecord(node: Node): Look | null {
  const { state, generation, startedGeneration } = node;
  if (generation > startedGeneration || (state.phase !== 'running' && state.phase !== 'started'))
    return { gate: 'started', words: `${node.name} is ${phaseWords(node)}` };
  if (state.phase === 'started') return { gate: 'bootstrapped', words: `${node.name} waits ${state.why}` };
  return null;
}

/** What is wrong by the node's own view (I7). */
async function complaint({ world, scene, signal }: Gatekeeper, node: Node): Promise<string | null> {
  const release = await world.store.get('release', node.specification.digest);
  if (release === undefined) return `release ${node.specification.digest} is not in the store any more`;
  const { document, nodes, runs } = await scene();
  const { mesh } = node.specification;
  const peers = nodes.filter(
    (one) =>
      one.desired === 'running' && byRecord(one) === null && canMeet(node, one) && one.specification.mesh === mesh,
  );
  const neighbours = expectedNeighbours(document, node, peers, runs);
  const member = { node, inspection: release.value.inspection };
  return told(() => world.cluster.complaint(member, neighbours, signal), signal);
}

async function failing({ world, signal }: Gatekeeper, node: Node, check: HealthCheck): Promise<string | null> {
  return told(async () => {
    const { ok, words } = await world.cluster.check(node, check, signal);
    return ok ? null : words;
  }, signal);
}

/** A node that cannot be asked is not well. */
async function told(ask: () => Promise<string | null>, signal: AbortSignal): Promise<string | null> {
  try {
    return await ask();
  } catch (error) {
    if (signal.aborted || !(error instanceof Fault)) throw error;
    return wordsOf(error);
  }
}
