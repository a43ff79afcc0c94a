/** One bootstrap action between a node and one peer: asked whether it is done, done, and recorded with its words. */
import { wordsOf } from '../base/fault.ts';
import { builtInAction, saysDone } from '../cluster/cluster.ts';
import type { StepContext } from '../cluster/cluster.ts';
import type { CustomAction } from '../model/bootstrap.ts';
import type { Node } from '../model/node.ts';
import type { Run } from '../model/topology.ts';
import { runRecord } from './run-record.ts';
import type { Owed } from './strategies.ts';
import type { World } from './world.ts';

/** Runs `done`, then `join` unless it was done. A failure is a run too: it carries the action's or the node's own words. */
export async function join(world: World, node: Node, owed: Owed, signal: AbortSignal): Promise<Run> {
  const { strategy, peer } = owed;
  const action = typeof strategy.action === 'string' ? builtInAction(strategy.action) : strategy.action;
  const told =
    action === null
      ? { outcome: 'done' as const, words: 'nothing to do' }
      : await perform(world, action, { fresh: node, peer }, signal);
  const connects = action === null ? 'none' : (action.connects ?? 'selected');
  const edge = [node.name, peer.name].sort() as [string, string];
  const made = connects !== 'none' && told.outcome !== 'failed';
  const hidden = made && connects === 'hidden' ? { hidden: true } : {};
  return runRecord(world, node, owed, { step: 'join', ...told, edge: made ? edge : null, ...hidden });
}

async function perform(
  world: World,
  action: CustomAction,
  context: StepContext,
  signal: AbortSignal,
): Promise<Pick<Run, 'outcome' | 'words'>> {
  try {
    if (action.done !== undefined) {
      const before = await world.cluster.step(action.done, context, signal);
      if (saysDone(action.done, before)) return { outcome: 'was done', words: before.words };
    }
    const answer = await world.cluster.step(action.join, context, signal);
    return { outcome: answer.ok ? 'done' : 'failed', words: answer.words };
  } catch (error) {
    if (signal.aborted) throw error;
    return { outcome: 'failed', words: wordsOf(error) };
  }
}
