/**
 * When the cluster is proven (I7): as soon as every node that should run does, again whenever its subject (which
 * processes, which edges) is another one, and now and then. A missing edge is repaired, and told.
 */
import { again, done } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import { builtInAction } from '../cluster/cluster.ts';
import type { ProofMember } from '../cluster/cluster.ts';
import { expectedEdges } from '../model/component.ts';
import { isAsDesired } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import { proofSubject } from '../model/topology.ts';
import type { Edge, Proof } from '../model/topology.ts';
import type { EventDraft } from '../model/event.ts';
import { faultCodeOf, wordsOf } from '../base/fault.ts';
import { timestamp } from '../base/clock.ts';
import type { Store } from '../store/store.ts';
import { elapsedSince } from './elapsed.ts';
import type { Scene } from './scene.ts';
import type { Proven, World } from './world.ts';

/** a little less than three times as long as nodes are left alone: what answers a proof need not be asked besides */
const periodMs = 29_000;
const faultyMs = 3_000;
const changedMs = 100;

/** Proves the cluster if it is time to. */
export async function proveCluster(world: World, scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const wanted = scene.nodes.filter((node) => node.desired === 'running');
  const ready = wanted.filter(isAsDesired);
  if (wanted.length === 0 || ready.length < wanted.length) return done;
  const last = await world.store.get('proof', scene.document.name);
  const ageMs = last === undefined ? Infinity : elapsedSince(world, `proof ${last.key}`, last.value.at);
  const isOfThis = async ({ subject }: Proof) =>
    (await provenAsIs(world, scene)) !== null || subject === proofSubject(wanted, scene.across(wanted).subject);
  const dueMs = last?.value.ok === true && (await isOfThis(last.value)) ? periodMs : 0;
  if (ageMs < dueMs) return again(dueMs - ageMs, 'the cluster is proved again now and then');
  const found = await judgedUnlessChanged(world, scene, signal);
  if (found === null) return again(changedMs, 'the cluster changed while it was looked at');
  await keep(world, scene, found, signal);
  const { proof } = found;
  return again(proof.ok ? periodMs : faultyMs, proof.verdict);
}

/**
 * The last proof of a scene that nothing was changed about since, to the last record; null where there is none. What the nodes
 * themselves would say now it does not tell.
 */
export async function provenAsIs({ store, memory }: World, scene: Scene): Promise<Proven | null> {
  const known = memory.proven.get(scene.document.name);
  if (known === undefined || scene.sources === null) return null;
  const sources = await sourcesOf(store, scene.sources);
  const isSame = sources.every((one, at) => one === known.sources[at]);
  return isSame && (await store.get('proof', scene.document.name))?.version === known.version ? known : null;
}

/** What a proof rests on besides what the nodes say: the scene, and what the releases should run. */
async function sourcesOf(store: Store, ofScene: readonly unknown[]): Promise<readonly unknown[]> {
  return [...ofScene, await store.list('release')];
}

/** Proves the cluster as it is meant to be at the moment, records it, and tells when the verdict is another one. */
export async function proveNow(world: World, scene: Scene, signal: AbortSignal): Promise<Proof> {
  const found = await judged(world, scene, signal);
  await keep(world, scene, found, signal);
  return found.proof;
}

/** A proof, and what it was made from. */
interface Found {
  /** as it is recorded */
  readonly proof: Proof;
  /** as the cluster room answered it, now or before */
  readonly seen: Proof;
  /** when the nodes began to be asked, monotonic milliseconds */
  readonly at: number;
}

/** The judgement; null when a node was told something else meanwhile: it speaks of a cluster that is no more. */
async function judgedUnlessChanged(world: World, scene: Scene, signal: AbortSignal): Promise<Found | null> {
  const ids = new Set([...scene.nodes, ...scene.linked.nodes].map(({ id }) => id));
  const changed = new AbortController();
  const unsubscribe = world.store.subscribe(({ changes }) => {
    if (changes.some(({ kind, key }) => kind === 'node' && ids.has(key))) changed.abort();
  });
  try {
    const until = AbortSignal.any([signal, changed.signal]);
    const found = (await unchanged(world, scene, until)) ?? (await judged(world, scene, until));
    return changed.signal.aborted && !found.proof.ok ? null : found;
  } finally {
    unsubscribe();
  }
}

/** The last proof once more, where neither the records have changed nor what any of the nodes says. */
async function unchanged(world: World, scene: Scene, signal: AbortSignal): Promise<Found | null> {
  const [known, last] = [await provenAsIs(world, scene), await world.store.get('proof', scene.document.name)];
  if (known === null || last === undefined) return null;
  const at = world.clock.monotonic();
  const wanted = scene.nodes.filter((node) => node.desired === 'running');
  if (!(await world.cluster.sayTheSame(known.proof, wanted, signal))) return null;
  return { proof: { ...last.value, at: timestamp(world.clock) }, seen: known.proof, at };
}

async function judged(world: World, scene: Scene, signal: AbortSignal): Promise<Found> {
  const at = world.clock.monotonic();
  const wanted = scene.nodes.filter((node) => node.desired === 'running');
  const members = await proofMembers(world, wanted);
  const edges = expectedEdges(scene.document, wanted, scene.runs);
  const across = scene.across(wanted);
  const seen = await world.cluster.prove(scene.document.name, members, edges, { across, signal });
  return { proof: { ...seen, subject: proofSubject(wanted, across.subject) }, seen, at };
}

/** Records a proof, and tells when the verdict is another one. */
async function keep(world: World, scene: Scene, found: Found, signal: AbortSignal): Promise<void> {
  const { proof } = found;
  const last = (await world.store.get('proof', proof.blueprint))?.value;
  const isNews = last?.verdict !== proof.verdict || last.subject !== proof.subject;
  await world.store.commit(
    [{ put: 'proof', key: proof.blueprint, value: proof, expect: null }],
    isNews ? [proofEvent(proof)] : [],
  );
  // met now, so that a wall clock that is set before the next pass does not put the next proof off
  elapsedSince(world, `proof ${proof.blueprint}`, proof.at);
  endSilences(world, scene.nodes, proof);
  await remember(world, scene, found);
  if (!proof.ok) await repair(world, scene, proof, signal);
}

async function remember({ store, memory }: World, scene: Scene, { proof, seen, at }: Found): Promise<void> {
  const name = proof.blueprint;
  memory.proven.delete(name);
  const version = (await store.get('proof', name))?.version;
  if (!proof.ok || scene.sources === null || version === undefined) return;
  memory.proven.set(name, { sources: await sourcesOf(store, scene.sources), proof: seen, version, at });
}

/**
 * A node that has just told its view is not silent, and is not ended for a silence that began before. One that is asked by
 * commands is: its probe says whether it is well, and its view may be another command.
 */
function endSilences({ memory }: World, nodes: readonly Node[], { faults, nodesExpected, nodesSeen }: Proof): void {
  const told = faults.filter(({ kind }) => kind === 'unreachable node' || kind === 'another process');
  const unseen = told.filter(({ kind }) => kind === 'unreachable node').length;
  // of very many faults the last are only counted
  if (unseen < nodesExpected - nodesSeen) return;
  const others = new Set(told.flatMap((fault) => fault.nodes));
  for (const { id, name, desired, specification } of nodes)
    if (desired === 'running' && specification.commands === undefined && !others.has(name))
      memory.silentSince.delete(id);
}

/**
 * A running node that does not answer contradicts the last proof at once: what it says does not hold from here on, and the
 * cluster is proven anew. Nothing is written where it did not hold anyway.
 */
export async function contradict({ store, wake, memory }: World, node: Node, why: string): Promise<void> {
  const last = await store.get('proof', node.blueprint);
  memory.proven.delete(node.blueprint);
  if (last?.value.ok !== true || node.desired !== 'running') return;
  const words = `${node.name} cannot be seen: ${why}`;
  const faults = [{ kind: 'unreachable node' as const, nodes: [node.name], words }];
  const proof = { ...last.value, ok: false, verdict: words, faults };
  try {
    await store.commit([{ put: 'proof', key: last.key, value: proof, expect: last.version }], [proofEvent(proof)]);
  } catch (error) {
    // it was proven anew meanwhile: that looked later than we did
    if (faultCodeOf(error) !== 'conflict') throw error;
  }
  wake.component(node.blueprint);
}

/** The nodes with what their releases should run. */
export async function proofMembers(world: World, nodes: readonly Node[]): Promise<ProofMember[]> {
  const members: ProofMember[] = [];
  for (const node of nodes) {
    const release = await world.store.get('release', node.specification.digest);
    if (release !== undefined) members.push({ node, inspection: release.value.inspection });
  }
  return members;
}

function proofEvent(proof: Proof): EventDraft {
  const what = proof.ok ? 'proved' : 'not proved';
  const level = proof.ok ? 'info' : 'error';
  return { level, kind: 'blueprint', object: proof.blueprint, blueprint: proof.blueprint, what, words: proof.verdict };
}

/**
 * Connects what should be connected and is not: the nodes know each other's names, so one call an edge will do. A node that
 * answers as another process than the one on record has bootstrapped nothing yet, and will choose its peers itself.
 */
async function repair(world: World, scene: Scene, proof: Proof, signal: AbortSignal): Promise<void> {
  const others = new Set(proof.faults.flatMap(({ kind, nodes }) => (kind === 'another process' ? nodes : [])));
  const byName = new Map([...scene.linked.nodes, ...scene.nodes].map((node) => [node.name, node]));
  const missing: Edge[] = proof.faults
    .filter(({ kind, nodes }) => kind === 'missing edge' && !nodes.some((name) => others.has(name)))
    .map((fault) => fault.nodes as unknown as Edge);
  for (const [one, other] of missing) {
    const [fresh, peer] = [byName.get(one), byName.get(other)];
    if (fresh === undefined || peer === undefined || fresh.specification.commands !== undefined) continue;
    const isHidden = fresh.blueprint !== peer.blueprint && scene.linked.map.between(fresh, peer) === 'hidden';
    const connect = builtInAction(isHidden ? 'distributed_erlang_hidden' : 'distributed_erlang');
    if (connect === null) continue;
    try {
      await world.cluster.step(connect.join, { fresh, peer }, signal);
    } catch (error) {
      world.log.info({ from: one, to: other, error: wordsOf(error) }, 'a missing edge could not be repaired yet');
    }
  }
}
