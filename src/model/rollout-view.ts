/** A rollout as people see it: how many nodes have the version, and what is waited for. Pure. */
import { z } from 'zod';
import type { BlueprintDocument } from './blueprint.ts';
import type { Node } from './node.ts';
import { hasPassed, isUnderWay, NodeProgress, Rollout } from './rollout.ts';
import { updateRules } from './update.ts';

export const RolloutView = Rollout.omit({ nodes: true, doubtful: true }).extend({
  /** nodes that have the version and have passed all gates */
  healthy: z.int(),
  /** nodes that are to have it */
  of: z.int(),
  /** the node that is waited for, and its gate; null when none is */
  waitsFor: NodeProgress.nullable(),
  /** for so long a node must be healthy at a stretch */
  minHealthySeconds: z.number(),
});
export type RolloutView = z.infer<typeof RolloutView>;

/** How far a rollout is, by the nodes there are. */
export function rolloutView(rollout: Rollout, document: BlueprintDocument, nodes: readonly Node[]): RolloutView {
  const { nodes: told, doubtful: _, ...rest } = rollout;
  const members = nodes.filter(({ family, desired, extra }) => {
    return family === rollout.family && desired === 'running' && extra === undefined;
  });
  const waiting = Object.values(told).filter(({ gate }) => gate !== null);
  const { minHealthyMs } = updateRules(document.families[rollout.family]?.update, members.length);
  return {
    ...rest,
    healthy: members.filter((node) => isUnderWay(rollout) && hasPassed(rollout, node)).length,
    of: members.length,
    waitsFor: isUnderWay(rollout) ? (waiting[0] ?? null) : null,
    minHealthySeconds: minHealthyMs / 1_000,
  };
}

/** `rolling 2/6, gate: healthy, 4 s of 10 s`; without the seconds where nobody says what time it is. */
export function rolloutWords(view: RolloutView, nowMs: number | null): string {
  const { state, healthy, of, why, revision, returned } = view;
  switch (state) {
    case 'rolling':
      return `rolling ${healthy}/${of}${gateWords(view, nowMs)}`;
    case 'rolling back':
      return `rolling back ${healthy}/${of}${gateWords(view, nowMs)}; revision ${revision} failed: ${why ?? ''}`;
    case 'done':
      return `revision ${revision} is rolled out`;
    case 'rolled back':
      return `revision ${revision} was rolled back by revision ${returned ?? ''}: ${why ?? ''}`;
    case 'stopped':
      return `revision ${revision} goes no further: ${why ?? ''}`;
  }
}

function gateWords({ waitsFor, minHealthySeconds }: RolloutView, nowMs: number | null): string {
  if (waitsFor === null) return '';
  const { gate, words, healthySince } = waitsFor;
  if (gate !== 'healthy') return `, gate: ${gate ?? ''} (${words})`;
  if (nowMs === null || healthySince === null) return ', gate: healthy';
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(healthySince)) / 1_000));
  return `, gate: healthy, ${Math.min(seconds, minHealthySeconds)} s of ${minHealthySeconds} s`;
}
