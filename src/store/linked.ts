/** What is on record of the blueprints that hang together by links: read only. */
import { acrossOf, linkStates, nothingAcross } from '../model/across.ts';
import type { Linked, LinkRecords } from '../model/across.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Head } from '../model/head.ts';
import { LinkMap } from '../model/link.ts';
import type { Node } from '../model/node.ts';
import type { Kind, Records, Store, Versioned } from './store.ts';

type Links = Pick<Linked, 'map' | 'destroying'>;

const alone: Linked = { map: new LinkMap([]), destroying: new Set(), nodes: [], runs: [] };

/** The current documents of all blueprints, and which are being destroyed. */
export async function readLinks(store: Store): Promise<Links> {
  return await linksOf(store, await store.list('blueprint'));
}

type Heads = readonly Versioned<Head>[];

/** By the list as the store answered it: where it answers the same one, nothing of it has changed. */
const readFrom = new WeakMap<Heads, Links>();

async function linksOf(store: Store, heads: Heads): Promise<Links> {
  const known = readFrom.get(heads);
  if (known !== undefined) return known;
  const values = heads.map(({ value }) => value);
  const links = await linksBy(store, values);
  if (links.map.documents.size === heads.length) readFrom.set(heads, links);
  return links;
}

/** What was read last, by its store: documents change seldom, and how they hang together takes time to find out. */
const lastRead = new WeakMap<Store, { readonly key: string; readonly links: Links }>();

async function linksBy(store: Store, heads: readonly Head[]): Promise<Links> {
  // a revision is never written over, and whoever makes a blueprint anew begins to count again: the plan's id tells them apart
  const key = heads
    .map(({ name, revision, plan, destroying }) => [name, revision, plan, destroying].join(' '))
    .join('\n');
  const known = lastRead.get(store);
  if (known?.key === key) return known.links;
  const revisions = await Promise.all(heads.map(({ name, revision }) => store.get('revision', `${name}@${revision}`)));
  const documents = revisions.flatMap((record): BlueprintDocument[] =>
    record === undefined ? [] : [record.value.document],
  );
  const going = heads.filter(({ destroying }) => destroying).map(({ name }) => name);
  const links = { map: new LinkMap(documents), destroying: new Set(going) };
  if (documents.length === heads.length) lastRead.set(store, { key, links });
  return links;
}

/** What concerns one blueprint of those that it is linked with: their nodes and runs. Costs one look where there is no other blueprint. */
export async function linkedWith(store: Store, blueprint: string): Promise<Linked> {
  const links = await linksBeside(store, blueprint);
  if (links === null) return alone;
  const { map, destroying } = links;
  const nearby = map.nearby(blueprint);
  const [nodes, runs] = [await listsOf(store, 'node', nearby), await listsOf(store, 'run', nearby)];
  const ofLinks = together.get(links) ?? new Map<string, Together>();
  together.set(links, ofLinks);
  const known = ofLinks.get(blueprint);
  if (known !== undefined && isSame(known.nodes, nodes) && isSame(known.runs, runs)) return known.linked;
  const linked = { map, destroying, nodes: valuesOf(nodes), runs: valuesOf(runs) };
  ofLinks.set(blueprint, { nodes, runs, linked });
  return linked;
}

type Lists<K extends Kind> = readonly (readonly Versioned<Records[K]>[])[];

/** What was put together of lists that the store answered. */
interface Together {
  readonly nodes: Lists<'node'>;
  readonly runs: Lists<'run'>;
  readonly linked: Linked;
}

/** Asked for by many between two changes of the blueprints around one; forgotten with the links that it rests on. */
const together = new WeakMap<Links, Map<string, Together>>();

/** Whether they are the very same lists, which are other ones after a change. */
function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one, at) => one === others[at]);
}

/** Names of the blueprints whose nodes may be connected with those of one, or wait for them. */
export async function partnersOf(store: Store, blueprint: string): Promise<readonly string[]> {
  return (await linksBeside(store, blueprint))?.map.nearby(blueprint) ?? [];
}

/** Null where there is no other blueprint. */
async function linksBeside(store: Store, blueprint: string): Promise<Links | null> {
  const heads = await store.list('blueprint');
  return heads.some(({ key }) => key !== blueprint) ? await linksOf(store, heads) : null;
}

async function listsOf<K extends Kind>(store: Store, kind: K, blueprints: readonly string[]): Promise<Lists<K>> {
  return Promise.all(blueprints.map((blueprint) => store.list(kind, { blueprint })));
}

function valuesOf<V>(lists: readonly (readonly Versioned<V>[])[]): V[] {
  return lists.flatMap((list) => list.map(({ value }) => value));
}

/** How a blueprint with that document and these nodes hangs together with others. */
export async function linkRecordsOf(
  store: Store,
  document: BlueprintDocument,
  nodes: readonly Node[],
): Promise<LinkRecords> {
  const linked = await linkedWith(store, document.name);
  const from = linked.map.linksTo(document.name);
  const states = linkStates(document, linked, 'some');
  if (linked.nodes.length === 0) return { states, from, across: nothingAcross };
  const runs = (await store.list('run', { blueprint: document.name })).map(({ value }) => value);
  const wanted = nodes.filter(({ desired }) => desired === 'running');
  return { states, from, across: acrossOf(document, wanted, runs, linked) };
}
