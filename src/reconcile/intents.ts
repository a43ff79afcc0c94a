/**
 * A plan's steps as intents in the store: pure, and nothing else than what the steps say. Changes and moves of running
 * nodes are let through a few at a time, as their families' update policies have it (turns.ts); the rest waits for the
 * next pass, which finds it again. A move that waits is marked on its node, so that it goes where the plan said. The node
 * that moves goes when its replacement has proven itself, unless the two would have one name.
 */
import type { EventDraft } from '../model/event.ts';
import type { Machine, Offer } from '../model/machine.ts';
import type { Node } from '../model/node.ts';
import type { Facts, Step, StepOf } from '../model/plan.ts';
import type { Change } from '../store/store.ts';
import { phaseWhenChanged } from './node/outlived.ts';
import { isRunning, isSettled, turnsOf } from './turns.ts';
import type { TurnContext, Turns } from './turns.ts';

/** What intents are made from. */
export interface IntentContext extends TurnContext {
  /** the revision that the steps belong to */
  readonly revision: number;
  readonly facts: Facts;
  /** RFC 3339 */
  readonly at: string;
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

function mayBeTaken(step: Step, turns: Turns, context: IntentContext): boolean {
  const { allowed, moving, needed, successors } = turns;
  if (step.do === 'change node') return allowed.has(step.node);
  if (step.do === 'add node') return step.replaces === null || !moving.has(step.replaces) || allowed.has(step.replaces);
  if (step.do !== 'remove node') return true;
  const keepsName = context.document.families[step.family]?.keepName === true;
  if (moving.has(step.node)) return keepsName && allowed.has(step.node);
  if (needed.has(step.node)) return false;
  const successor = successors.get(step.node);
  const isAlone = successor === undefined || isSettled(successor, context);
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
      intents.changes.push(...rewrite(step.node, context, (node) => changed(node, step, context.at)));
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
    ...(step.extra === undefined ? {} : { extra: step.extra }),
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

/** What went wrong with the former version says nothing of the new one, which is tried at once. */
function changed(node: Node, step: StepOf<'change node'>, at: string): Node {
  const state = phaseWhenChanged(node);
  return {
    ...node,
    asStarted: node.asStarted ?? node.specification,
    specification: step.specification,
    generation: node.generation + 1,
    failures: 0,
    state: state.phase === 'failed' ? { ...state, retryAt: at } : state,
  };
}

function told(step: Step, blueprint: string): EventDraft {
  const object = 'name' in step ? step.name : step.do === 'acquire machine' ? step.offer : step.token;
  const kind = 'name' in step ? 'node' : 'machine';
  return { level: 'info', kind, object, blueprint, what: `planned: ${step.do}`, words: step.why };
}
