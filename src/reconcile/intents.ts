/**
 * A plan's steps as intents in the store: pure, and nothing else than what the steps say. Changes and moves of running
 * nodes are let through a few at a time, by their family's update policy; the rest waits for the next pass, which finds
 * it again. A move that waits is marked on its node, so that it goes where the plan said. The node that moves goes when
 * its replacement has proven itself, unless the two would have one name.
 */
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { EventDraft } from '../model/event.ts';
import type { Machine, Offer } from '../model/machine.ts';
import type { Node } from '../model/node.ts';
import type { Facts, Step } from '../model/plan.ts';
import type { Change, Versioned } from '../store/store.ts';

type StepOf<D extends Step['do']> = Extract<Step, { do: D }>;

/** What intents are made from. */
export interface IntentContext {
  readonly document: BlueprintDocument;
  /** the revision that the steps belong to */
  readonly revision: number;
  readonly facts: Facts;
  /** records as read, for compare-and-set */
  readonly nodes: ReadonlyMap<string, Versioned<Node>>;
  readonly machines: ReadonlyMap<string, Versioned<Machine>>;
  /** RFC 3339 */
  readonly at: string;
  /** the same in milliseconds */
  readonly nowMs: number;
}

/** What is to be written. */
export interface Intents {
  readonly changes: Change[];
  readonly events: EventDraft[];
  /** the next ordinals of families that got nodes */
  readonly nextOrdinal: Record<string, number>;
  /** steps that must wait for others to be healthy first */
  readonly held: number;
}

/** The intents of those steps that may be taken now. */
export function intentsOf(steps: readonly Step[], context: IntentContext): Intents {
  const turns = turnsOf(steps, context);
  const intents: Intents = { changes: [], events: [], nextOrdinal: {}, held: 0 };
  let held = 0;
  for (const step of steps) {
    if (mayBeTaken(step, turns, context)) take(step, context, intents);
    else {
      held += 1;
      intents.changes.push(...marked(step, steps, context));
    }
  }
  return { ...intents, held };
}

/** Whose turn it is, and who is in the middle of a move. */
interface Turns {
  /** ids of nodes that may be changed or replaced now */
  readonly allowed: ReadonlySet<string>;
  /** ids of running nodes that another one is to replace elsewhere */
  readonly moving: ReadonlySet<string>;
  /** the nodes that are to run in place of others, by the ids of these */
  readonly successors: ReadonlyMap<string, Node>;
}

function mayBeTaken(step: Step, { allowed, moving, successors }: Turns, context: IntentContext): boolean {
  if (step.do === 'change node') return allowed.has(step.node);
  if (step.do === 'add node') return step.replaces === null || !moving.has(step.replaces) || allowed.has(step.replaces);
  if (step.do !== 'remove node') return true;
  const keepsName = context.document.families[step.family]?.keepName === true;
  if (moving.has(step.node)) return keepsName && allowed.has(step.node);
  const successor = successors.get(step.node);
  const isAlone = successor === undefined || isSettled(successor, step.family, context);
  return isAlone || !isRunning(context.nodes.get(step.node)?.value);
}

/** A node that must wait for its move is told where it will go. */
function marked(step: Step, steps: readonly Step[], context: IntentContext): Change[] {
  if (step.do !== 'add node' || step.replaces === null) return [];
  const { replaces, placement } = step;
  const [machine, revision] = [placement.machine, context.revision];
  const had = context.nodes.get(replaces)?.value.move;
  if (had?.machine === machine && had.revision === revision) return [];
  const why = steps.find((one) => one.do === 'remove node' && one.node === replaces)?.why ?? step.why;
  return rewrite(replaces, context, (node) => ({ ...node, move: { machine, revision, why } }));
}

function take(step: Step, context: IntentContext, intents: Intents): void {
  switch (step.do) {
    case 'acquire machine':
      intents.changes.push(acquire(step, context));
      break;
    case 'release machine':
      intents.changes.push(...release(step, context));
      break;
    case 'add node':
      intents.changes.push(add(step, context));
      intents.nextOrdinal[step.family] = Math.max(intents.nextOrdinal[step.family] ?? 0, step.ordinal + 1);
      break;
    case 'change node':
      intents.changes.push(...rewrite(step.node, context, (node) => changed(node, step)));
      break;
    case 'remove node':
      intents.changes.push(...rewrite(step.node, context, (node) => ({ ...node, desired: 'removed' })));
      break;
  }
  intents.events.push(told(step, context.document.name));
}

function acquire(step: StepOf<'acquire machine'>, { facts }: IntentContext): Change {
  const offer = facts.offers.find((one) => one.id === step.offer) as Offer;
  const machine: Machine = {
    token: step.token,
    provider: step.provider,
    domain: step.domain,
    offer: step.offer,
    machineType: offer.machineType,
    providerId: null,
    access: null,
    attributes: offer.attributes,
    capacity: offer.capacity,
    platform: offer.platform,
    addresses: offer.addresses,
    pricePerHour: offer.pricePerHour,
    state: { phase: 'wanted', why: null },
  };
  return { put: 'machine', key: step.token, value: machine, expect: 0 };
}

function release(step: StepOf<'release machine'>, { machines, at }: IntentContext): Change[] {
  const record = machines.get(step.token);
  if (record === undefined || record.value.state.phase === 'destroying') return [];
  const value: Machine = { ...record.value, state: { phase: 'destroying', since: at } };
  return [{ put: 'machine', key: step.token, value, expect: record.version }];
}

function add(step: StepOf<'add node'>, context: IntentContext): Change {
  const { document, at } = context;
  const replaces = step.replaces === null ? null : partOf(step.replaces, context);
  const node: Node = {
    id: step.node,
    blueprint: document.name,
    family: step.family,
    ordinal: step.ordinal,
    name: step.name,
    desired: 'running',
    generation: 1,
    placement: step.placement,
    specification: step.specification,
    state: { phase: 'waiting', why: 'for its turn' },
    startedGeneration: 0,
    failures: 0,
    createdAt: at,
    ...(replaces === null ? {} : { replaces }),
  };
  return { put: 'node', key: step.node, value: node, expect: 0 };
}

/** Whose part it is: that of the node before the one that is replaced, where that one is still at work. */
function partOf(replaced: string, { nodes }: IntentContext): string {
  const before = nodes.get(replaced)?.value.replaces ?? replaced;
  return nodes.get(before)?.value.desired === 'running' ? before : replaced;
}

function rewrite(id: string, { nodes }: IntentContext, become: (node: Node) => Node): Change[] {
  const record = nodes.get(id);
  return record === undefined ? [] : [{ put: 'node', key: id, value: become(record.value), expect: record.version }];
}

function changed(node: Node, step: StepOf<'change node'>): Node {
  return { ...node, specification: step.specification, generation: node.generation + 1 };
}

function told(step: Step, blueprint: string): EventDraft {
  const object = 'name' in step ? step.name : step.do === 'acquire machine' ? step.offer : step.token;
  const kind = 'name' in step ? 'node' : 'machine';
  return { level: 'info', kind, object, blueprint, what: `planned: ${step.do}`, words: step.why };
}

/** Who may be changed or replaced now: at most `parallel` of a family are unhealthy or too young at any time; moves first. */
function turnsOf(steps: readonly Step[], context: IntentContext): Turns {
  const moves = steps.flatMap((step) => {
    const old = step.do === 'add node' && step.replaces !== null ? context.nodes.get(step.replaces)?.value : undefined;
    return old !== undefined && step.do === 'add node' && isMove(old, step, context) ? [old] : [];
  });
  const changes = steps.flatMap((step) => (step.do === 'change node' ? [step] : []));
  const families = new Set([...moves, ...changes].map(({ family }) => family));
  const allowed = [...families].flatMap((family) => {
    const own = changes.filter((step) => step.family === family).map(({ node }) => node);
    const idle = own.filter((node) => !isRunning(context.nodes.get(node)?.value));
    const moving = moves.filter((node) => node.family === family).map(({ id }) => id);
    const inTurn = [...moving, ...own.filter((node) => !idle.includes(node))];
    return [...idle, ...inTurn.slice(0, roomFor(family, context))];
  });
  return { allowed: new Set(allowed), moving: new Set(moves.map(({ id }) => id)), successors: successorsIn(context) };
}

/** Of several that would take one's place, the first by its id. */
function successorsIn({ nodes }: IntentContext): Map<string, Node> {
  const found = new Map<string, Node>();
  for (const { value } of nodes.values()) {
    const { replaces, desired } = value;
    if (typeof replaces === 'string' && desired === 'running' && !found.has(replaces)) found.set(replaces, value);
  }
  return found;
}

/** Whether a node that does its work is to be replaced on another machine. */
function isMove(old: Node, step: StepOf<'add node'>, { machines }: IntentContext): boolean {
  const { machine } = old.placement;
  const isWell = isRunning(old) && old.desired === 'running' && machines.get(machine)?.value.state.phase === 'ready';
  return isWell && machine !== step.placement.machine;
}

/** How many more nodes of the family may be unsettled. */
function roomFor(family: string, context: IntentContext): number {
  const members = [...context.nodes.values()].map((one) => one.value).filter((node) => isMember(node, family, context));
  const settling = members.filter((node) => node.desired === 'running' && !isSettled(node, family, context));
  return Math.max(0, (context.document.families[family]?.update?.parallel ?? 1) - settling.length);
}

function isMember(node: Node, family: string, { document }: IntentContext): boolean {
  return node.blueprint === document.name && node.family === family;
}

function isRunning(node: Node | undefined): boolean {
  return node?.state.phase === 'running';
}

function isSettled(node: Node, family: string, { document, nowMs }: IntentContext): boolean {
  if (node.state.phase !== 'running' || node.generation > node.startedGeneration) return false;
  const healthyMs = (document.families[family]?.update?.minHealthySeconds ?? 5) * 1_000;
  return nowMs - Date.parse(node.state.since) >= healthyMs;
}
