/** Looking things up by what users call them; what is not there is a fault that says so. */
import { Fault } from '../base/fault.ts';
import { nearest } from '../base/nearest.ts';
import type { Revision } from '../model/blueprint.ts';
import type { Head } from '../model/head.ts';
import type { Node } from '../model/node.ts';
import type { Release } from '../model/release.ts';
import type { Kind, Records, Store, Versioned } from '../store/store.ts';

/** The record of a kind and key. Fault not-found. */
export async function find<K extends Kind>(store: Store, kind: K, key: string): Promise<Versioned<Records[K]>> {
  return (await store.get(kind, key)) ?? absent(kind, key, await near(store, kind, key));
}

/** What may have been meant by a name that people give: keys of other kinds nobody types by heart. */
async function near(store: Store, kind: Kind, key: string): Promise<string | undefined> {
  if (!named.has(kind)) return undefined;
  return nearest(
    key,
    (await store.list(kind)).map((record) => record.key),
  );
}

const named: ReadonlySet<Kind> = new Set(['provider', 'domain', 'blueprint']);

/** Values by the list that the store answered: where it answers the same one, so do we. */
const valuesOf = new WeakMap<readonly Versioned<Records[Kind]>[], readonly Records[Kind][]>();

/** The values of all records of a kind, by key: the same list as before where nothing of it has changed, and the store can tell. */
export async function all<K extends Kind>(store: Store, kind: K, blueprint?: string): Promise<readonly Records[K][]> {
  const records = await store.list(kind, blueprint === undefined ? {} : { blueprint });
  const known = valuesOf.get(records) ?? records.map(({ value }) => value);
  valuesOf.set(records, known);
  return known as readonly Records[K][];
}

/** A node by its id or its Erlang name. Fault not-found. */
export async function findNode(store: Store, reference: string): Promise<Node> {
  const byId = await store.get('node', reference);
  if (byId !== undefined) return byId.value;
  const byName = reference.includes('@') ? await all(store, 'node') : [];
  return byName.find(({ name }) => name === reference) ?? absent('node', reference);
}

/** A release by digest or `name@version`. Faults: not-found; invalid when several archives bear that name and version. */
export async function findRelease(store: Store, reference: string): Promise<Versioned<Release>> {
  if (reference.startsWith('sha256:')) return find(store, 'release', reference);
  const named = (await store.list('release')).filter(({ value }) => `${value.name}@${value.version}` === reference);
  const [first, ...others] = named;
  if (first === undefined) return absent('release', reference);
  if (others.length === 0) return first;
  throw new Fault('invalid', `${named.length} archives are called ${reference}`, {
    object: `release ${reference}`,
    next: `name one by its digest: ${named.map(({ key }) => key).join(', ')}`,
  });
}

/** A blueprint with its current revision. */
export interface Current {
  readonly head: Head;
  readonly revision: Revision;
}

/** Where a blueprint stands. Fault not-found. */
export async function findCurrent(store: Store, name: string): Promise<Current> {
  const { value: head } = await find(store, 'blueprint', name);
  return { head, revision: (await find(store, 'revision', `${name}@${head.revision}`)).value };
}

/** The current revision of a blueprint; undefined when it has gone meanwhile. */
export async function revisionOf(store: Store, { name, revision }: Head): Promise<Revision | undefined> {
  return (await store.get('revision', `${name}@${revision}`))?.value;
}

/** Every blueprint with its current revision, by name. One that goes while we look is left out. */
export async function allCurrent(store: Store): Promise<Current[]> {
  const heads = await all(store, 'blueprint');
  const found = await Promise.all(heads.map(async (head) => ({ head, revision: await revisionOf(store, head) })));
  return found.flatMap(({ head, revision }) => (revision === undefined ? [] : [{ head, revision }]));
}

function absent(kind: Kind, key: string, meant?: string): never {
  const question = meant === undefined ? undefined : `did you mean ${meant}? See: ${listing[kind]}`;
  throw new Fault('not-found', `there is no ${kind} ${key}`, {
    object: `${kind} ${key}`,
    next: question ?? listing[kind],
  });
}

const listing: { readonly [K in Kind]?: string } = {
  provider: 'wombat provider list',
  domain: 'wombat domain list',
  release: 'wombat release list',
  blueprint: 'wombat status',
  plan: 'wombat plan',
  operation: 'wombat op list',
  node: 'wombat node list',
  token: 'wombat token list',
};
