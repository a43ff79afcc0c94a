/**
 * What a pass does about other blueprints that this one is linked with: nodes are told each other's cookies before they
 * meet, links that the document does not say any more are cut, and who waits is woken.
 */
import { linkStates } from '../model/across.ts';
import type { Linked } from '../model/across.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import { familyOf, linkKind, linksOf, referenceTo } from '../model/link.ts';
import type { FamilyOf } from '../model/link.ts';
import { incarnationOf } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import type { Run } from '../model/topology.ts';
import { linkedWith, partnersOf } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import type { Scene } from './scene.ts';
import type { World } from './world.ts';

/** What nodes of the family wait for at other blueprints, as words behind `waiting`; null when for nothing. */
export async function awaitedLink(store: Store, document: BlueprintDocument, family: string): Promise<string | null> {
  const own = Object.keys(document.families[family]?.bootstrap?.with ?? {});
  if (own.every((reference) => familyOf(reference) === undefined)) return null;
  const states = linkStates(document, await linkedWith(store, document.name), 'all');
  return states.find(({ from, waits }) => from.family === family && waits !== null)?.waits ?? null;
}

/** Has the clusters looked at that hang together with a blueprint: their nodes may have waited for it, and their edges are others. */
export async function wakeLinked(world: World, blueprint: string): Promise<void> {
  for (const partner of await partnersOf(world.store, blueprint)) world.wake.component(partner);
}

/** Has nodes look again that may wait for another blueprint: it may be why their cluster is looked at. */
export function wakeWaiting(world: World, { document, nodes }: Scene): void {
  const linking = new Set(linksOf(document).map(({ from }) => from.family));
  for (const { id, family, state } of nodes) if (state.phase === 'waiting' && linking.has(family)) world.wake.node(id);
}

/** The nodes of other blueprints that may have joined this one: those of families that link to its family. */
export async function leansFromOutside(store: Store, node: Node): Promise<Node[]> {
  const { map, nodes } = await linkedWith(store, node.blueprint);
  const families = map.linksTo(node.blueprint).filter(({ to }) => to.family === node.family);
  return nodes.filter((one) => families.some(({ from }) => isOf(from, one)));
}

function isOf({ blueprint, family }: FamilyOf, node: Node): boolean {
  return node.blueprint === blueprint && node.family === family;
}

/**
 * Tells cookies to whoever speaks the other's, to our nodes and to theirs: before a node of ours joins its own cluster,
 * which may hand it on to theirs at once.
 */
export async function acquaint(world: World, { document, nodes, linked }: Scene, signal: AbortSignal): Promise<void> {
  if (linked.nodes.length === 0) return;
  const { name } = document;
  const wanted = (list: readonly Node[]) => [...Map.groupBy(list.filter(isWanted), referenceTo).values()];
  const others = wanted(linked.nodes);
  for (const own of wanted(nodes)) {
    for (const theirs of others) {
      const [mine, peer] = [own[0], theirs[0]];
      if (mine === undefined || peer === undefined || linked.map.between(mine, peer) === null) continue;
      const [speakers, spoken] = linked.map.speaks(name, peer.blueprint) ? [own, theirs] : [theirs, own];
      await world.cluster.introduce(speakers.filter(answers), spoken, signal);
    }
  }
}

function isWanted({ desired }: Node): boolean {
  return desired === 'running';
}

/** Whether it can be called. */
function answers({ state }: Node): boolean {
  return state.phase === 'started' || state.phase === 'running';
}

/**
 * Cuts the links that the document does not say any more, or says otherwise: our nodes that joined by them lose the cookies
 * of all they have nothing to do with now, and the connections. The runs are the record of what is left to cut.
 */
export async function unlink(world: World, scene: Scene, signal: AbortSignal): Promise<void> {
  const stale = scene.runs.filter((run) => isStale(run, scene.document));
  if (stale.length === 0) return;
  const blueprints = new Set(stale.flatMap(({ strategy }) => familyOf(strategy)?.blueprint ?? []));
  const strangers = (await strangersIn(world.store, scene, blueprints)).filter((one) => incarnationOf(one) !== null);
  for (const node of scene.nodes.filter(answers)) {
    const cut = strangers.filter((one) => !isKept(scene, stale, node, one));
    if (cut.length > 0) await world.cluster.part(node, cut, signal);
  }
  const words = `not linked to ${[...new Set(stale.map(({ strategy }) => strategy))].join(', ')} any more`;
  const { name } = scene.document;
  await scene.drop(stale, [
    { level: 'info', kind: 'blueprint', object: name, blueprint: name, what: 'unlinked', words },
  ]);
  await wakeLinked(world, name);
  blueprints.forEach((one) => world.wake.component(one));
}

/** Whether a run was made by a link that is not there any more, or is of another kind now. */
function isStale(run: Run, { families, name }: BlueprintDocument): boolean {
  const to = familyOf(run.strategy);
  if (to === undefined || to.blueprint === name || run.step !== 'join') return false;
  const strategy = families[run.family]?.bootstrap?.with?.[run.strategy];
  if (strategy === undefined) return true;
  return run.edge !== null && linkKind(strategy.action) !== (run.hidden === true ? 'hidden' : 'visible');
}

/** Whether the connection between two nodes is one that is said now: a hidden one counts only where a hidden run made it. */
function isKept({ linked, runs }: Scene, stale: readonly Run[], node: Node, peer: Node): boolean {
  const isOf = (run: Run) => run.node === node.id && run.peer === peer.id;
  const kind = linked.map.between(node, peer);
  if (kind === null || stale.some(isOf)) return false;
  return kind === 'visible' || [...runs, ...linked.runs].some((run) => isOf(run) && run.hidden === true);
}

/** Nodes of the blueprints that were linked, and of all that hang together with these. */
async function strangersIn(
  store: Store,
  { linked, document }: Scene,
  blueprints: ReadonlySet<string>,
): Promise<Node[]> {
  const { map, nodes }: Linked = linked;
  const known = new Set(map.nearby(document.name));
  const names = new Set([...blueprints].flatMap((one) => [one, ...map.partners(one)]));
  const apart = [...names].filter((one) => one !== document.name && !known.has(one));
  const lists = await Promise.all(apart.map((blueprint) => store.list('node', { blueprint })));
  return [...nodes.filter((one) => names.has(one.blueprint)), ...lists.flat().map(({ value }) => value)];
}
