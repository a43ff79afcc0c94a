/**
 * The cluster of one blueprint: its nodes join one after another, so that no islands form, and are then proven to be
 * one. One key per blueprint, so that joins are serial without a lock. Level-triggered: what a node owes is read from
 * the runs on record, so that a restart, a lost neighbour or a crash of ours between two joins is the ordinary case.
 *
 * Where it is linked with other blueprints, their nodes are peers like its own; they are joined by their own key.
 */
import { again, done } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import { timestamp } from '../base/clock.ts';
import { dependenciesOf, startOrder } from '../model/component.ts';
import { familyOf } from '../model/link.ts';
import type { FamilyOf } from '../model/link.ts';
import type { Node } from '../model/node.ts';
import type { Run } from '../model/topology.ts';
import type { EventDraft } from '../model/event.ts';
import { rotateCookies } from './cookie-rotation.ts';
import { documentOf } from './documents.ts';
import { join } from './join.ts';
import { acquaint, unlink, wakeLinked, wakeWaiting } from './linked.ts';
import { proveCluster, provenAsIs } from './proof.ts';
import { Scene } from './scene.ts';
import { isChoice, owedBy, strategiesOf } from './strategies.ts';
import type { Applied, Owed } from './strategies.ts';
import type { World } from './world.ts';

const retryMs = 2_000;
/** running nodes are looked at when those that have arrived are done with, and while more arrive not more often than this */
const quietMs = 20;
const arrivalMs = 2_000;
/** how many nodes of a family whose strategy says `parallel` join at once */
const parallelJoins = 16;

/** One pass: nodes that have arrived join; when there are none, running ones make up for what they owe, then the proof. */
export async function reconcileComponent(world: World, blueprint: string, signal: AbortSignal): Promise<Outcome> {
  const document = await documentOf(world.store, blueprint);
  if (document === undefined) return done;
  const scene = await Scene.read(world.store, document);
  const { outlived } = scene;
  if (outlived.length > 0) await scene.drop(outlived, []);
  // before anybody joins: newcomers have the new cookie
  const rotated = await rotateCookies(world, scene, signal);
  wakeWaiting(world, scene);
  await unlink(world, scene, signal);
  await acquaint(world, scene, signal);
  const started = inJoinOrder(scene, 'started');
  const ok = await bootstrapAll(world, scene, started, signal);
  if (ok && started.length > 0) return again(quietMs, 'others may owe something to those that have just joined');
  if (areArriving(scene) && !isDue(world, blueprint)) return again(arrivalMs, 'nodes are still arriving');
  // what nodes owe follows from what is on record: where that is what it was when they owed nothing, they owe nothing
  const isAsProven = (await provenAsIs(world, scene)) !== null;
  const settled = isAsProven || (await bootstrapAll(world, scene, inJoinOrder(scene, 'running'), signal));
  const proved = await proveCluster(world, scene, signal);
  if (!ok || !settled || !rotated) world.memory.proven.delete(blueprint);
  if (!rotated) return again(retryMs, 'a cookie is being rotated');
  return ok && settled ? proved : again(retryMs, 'a bootstrap action failed and is tried again');
}

/** Whether nodes are on their way that will have to join. */
function areArriving(scene: Scene): boolean {
  const arriving: readonly string[] = ['waiting', 'installing', 'starting'];
  return scene.nodes.some((node) => node.desired === 'running' && arriving.includes(node.state.phase));
}

/** True at most once in the time between two looks at running nodes. */
function isDue(world: World, blueprint: string): boolean {
  const last = world.memory.settledAt.get(blueprint) ?? -Infinity;
  const due = world.clock.monotonic() - last >= arrivalMs;
  if (due) world.memory.settledAt.set(blueprint, world.clock.monotonic());
  return due;
}

/** Does what these nodes owe, which brings started ones to `running`. False when some action failed. */
async function bootstrapAll(world: World, scene: Scene, nodes: readonly Node[], signal: AbortSignal): Promise<boolean> {
  const strategies = new Map(
    Object.keys(scene.document.families).map((family) => [family, strategiesOf(scene.document, family)]),
  );
  const open = [...nodes];
  let ok = true;
  while (open.length > 0) {
    const batch = nextBatch(open, strategies);
    const joins = batch.map((id) => bootstrapOne(world, scene, id, { strategies, signal }));
    ok = (await Promise.all(joins)).every(Boolean) && ok;
  }
  return ok;
}

interface Joining {
  readonly strategies: ReadonlyMap<string, readonly Applied[]>;
  readonly signal: AbortSignal;
}

/** Takes the next node from the row, and with it those behind it that may join at the same time. */
function nextBatch(open: Node[], strategies: Joining['strategies']): string[] {
  const mayShare = (node: Node) => {
    const applied = strategies.get(node.family) ?? [];
    return applied.length > 0 && applied.every((one) => one.parallel);
  };
  const first = open.shift();
  if (first === undefined) return [];
  const batch = [first.id];
  while (mayShare(first) && batch.length < parallelJoins && open[0]?.family === first.family) {
    batch.push((open.shift() as Node).id);
  }
  return batch;
}

/** The nodes of one phase, families in the order of their dependencies. */
function inJoinOrder(scene: Scene, phase: 'started' | 'running'): Node[] {
  const order = new Map(startOrder(scene.document).map((family, rank) => [family, rank]));
  const rank = (node: Node) => order.get(node.family) ?? order.size;
  return scene.nodes
    .filter((node) => node.desired === 'running' && node.state.phase === phase)
    .sort((a, b) => rank(a) - rank(b) || a.ordinal - b.ordinal);
}

/** Does what one node owes, in order; the first action that fails ends it. True when nothing failed. */
async function bootstrapOne(world: World, scene: Scene, id: string, joining: Joining): Promise<boolean> {
  const node = scene.node(id);
  if (node === undefined) return true;
  const owed = await owedIn(world, scene, node, joining);
  if (owed.length === 0 && node.state.phase !== 'started') return true;
  const runs = await joinAll(world, node, owed, joining.signal);
  const failure = runs.find((run) => run.outcome === 'failed');
  if (failure === undefined) await scene.write(running(world, node), runs, [joinedEvent(node, runs)]);
  else await scene.write(troubled(node, failure), [...runs], [failedEvent(node, failure)]);
  if (failure === undefined && node.state.phase === 'started') wakeDependents(world, scene, node.family);
  const concernsOthers =
    node.state.phase === 'started' || runs.some(({ strategy }) => familyOf(strategy) !== undefined);
  if (concernsOthers) await wakeLinked(world, scene.document.name);
  return failure === undefined;
}

/**
 * What a node owes. Where it may choose whom it joins and every edge counts, it is asked first whom it sees: a choice that
 * was made and never recorded, because we died in between, is made again.
 */
async function owedIn(world: World, scene: Scene, node: Node, joining: Joining): Promise<Owed[]> {
  const applied = joining.strategies.get(node.family) ?? [];
  const situation = {
    family: (of: FamilyOf) => scene.family(of),
    runsOf: (of: string) => scene.runsOf(of),
    random: world.random,
  };
  const owed = owedBy(node, applied, situation);
  if (node.specification.mesh !== 'selected' || !owed.some(({ strategy }) => isChoice(strategy))) return owed;
  try {
    const { visible } = await world.cluster.view(node, joining.signal);
    return visible.length === 0 ? owed : owedBy(node, applied, { ...situation, sees: new Set(visible) });
  } catch (error) {
    if (joining.signal.aborted) throw error;
    // it does not answer: the action says so in its own words
    return owed;
  }
}

/** Nodes that may have waited for this family to run. */
function wakeDependents(world: World, scene: Scene, family: string): void {
  for (const node of scene.nodes) {
    const depends = node.state.phase === 'waiting' && dependenciesOf(scene.document, node.family).includes(family);
    if (depends) world.wake.node(node.id);
  }
}

async function joinAll(world: World, node: Node, owed: readonly Owed[], signal: AbortSignal): Promise<Run[]> {
  const runs: Run[] = [];
  for (const one of owed) {
    const run = await join(world, node, one, signal);
    runs.push(run);
    if (run.outcome === 'failed') break;
  }
  return runs;
}

function running(world: World, node: Node): Node {
  if (node.state.phase !== 'started') return node;
  return { ...node, state: { phase: 'running', since: timestamp(world.clock), process: node.state.process } };
}

/** A running node that owes something stays running; a started one says what keeps it. */
function troubled(node: Node, failure: Run): Node {
  const why = `bootstrap (${failure.strategy}) with ${failure.peerName ?? 'nobody'} failed: ${failure.words}`;
  if (node.state.phase !== 'started') return { ...node, failures: node.failures + 1 };
  return { ...node, failures: node.failures + 1, state: { ...node.state, why } };
}

function joinedEvent(node: Node, runs: readonly Run[]): EventDraft {
  const peers = runs.map((run) => run.peerName);
  const words = peers.length === 0 ? 'the first of its kind: nobody to join' : `joined ${peers.join(', ')}`;
  return { level: 'info', kind: 'node', object: node.name, blueprint: node.blueprint, what: 'bootstrapped', words };
}

function failedEvent(node: Node, failure: Run): EventDraft {
  const words = `${failure.strategy} with ${failure.peerName ?? 'nobody'}: ${failure.words}`;
  return {
    level: 'error',
    kind: 'node',
    object: node.name,
    blueprint: node.blueprint,
    what: 'bootstrap failed',
    words,
  };
}
