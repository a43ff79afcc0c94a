/** What a node was before, and may live on where nobody could end it. */
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
  if (node.startedGeneration === 0 || node.generation === node.startedGeneration) return true;
  return (await (await hostOf(pass))?.end(node.id, killGraceMs, signal)) === true;
}
