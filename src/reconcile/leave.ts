/**
 * The planned leave of a node that is to go for good, or the account of one that was lost: the `leave` step of each
 * action it joined by, run on a survivor. It is run once per strategy and peer, and recorded with its words.
 */
import { wordsOf } from '../base/fault.ts';
import type { CustomAction } from '../model/bootstrap.ts';
import { isEligible } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import { documentOf } from './documents.ts';
import { runRecord } from './run-record.ts';
import { strategiesOf } from './strategies.ts';
import type { Applied } from './strategies.ts';
import type { World } from './world.ts';

interface Farewell {
  readonly strategy: Applied;
  readonly step: NonNullable<CustomAction['leave']>;
  readonly peer: Node;
}

/** Runs what the node's strategies ask for when it leaves. A leave that fails is recorded and does not hold it up. */
export async function leave(world: World, node: Node, signal: AbortSignal): Promise<void> {
  for (const farewell of await farewells(world, node)) {
    const answer = await say(world, node, farewell, signal);
    await world.store.commit(
      [recorded(world, node, farewell, answer)],
      [
        {
          level: answer.ok ? 'info' : 'warning',
          kind: 'node',
          object: node.name,
          blueprint: node.blueprint,
          what: answer.ok ? 'left' : 'not left',
          words: `${farewell.strategy.name === 'within' ? node.family : farewell.strategy.name}: ${answer.words}`,
        },
      ],
    );
  }
}

/** Those it joined that still run, strategy by strategy; when none of them does, the oldest of that family. */
async function farewells(world: World, node: Node): Promise<Farewell[]> {
  const document = await documentOf(world.store, node.blueprint);
  if (document === undefined) return [];
  const nodes = (await world.store.list('node', { blueprint: node.blueprint })).map((record) => record.value);
  const runs = (await world.store.list('run', { blueprint: node.blueprint })).map((record) => record.value);
  return strategiesOf(document, node.family).flatMap((strategy) => {
    const step = typeof strategy.action === 'object' ? strategy.action.leave : undefined;
    if (step === undefined) return [];
    const eligible = nodes.filter((one) => one.family === strategy.peerFamily && one.id !== node.id && isEligible(one));
    const mine = runs.filter((run) => run.node === node.id && run.strategy === strategy.name);
    if (mine.some((run) => run.step === 'leave')) return [];
    const joined = eligible.filter((peer) => mine.some((run) => run.peer === peer.id && run.step === 'join'));
    return (joined.length > 0 ? joined : eligible.slice(0, 1)).map((peer) => ({ strategy, step, peer }));
  });
}

async function say(
  world: World,
  fresh: Node,
  { step, peer }: Farewell,
  signal: AbortSignal,
): Promise<{ ok: boolean; words: string }> {
  try {
    return await world.cluster.step(step, { fresh, peer }, signal);
  } catch (error) {
    return { ok: false, words: wordsOf(error) };
  }
}

function recorded(world: World, node: Node, farewell: Farewell, answer: { ok: boolean; words: string }) {
  const outcome = answer.ok ? 'done' : 'failed';
  const run = runRecord(world, node, farewell, { step: 'leave', outcome, words: answer.words, edge: null });
  return { put: 'run' as const, key: run.id, value: run, expect: 0 };
}
