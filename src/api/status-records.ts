/** Gathers what the status of blueprints is made from: each kind of record is read once, however many there are. */
import { linkRecordsOf } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import type { Machine } from '../model/machine.ts';
import type { Provider } from '../model/provider.ts';
import type { Release } from '../model/release.ts';
import type { Node } from '../model/node.ts';
import type { Head } from '../model/head.ts';
import { all, findCurrent, revisionOf } from './find.ts';
import type { Current } from './find.ts';
import { machinesOf } from '../model/blueprint-status.ts';
import type { BlueprintRecords } from '../model/blueprint-status.ts';

/** The records of one blueprint. Fault not-found. */
export async function recordsOf(store: Store, blueprint: string): Promise<BlueprintRecords> {
  const current = await findCurrent(store, blueprint);
  const nodes = await all(store, 'node', blueprint);
  const [machines, providers] = [await all(store, 'machine'), await all(store, 'provider')];
  return together(store, current, { nodes, machines, providers, releases: await all(store, 'release') });
}

/** The records of blueprints by their heads; null for one that goes while we look. */
export async function recordsOfEach(store: Store, heads: readonly Head[]): Promise<(BlueprintRecords | null)[]> {
  if (heads.length === 0) return [];
  const [machines, providers] = [await all(store, 'machine'), await all(store, 'provider')];
  const releases = await all(store, 'release');
  const found = heads.map(async (head) => {
    const revision = await revisionOf(store, head);
    if (revision === undefined) return null;
    const nodes = await all(store, 'node', head.name);
    return together(store, { head, revision }, { nodes, machines, providers, releases });
  });
  return Promise.all(found);
}

interface Surroundings {
  readonly nodes: readonly Node[];
  readonly machines: readonly Machine[];
  readonly providers: readonly Provider[];
  readonly releases: readonly Release[];
}

async function together(store: Store, { head, revision }: Current, around: Surroundings): Promise<BlueprintRecords> {
  const { nodes, machines, providers, releases } = around;
  return {
    head,
    document: revision.document,
    nodes,
    machines: machinesOf(head.name, nodes, machines, providers),
    proof: (await store.get('proof', head.name))?.value ?? null,
    releases,
    rollouts: await all(store, 'rollout', head.name),
    quarantine: await all(store, 'quarantine', head.name),
    links: await linkRecordsOf(store, revision.document, nodes),
  };
}
