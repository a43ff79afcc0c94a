/** What a node was before, and may live on: where nobody could end it, or where it is being started while it is changed. */
import type { Node, NodePhase } from '../../model/node.ts';
import { hostOf } from './stage.ts';
import type { AnyPass } from './stage.ts';

const killGraceMs = 2_000;

/**
 * Sees to it that no process of the node lives that was started as it is not to be any more: one that was to be stopped, or had
 * failed, while its machine was out of reach, and that a start would take for the new one. False while it does not end. Costs
 * an exchange only where the node is to be another one.
 */
export async function isOutlivedEnded(pass: AnyPass): Promise<boolean> {
  const { node, signal } = pass;
  // the first start of all has none before it
  const before = node.startedGeneration === 0 ? 1 : node.startedGeneration;
  if (node.generation === before) return true;
  return (await (await hostOf(pass))?.end(node.id, killGraceMs, signal)) === true;
}

/**
 * The phase of a node that is told to be another one from now on. One that is being started may have been launched already as
 * it was, which is on no record yet, and would be taken for what it is to be: it begins again from where that is ended.
 */
export function phaseWhenChanged({ state }: Pick<Node, 'state'>): NodePhase {
  const isSettingOut = state.phase === 'installing' || (state.phase === 'starting' && state.process === null);
  return isSettingOut ? { phase: 'waiting', why: 'to be started anew' } : state;
}
