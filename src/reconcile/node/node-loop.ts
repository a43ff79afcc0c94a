/**
 * The life of one node: a row of stages, one a phase. The loop reads the record, runs the stage of its phase, writes
 * what the node becomes by compare-and-set and goes on until a stage has to wait. Somebody else's write in between
 * makes the commit fail, and the pass starts over from what is recorded then.
 */
import { again, done } from '../../base/outcome.ts';
import type { Outcome } from '../../base/outcome.ts';
import { dependenciesOf } from '../../model/component.ts';
import { documentOf } from '../documents.ts';
import type { Node, NodePhase } from '../../model/node.ts';
import { partnersOf } from '../../store/store.ts';
import type { Versioned } from '../../store/store.ts';
import { leansFromOutside, wakeLinked } from '../linked.ts';
import type { World } from '../world.ts';
import { failed } from './failed.ts';
import { installing } from './installing.ts';
import { removing } from './removing.ts';
import { watched } from './running.ts';
import { starting } from './starting.ts';
import { become, now } from './stage.ts';
import type { AnyPass, Stage, StageOutcome } from './stage.ts';
import { stopped, stopping } from './stopping.ts';
import { waiting } from './waiting.ts';

const stages: { readonly [P in NodePhase['phase']]: Stage<P> } = {
  waiting,
  installing,
  starting,
  started: watched as Stage<'started'>,
  running: watched as Stage<'running'>,
  stopping,
  stopped,
  failed,
  removing,
};

/** Phases in which a process may exist. */
const alive: ReadonlySet<NodePhase['phase']> = new Set(['starting', 'started', 'running', 'failed', 'stopping']);
/** How often a node looks whether those that go before it are gone. */
const dependentLookMs = 200;
/** Phases that are on the way down already. */
const ending: ReadonlySet<NodePhase['phase']> = new Set(['stopping', 'stopped', 'removing']);
/** Changes of phase that others wait for. */
const watchedByOthers: ReadonlySet<NodePhase['phase']> = new Set(['started', 'failed', 'stopped', 'running']);

/** One pass over a node: as many stages as it can go without waiting. */
export async function reconcileNode(world: World, id: string, signal: AbortSignal): Promise<Outcome> {
  for (;;) {
    const record = await world.store.get('node', id);
    if (record === undefined) return done;
    const machine = await world.store.get('machine', record.value.placement.machine);
    const pass = { world, node: record.value, machine: machine?.value, signal };
    const result = await stageOf(pass);
    if (result.outcome === 'become' || result.outcome === 'vanish') await write(world, record, result);
    else return result;
    if (result.outcome === 'vanish') return done;
  }
}

/** What the node is meant to be comes first, then its phase. */
function stageOf(pass: AnyPass): Promise<StageOutcome> | StageOutcome {
  const { desired, state } = pass.node;
  if (desired !== 'running' && !ending.has(state.phase)) return wayDown(pass);
  const stage = stages[state.phase] as Stage<NodePhase['phase']>;
  return stage(pass);
}

/** No longer wanted to run: stopped if it may be alive, else gone at once. What leans on it goes first. */
async function wayDown(pass: AnyPass): Promise<StageOutcome> {
  const since = now(pass);
  const { node } = pass;
  const leaning = node.desired === 'removed' ? await dependentOf(pass) : undefined;
  if (leaning !== undefined) return again(dependentLookMs, `${leaning} goes first`);
  if (alive.has(node.state.phase)) {
    const process = 'process' in node.state ? node.state.process : null;
    return become(pass, { phase: 'stopping', since, process }, { what: 'stopping', words: `to be ${node.desired}` });
  }
  pass.world.hosts.freeStartSlot(node.placement.machine, node.id);
  return become(pass, node.desired === 'removed' ? { phase: 'removing', since } : { phase: 'stopped', since });
}

/** A node on its way out whose family depends on this one's: it may still want to say goodbye. */
async function dependentOf({ world, node }: AnyPass): Promise<string | undefined> {
  const document = await documentOf(world.store, node.blueprint);
  if (document === undefined) return undefined;
  const families = Object.keys(document.families).filter((one) => dependenciesOf(document, one).includes(node.family));
  const isLeaving = (one: Node) => one.desired === 'removed' && alive.has(one.state.phase);
  const others = families.length === 0 ? [] : await world.store.list('node', { blueprint: node.blueprint });
  const leaning = others.find(({ value }) => families.includes(value.family) && isLeaving(value))?.value;
  return (leaning ?? (await leansFromOutside(world.store, node)).find(isLeaving))?.name;
}

async function write(
  world: World,
  record: Versioned<Node>,
  result: Extract<StageOutcome, { outcome: 'become' | 'vanish' }>,
): Promise<void> {
  const node = record.value;
  const events = result.event === null ? [] : [result.event];
  if (result.outcome === 'vanish') {
    const partners = await partnersOf(world.store, node.blueprint);
    const runs = await Promise.all(
      [node.blueprint, ...partners].map((blueprint) => world.store.list('run', { blueprint })),
    );
    const theirs = runs.flat().filter((run) => run.value.node === node.id || run.value.peer === node.id);
    const removals = theirs.map((run) => ({ remove: 'run' as const, key: run.key, expect: null }));
    const also = result.also ?? [];
    await world.store.commit([{ remove: 'node', key: node.id, expect: record.version }, ...removals, ...also], events);
    world.wake.blueprint(node.blueprint);
    world.wake.component(node.blueprint);
    partners.forEach((partner) => world.wake.component(partner));
    return;
  }
  await world.store.commit([{ put: 'node', key: node.id, value: result.node, expect: record.version }], events);
  if (!watchedByOthers.has(result.node.state.phase)) return;
  world.wake.component(node.blueprint);
  await wakeLinked(world, node.blueprint);
}
