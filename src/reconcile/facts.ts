/** Everything the planner may know, gathered: what providers offer, what we have, what the releases are. */
import { Fault } from '../base/fault.ts';
import { sha256Of } from '../base/sha256.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import { components } from '../model/component.ts';
import type { Node } from '../model/node.ts';
import type { Facts } from '../model/plan.ts';
import type { OfferSheet } from '../model/offer-sheet.ts';
import type { Release, ReleaseReference } from '../model/release.ts';
import { relevantFacts } from '../plan/plan.ts';
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
  const machines = (await world.store.list('machine')).map((record) => record.value);
  const nodes = (await world.store.list('node')).map((record) => record.value);
  return {
    domains: places.flatMap((place) => place.domains),
    providers: sheets.map((sheet) => ({ name: sheet.provider, fault: sheet.fault })),
    offers: world.offers.judged(sheets.flatMap((sheet) => sheet.offers)).map(withIdle),
    machines: machines.map((machine) => withActivity(machine, world.hosts.activity(machine.token))),
    nodes,
    releases: await releasesOf(world.store, document),
    ...(await linkedNodes(world.store, document, nodes)),
  };
}

/** Nodes of other blueprints that nodes of this one must reach, as this document links them. */
async function linkedNodes(
  store: Store,
  document: BlueprintDocument,
  nodes: readonly Node[],
): Promise<Pick<Facts, 'linked'>> {
  const map = (await readLinks(store)).map.with(document);
  if (map.links.length === 0) return {};
  const { name: blueprint } = document;
  const others = nodes.filter((node) => node.blueprint !== blueprint && node.desired !== 'removed');
  const linked = components(document).flatMap(({ name, families }) => {
    const meets = (node: Node) => families.some((family) => map.between({ blueprint, family }, node) !== null);
    const found = others
      .filter(meets)
      .map(({ id, blueprint: other }) => ({ node: id, to: map.isAbove(blueprint, other) }));
    return found.length === 0 ? [] : [[name, found] as const];
  });
  return linked.length === 0 ? {} : { linked: Object.fromEntries(linked) };
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

/** The releases that a document names, as they are stored. Fault invalid when one is not there. */
export async function releasesOf(store: Store, document: BlueprintDocument): Promise<Facts['releases']> {
  const stored = (await store.list('release')).map((record) => record.value);
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
