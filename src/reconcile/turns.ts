/**
 * Whose turn it is: of the running nodes that a plan changes, moves or takes away, those of which it may be done now.
 * Pure. Two limits hold for each family, by its update policy:
 *
 *   parallel      so many nodes may be unsettled (not healthy, or not for long enough) at any time
 *   minRunning    so many others are settled at any moment in which a running node is taken down
 *
 * A node that does not run anyway is changed at once. One that runs but is not settled counts for nobody: it may be
 * changed as soon as the settled ones are enough by themselves. One that was told a version that is taken back, and never
 * showed that it works with it, is settled by nothing but its change: where the settled ones are too few because of such,
 * these are changed all the same, no more than `parallel` at a time. While a version is on its way, a node that was told it is
 * settled when it has passed its gates, as the process that it is now.
 */
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Machine } from '../model/machine.ts';
import type { Node, NodeSpecification } from '../model/node.ts';
import { hasPassed, isUnderWay } from '../model/rollout.ts';
import type { Rollout } from '../model/rollout.ts';
import type { Step, StepOf } from '../model/plan.ts';
import { updateRules } from '../model/update.ts';
import type { UpdateRules } from '../model/update.ts';
import { isSameSpecification } from '../plan/plan.ts';
import type { Versioned } from '../store/store.ts';

/** What turns are given by. */
export interface TurnContext {
  readonly document: BlueprintDocument;
  /** those of the blueprint, by id */
  readonly nodes: ReadonlyMap<string, Versioned<Node>>;
  readonly machines: ReadonlyMap<string, Versioned<Machine>>;
  /** versions that are or were on their way, by family */
  readonly rollouts: ReadonlyMap<string, Rollout>;
  /** what nodes are to run by the document, by family */
  readonly targets: ReadonlyMap<string, NodeSpecification>;
  /** how long a node has been in its state, milliseconds, whatever became of the wall clock */
  inStateMs(node: Node): number;
}

/** Whose turn it is, and who is in the middle of a move. */
export interface Turns {
  /** ids of nodes that may be changed or replaced now */
  readonly allowed: ReadonlySet<string>;
  /** ids of running nodes that another one is to replace elsewhere */
  readonly moving: ReadonlySet<string>;
  /** ids of nodes that must not be taken away yet */
  readonly needed: ReadonlySet<string>;
  /** the nodes that are to run in place of others, by the ids of these */
  readonly successors: ReadonlyMap<string, Node>;
}

/** The members of one family that are meant to run, judged. */
interface Household {
  readonly rules: UpdateRules;
  readonly settled: ReadonlySet<string>;
  readonly unsettled: number;
  /** those of the unsettled that only a change will settle */
  readonly doubtful: ReadonlySet<string>;
  /** how many of the settled ones can be done without */
  readonly spare: number;
}

/** Gives the turns for a plan's steps; moves come first. */
export function turnsOf(steps: readonly Step[], context: TurnContext): Turns {
  const moves = steps.flatMap((step) => {
    const old = step.do === 'add node' && step.replaces !== null ? context.nodes.get(step.replaces)?.value : undefined;
    return old !== undefined && step.do === 'add node' && isMove(old, step, context) ? [old] : [];
  });
  const changes = steps.flatMap((step) => (step.do === 'change node' ? [step] : []));
  const successors = successorsIn(context);
  const moving = new Set(moves.map(({ id }) => id));
  const families = new Set([...moves, ...changes].map(({ family }) => family));
  const allowed = [...families].flatMap((family) => {
    const mine = <T extends { readonly family: string }>(of: readonly T[]) => of.filter((one) => one.family === family);
    return inTurn(family, mine(moves), mine(changes), context);
  });
  return { allowed: new Set(allowed), moving, needed: neededIn(steps, moving, successors, context), successors };
}

function inTurn(
  family: string,
  moves: readonly Node[],
  changes: readonly StepOf<'change node'>[],
  context: TurnContext,
): string[] {
  const { rules, settled, unsettled, doubtful, spare } = householdOf(family, context);
  const ids = changes.map(({ node }) => node);
  const idle = ids.filter((id) => !isRunning(context.nodes.get(id)?.value));
  if (context.rollouts.get(family)?.state === 'stopped') return [];
  const room = Math.max(0, rules.parallel - unsettled);
  // one that keeps its name cannot run beside the one that takes its part
  const goesFirst = context.document.families[family]?.keepName === true;
  const moved = moves.map(({ id }) => id).slice(0, goesFirst ? Math.max(0, Math.min(room, spare)) : room);
  const left = Math.min(room - moved.length, goesFirst ? spare - moved.length : spare);
  const others = ids.filter((id) => !idle.includes(id));
  const inWork = unsettled - doubtful.size;
  const young =
    spare >= 0
      ? others.filter((id) => !settled.has(id))
      : others.filter((id) => doubtful.has(id)).slice(0, Math.max(0, rules.parallel - inWork));
  return [...idle, ...young, ...moved, ...others.filter((id) => settled.has(id)).slice(0, Math.max(0, left))];
}

/** Nodes that the plan takes away, but which must stay until others are settled: where a least number is declared. */
function neededIn(
  steps: readonly Step[],
  moving: ReadonlySet<string>,
  successors: Turns['successors'],
  context: TurnContext,
): ReadonlySet<string> {
  const leaving = steps.flatMap((step) =>
    step.do === 'remove node' && !moving.has(step.node) && !successors.has(step.node) ? [step] : [],
  );
  const guarded = Map.groupBy(leaving, ({ family }) => family);
  const needed = [...guarded].flatMap(([family, own]) => {
    if (context.document.families[family]?.update?.minRunning === undefined) return [];
    const { settled, spare } = householdOf(family, context, own.length);
    const running = own.map(({ node }) => node).filter((id) => isUp(context.nodes.get(id)?.value, context));
    const [well, young] = [running.filter((id) => settled.has(id)), running.filter((id) => !settled.has(id))];
    return [...well.slice(Math.max(0, spare)), ...(spare < 0 ? young : [])];
  });
  return new Set(needed);
}

/** The family's members; `leaving` of them are not counted among those that there should be. */
function householdOf(family: string, context: TurnContext, leaving = 0): Household {
  const members = [...context.nodes.values()]
    .map(({ value }) => value)
    .filter((node) => isMember(node, family, context) && node.desired === 'running');
  const regular = members.filter(({ extra }) => !extra).length;
  const extras = members.length - regular;
  const rules = updateRules(context.document.families[family]?.update, regular - Math.max(0, leaving - extras));
  const settled = new Set(members.filter((node) => isSettled(node, context)).map(({ id }) => id));
  const doubtful = new Set(members.filter((node) => isRunning(node) && isDoubtful(node, context)).map(({ id }) => id));
  const unsettled = members.length - settled.size;
  return { rules, settled, unsettled, doubtful, spare: settled.size - rules.minRunning };
}

/** Of several that would take one's place, the first by its id. */
function successorsIn({ nodes }: TurnContext): Map<string, Node> {
  const found = new Map<string, Node>();
  for (const { value } of nodes.values()) {
    const { replaces, desired } = value;
    if (typeof replaces === 'string' && desired === 'running' && !found.has(replaces)) found.set(replaces, value);
  }
  return found;
}

/** Whether a node that does its work is to be replaced on another machine. */
function isMove(old: Node, step: StepOf<'add node'>, context: TurnContext): boolean {
  const isWell = isRunning(old) && old.desired === 'running' && machinePhase(old, context) === 'ready';
  return isWell && old.placement.machine !== step.placement.machine;
}

function machinePhase({ placement }: Node, { machines }: TurnContext): Machine['state']['phase'] | undefined {
  return machines.get(placement.machine)?.value.state.phase;
}

function isMember(node: Node, family: string, { document }: TurnContext): boolean {
  return node.blueprint === document.name && node.family === family;
}

/** Whether the node has completed its bootstrap and, as far as anybody knows, lives. */
export function isRunning(node: Node | undefined): boolean {
  return node?.state.phase === 'running';
}

function isUp(node: Node | undefined, context: TurnContext): boolean {
  return node !== undefined && isRunning(node) && (machinePhase(node, context) ?? 'ready') === 'ready';
}

/** Whether the node does its work and has done so for long enough. */
export function isSettled(node: Node, context: TurnContext): boolean {
  const { document } = context;
  if (node.state.phase !== 'running' || node.generation > node.startedGeneration || !isUp(node, context)) return false;
  const rollout = underWay(node, context);
  if (rollout !== undefined && isTold(node, context)) return hasPassed(rollout, node);
  if (isDoubtful(node, context)) return false;
  const { minHealthyMs } = updateRules(document.families[node.family]?.update, 0);
  return context.inStateMs(node) >= minHealthyMs;
}

/** What is on its way to the node's family. */
function underWay({ family }: Node, { rollouts, targets }: TurnContext): Rollout | undefined {
  const rollout = rollouts.get(family);
  return rollout !== undefined && isUnderWay(rollout) && targets.has(family) ? rollout : undefined;
}

/** Whether the node is to run what the document says already. */
function isTold({ family, specification }: Node, { targets }: TurnContext): boolean {
  const target = targets.get(family);
  return target !== undefined && isSameSpecification(specification, target);
}

/** Whether the node has a version that it never showed to work with, and that is to be changed. */
function isDoubtful(node: Node, context: TurnContext): boolean {
  const rollout = underWay(node, context);
  return rollout !== undefined && !isTold(node, context) && rollout.doubtful.includes(node.id);
}
