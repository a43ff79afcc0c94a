/**
 * A plan's steps as intents in the store: pure, and nothing else than what the steps say. Changes of running nodes are
 * let through a few at a time, by their family's update policy; the rest waits for the next pass, which finds it again.
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
  const changing = allowedChanges(steps, context);
  const intents: Intents = { changes: [], events: [], nextOrdinal: {}, held: 0 };
  let held = 0;
  for (const step of steps) {
    if (step.do === 'change node' && !changing.has(step.node)) held += 1;
    else take(step, context, intents);
  }
  return { ...intents, held };
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

function add(step: StepOf<'add node'>, { document, at }: IntentContext): Change {
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
  };
  return { put: 'node', key: step.node, value: node, expect: 0 };
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

/** Nodes that may be changed now: at most `parallel` of a family are unhealthy or too young at any time. */
function allowedChanges(steps: readonly Step[], context: IntentContext): ReadonlySet<string> {
  const wanted = steps.filter((step) => step.do === 'change node');
  const byFamily = Map.groupBy(wanted, (step) => step.family);
  const allowed = [...byFamily].flatMap(([family, changes]) => {
    const members = [...context.nodes.values()]
      .map((one) => one.value)
      .filter((node) => isMember(node, family, context));
    const settling = members.filter((node) => node.desired === 'running' && !isSettled(node, family, context));
    const room = (context.document.families[family]?.update?.parallel ?? 1) - settling.length;
    const idle = changes.filter(({ node }) => !isRunning(context.nodes.get(node)?.value));
    return [...idle, ...changes.filter((one) => !idle.includes(one)).slice(0, Math.max(0, room))].map(
      (one) => one.node,
    );
  });
  return new Set(allowed);
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
