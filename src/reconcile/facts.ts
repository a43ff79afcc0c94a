/** Everything the planner may know, gathered: what providers offer, what we have, what the releases are. */
import { Fault } from '../base/fault.ts';
import { sha256Of } from '../base/sha256.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import { components } from '../model/component.ts';
import type { Node } from '../model/node.ts';
import type { Facts } from '../model/plan.ts';
import type { OfferSheet } from '../model/offer-sheet.ts';
import type { Release, ReleaseReference } from '../model/release.ts';
import { referenceTo } from '../model/link.ts';
import type { LinkMap } from '../model/link.ts';
import { relevantFacts, stableText } from '../plan/plan.ts';
import { readLinks } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { withActivity, withIdle } from './activity.ts';
import { placesOf } from './providers.ts';
import type { World } from './world.ts';

/** The facts for a blueprint; offers are not older than `maxAgeMs`. Fault invalid when a release is not there. */
export async function gatherFacts(world: World, document: BlueprintDocument, maxAgeMs: number): Promise<Facts> {
  const places = await placesOf(world.store, document);
  const sheets = await Promise.all(
    places.map(({ provider, domains }) => world.offers.ask(provider, domains, maxAgeMs)),
  );
  const domains = places.flatMap((place) => place.domains);
  const machines = (await world.store.list('machine')).map((record) => record.value);
  const { linked, nodes } = await nodesFor(world.store, document, { domains, machines });
  return {
    domains,
    providers: sheets.map((sheet) => ({ name: sheet.provider, fault: sheet.fault })),
    offers: world.offers
      .judged(
        sheets.flatMap((sheet) => sheet.offers),
        machines,
      )
      .map(withIdle),
    machines: machines.map((machine) => withActivity(machine, world.hosts.activity(machine.token))),
    nodes,
    releases: await releasesOf(world.store, document),
    ...linked,
  };
}

/** The nodes that a plan for this document rests on: its own, those it must reach, and whoever takes room where it may be. */
async function nodesFor(
  store: Store,
  document: BlueprintDocument,
  { domains, machines }: Pick<Facts, 'domains' | 'machines'>,
): Promise<{ nodes: Node[]; linked: Pick<Facts, 'linked'> }> {
  const { name: blueprint } = document;
  const own = (await store.list('node', { blueprint })).map(({ value }) => value);
  const { met, linked } = await linkedNodes(store, document);
  const usable = new Set(domains.map(({ name }) => name));
  const standing = new Set(own.map(({ placement }) => placement.machine));
  const places = new Set(
    machines.flatMap(({ token, domain }) => (usable.has(domain) || standing.has(token) ? [token] : [])),
  );
  const ids = new Set(met.map(({ id }) => id));
  const besides = (await store.list('node')).flatMap(({ value }) =>
    value.blueprint !== blueprint && places.has(value.placement.machine) && !ids.has(value.id) ? [value] : [],
  );
  return { nodes: [...own, ...met, ...besides].sort((a, b) => (a.id < b.id ? -1 : 1)), linked };
}

/** Nodes of other blueprints that nodes of this one must reach, as this document links them. */
async function linkedNodes(
  store: Store,
  document: BlueprintDocument,
): Promise<{ met: Node[]; linked: Pick<Facts, 'linked'> }> {
  const map = await linksWith(store, document);
  if (map.links.length === 0) return { met: [], linked: {} };
  const { name: blueprint } = document;
  const lists = await Promise.all(map.nearby(blueprint).map((other) => store.list('node', { blueprint: other })));
  const others = lists.flat().flatMap(({ value }) => (value.desired === 'removed' ? [] : [value]));
  const byFamily = [...Map.groupBy(others, referenceTo).values()];
  const met = new Set<Node>();
  const linked = components(document).flatMap(({ name, families }) => {
    const found = byFamily.flatMap((nodes) => {
      const [first] = nodes;
      if (first === undefined || !families.some((family) => map.between({ blueprint, family }, first) !== null))
        return [];
      nodes.forEach((node) => met.add(node));
      const to = map.isAbove(blueprint, first.blueprint);
      return nodes.map(({ id }) => ({ node: id, to }));
    });
    return found.length === 0 ? [] : [[name, found] as const];
  });
  return { met: [...met], linked: linked.length === 0 ? {} : { linked: Object.fromEntries(linked) } };
}

/** How all documents hang together, this one as it is given. */
async function linksWith(store: Store, document: BlueprintDocument): Promise<LinkMap> {
  const { map } = await readLinks(store);
  const known = map.documents.get(document.name);
  if (known === document) return map;
  return known !== undefined && stableText(known) === stableText(document) ? map : map.with(document);
}

/** Keeps what registered providers offered, for people to look at. */
export async function keepSheet(store: Store, sheet: OfferSheet): Promise<void> {
  if ((await store.get('provider', sheet.provider)) === undefined) return;
  await store.commit([{ put: 'offers', key: sheet.provider, value: sheet, expect: null }]);
}

/** Names the facts on which a plan for this document rests: another digest means that the plan is stale. */
export function factsDigest(document: BlueprintDocument, facts: Facts): string {
  return sha256Of(relevantFacts(document, facts)).slice(0, 16);
}

/** What was found last in a list as the store answered it: while it answers the same one nothing of it has changed. */
const foundIn = new WeakMap<
  readonly unknown[],
  { readonly document: BlueprintDocument; readonly releases: Facts['releases'] }
>();

/** The releases that a document names, as they are stored. Fault invalid when one is not there. */
export async function releasesOf(store: Store, document: BlueprintDocument): Promise<Facts['releases']> {
  const records = await store.list('release');
  const known = foundIn.get(records);
  if (known?.document === document) return known.releases;
  const releases = releasesIn(
    records.map(({ value }) => value),
    document,
  );
  foundIn.set(records, { document, releases });
  return releases;
}

function releasesIn(stored: readonly Release[], document: BlueprintDocument): Facts['releases'] {
  return Object.entries(document.releases).map(([name, reference]) => {
    const release = stored.find((one) => matches(one, reference));
    if (release === undefined) throw missing(name, reference);
    return { name, digest: release.digest, inspection: release.inspection };
  });
}

function matches(release: Release, reference: ReleaseReference): boolean {
  if ('digest' in reference && reference.digest !== undefined) return release.digest === reference.digest;
  return 'name' in reference && release.name === reference.name && release.version === reference.version;
}

function missing(name: string, reference: ReleaseReference): Fault {
  const what =
    'name' in reference ? `${reference.name} ${reference.version}` : (reference.digest ?? `the archive of ${name}`);
  const next = 'file' in reference ? `wombat release upload ${reference.file}` : 'wombat release list';
  return new Fault('invalid', `release ${name}: ${what} has not been uploaded`, { object: `release ${name}`, next });
}
