/**
 * What adopting a revision means for rollouts: one begins where running nodes of a family are to be changed, one that is
 * under way goes on where the version is the same, one whose version nobody wants any more is void. Pure.
 */
import type { EventDraft } from '../../model/event.ts';
import type { Step } from '../../model/plan.ts';
import { isUnderWay, rolloutKey } from '../../model/rollout.ts';
import type { Rollout } from '../../model/rollout.ts';
import { updateRules } from '../../model/update.ts';
import type { Change } from '../../store/store.ts';
import type { IntentContext } from '../intents.ts';
import { isRunning } from '../turns.ts';
import { versionOf } from './records.ts';

/** What is to be written with the revision. */
export interface Begun {
  readonly changes: readonly Change[];
  readonly events: readonly EventDraft[];
}

/** The rollouts of the revision in `context`; `before` is the one that was in force, 0 for none. */
export function begun(steps: readonly Step[], context: IntentContext, before: number): Begun {
  const changed = Map.groupBy(
    steps.filter((step) => step.do === 'change node'),
    ({ family }) => family,
  );
  const families = new Set([...changed.keys(), ...context.rollouts.keys()]);
  const all = [...families].map((family) => ofFamily(family, changed.get(family)?.length ?? 0, context, before));
  return { changes: all.flatMap(({ changes }) => changes), events: all.flatMap(({ events }) => events) };
}

const nothing: Begun = { changes: [], events: [] };

function ofFamily(family: string, changing: number, context: IntentContext, before: number): Begun {
  const { document, targets, rollouts, revision } = context;
  const [known, target] = [rollouts.get(family), targets.get(family)];
  const key = rolloutKey({ blueprint: document.name, family });
  if (target === undefined) return known === undefined ? nothing : { changes: [drop(key)], events: [] };
  const version = versionOf(document, family, target);
  if (known?.version === version && known.state !== 'stopped') {
    return { changes: isUnderWay(known) ? [put({ ...known, revision })] : [], events: [] };
  }
  if (changing > 0 && hasRunning(family, context)) {
    return { changes: [put(fresh(family, version, context, before))], events: [told(family, changing, context)] };
  }
  return { changes: known === undefined ? [] : [drop(key)], events: [] };
}

function put(value: Rollout): Change {
  return { put: 'rollout', key: rolloutKey(value), value, expect: null };
}

function drop(key: string): Change {
  return { remove: 'rollout', key, expect: null };
}

/** Where nothing runs yet there is nothing to be careful with, and nothing to go back to. */
function hasRunning(family: string, { nodes, document }: IntentContext): boolean {
  return [...nodes.values()].some(
    ({ value }) => value.blueprint === document.name && value.family === family && isRunning(value),
  );
}

/** A new one. What the last one had not finished is no version to go back to. */
function fresh(family: string, version: string, context: IntentContext, before: number): Rollout {
  const known = context.rollouts.get(family);
  const isFinished = known === undefined || known.state === 'done' || known.state === 'rolled back';
  return {
    blueprint: context.document.name,
    family,
    revision: context.revision,
    former: isFinished ? (before > 0 ? before : null) : known.former,
    version,
    state: 'rolling',
    why: null,
    returned: null,
    startedAt: context.at,
    endedAt: null,
    nodes: {},
    doubtful: isFinished ? [] : doubtfulOf(known),
  };
}

/** Nodes that were told a version and have not shown that they work with it, nor with one that they were told since. */
export function doubtfulOf({ nodes, doubtful }: Pick<Rollout, 'nodes' | 'doubtful'>): string[] {
  const told = Object.entries(nodes).flatMap(([id, { gate }]) => (gate === null ? [] : [id]));
  return [...new Set([...told, ...doubtful.filter((id) => nodes[id]?.gate !== null)])];
}

function told(family: string, changing: number, { document, revision }: IntentContext): EventDraft {
  const definition = document.families[family];
  const { parallel, minRunning, minHealthyMs } = updateRules(definition?.update, definition?.nodes ?? 0);
  const pace = parallel === 1 ? 'one at a time' : `${parallel} at a time`;
  const words = `${family}: ${changing} nodes to revision ${revision}, ${pace}, at least ${minRunning} running, each healthy for ${minHealthyMs / 1_000} s before the next`;
  return { level: 'info', kind: 'family', object: family, blueprint: document.name, what: 'rolling', words };
}
