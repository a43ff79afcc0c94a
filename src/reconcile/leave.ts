/**
 * The planned leave of a node that is to go for good, or the account of one that was lost: the `leave` step of each
 * action it joined by, run on a survivor. It is run once per strategy and peer, and recorded with its words.
 */
import { wordsOf } from '../base/fault.ts';
import type { Linked } from '../model/across.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { CustomAction } from '../model/bootstrap.ts';
import { isEligible } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import type { Run } from '../model/topology.ts';
import { linkedWith } from '../store/store.ts';
import { documentOf } from './documents.ts';
import { runRecord } from './run-record.ts';
import { isPeer, strategiesOf } from './strategies.ts';
import type { Applied } from './strategies.ts';
import type { World } from './world.ts';

interface Farewell {
  /** whose strategy it is */
  readonly fresh: Node;
  readonly strategy: Applied;
  readonly step: NonNullable<CustomAction['leave']>;
  readonly peer: Node;
}

/**
 * Runs what strategies ask for when the node leaves, or was lost: then nothing is run on it. A leave that fails is recorded
 * and does not hold it up.
 */
export async function leave(
  world: World,
  node: Node,
  signal: AbortSignal,
  { lost }: { readonly lost: boolean } = { lost: false },
): Promise<void> {
  for (const farewell of await farewells(world, node)) {
    const { fresh, peer, step } = farewell;
    if (lost && peer.id === node.id && step.on === 'peer') continue;
    const answer = await say(world, farewell, signal);
    await world.store.commit(
      [recorded(world, farewell, answer)],
      [
        {
          level: answer.ok ? 'info' : 'warning',
          kind: 'node',
          object: fresh.name,
          blueprint: fresh.blueprint,
          what: answer.ok ? 'left' : 'not left',
          words: `${wordsFor(farewell, fresh.id === node.id)}: ${answer.words}`,
        },
      ],
    );
  }
}

/** Whom it left: a family, or one node of another blueprint that goes itself. */
function wordsFor({ fresh, strategy, peer }: Farewell, itself: boolean): string {
  if (!itself) return peer.name;
  return strategy.name === 'within' ? fresh.family : strategy.name;
}

/** What is said for the node itself, and by nodes of other blueprints that joined it. */
async function farewells(world: World, node: Node): Promise<Farewell[]> {
  const document = await documentOf(world.store, node.blueprint);
  if (document === undefined) return [];
  const nodes = (await world.store.list('node', { blueprint: node.blueprint })).map((record) => record.value);
  const runs = (await world.store.list('run', { blueprint: node.blueprint })).map((record) => record.value);
  const linked = await linkedWith(world.store, node.blueprint);
  return [...ownFarewells(document, node, [...nodes, ...linked.nodes], runs), ...farewellsOfOthers(node, linked)];
}

/** To those it joined that still run, strategy by strategy; when none of them does, to the oldest of that family. */
function ownFarewells(
  document: BlueprintDocument,
  node: Node,
  nodes: readonly Node[],
  runs: readonly Run[],
): Farewell[] {
  return strategiesOf(document, node.family).flatMap((strategy) => {
    const step = typeof strategy.action === 'object' ? strategy.action.leave : undefined;
    if (step === undefined) return [];
    const eligible = nodes.filter((one) => isPeer(strategy, one) && one.id !== node.id && isEligible(one));
    const mine = runs.filter((run) => run.node === node.id && run.strategy === strategy.name);
    if (mine.some((run) => run.step === 'leave')) return [];
    const joined = eligible.filter((peer) => mine.some((run) => run.peer === peer.id && run.step === 'join'));
    return (joined.length > 0 ? joined : eligible.slice(0, 1)).map((peer) => ({ fresh: node, strategy, step, peer }));
  });
}

/**
 * Nodes of other blueprints that joined this one part from it: the same step, of which it is the peer. Within a blueprint
 * those that lean on others go before them; those of another blueprint stay and wait.
 */
function farewellsOfOthers(peer: Node, { map, nodes, runs }: Linked): Farewell[] {
  const theirs = runs.filter((run) => run.peer === peer.id && run.outcome !== 'failed');
  return nodes.filter(isEligible).flatMap((fresh) => {
    const mine = theirs.filter((run) => run.node === fresh.id);
    const document = map.documents.get(fresh.blueprint);
    if (mine.length === 0 || document === undefined || mine.some((run) => run.step === 'leave')) return [];
    const joinedBy = new Set(mine.map((run) => run.strategy));
    return strategiesOf(document, fresh.family).flatMap((strategy) => {
      const step = typeof strategy.action === 'object' ? strategy.action.leave : undefined;
      return step === undefined || !joinedBy.has(strategy.name) ? [] : [{ fresh, strategy, step, peer }];
    });
  });
}

async function say(
  world: World,
  { fresh, step, peer }: Farewell,
  signal: AbortSignal,
): Promise<{ ok: boolean; words: string }> {
  try {
    return await world.cluster.step(step, { fresh, peer }, signal);
  } catch (error) {
    return { ok: false, words: wordsOf(error) };
  }
}

function recorded(world: World, farewell: Farewell, answer: { ok: boolean; words: string }) {
  const outcome = answer.ok ? 'done' : 'failed';
  const run = runRecord(world, farewell.fresh, farewell, { step: 'leave', outcome, words: answer.words, edge: null });
  return { put: 'run' as const, key: run.id, value: run, expect: 0 };
}
