import type { Caller } from '../caller.ts';
import type { Part, Standing } from '../list-endpoint.ts';
import { BlueprintStatus, BriefStatus } from '../../model/exchange.ts';
import type { Head } from '../../model/head.ts';
import { briefStatus } from '../known-status.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { recordsIn } from '../part-of.ts';
import { recordsOfEach } from '../status-records.ts';
import { blueprintStatus } from '../../model/blueprint-status.ts';
import type { Store } from '../../store/store.ts';

export const statusShow = listEndpoint({
  operation: 'showStatus',
  path: '/status',
  role: 'read',
  about: 'list',
  summary: 'The status of every blueprint, by name',
  item: BlueprintStatus,
  read: async (input, { store }) => ({ found: await standing(store, input, (heads) => statuses(store, heads)) }),
});

export const statusBrief = listEndpoint({
  operation: 'showStatusInBrief',
  path: '/status/brief',
  role: 'read',
  about: 'list',
  summary: 'The status of every blueprint without its nodes and machines: what a line for each needs, by name',
  item: BriefStatus,
  read: async (input, { store }) => ({
    found: await standing(store, input, (heads) => Promise.all(heads.map((head) => briefStatus(store, head)))),
  }),
});

/** What is shown of a part of the blueprints, each where it stands; null for those that go while we look. */
async function standing<T>(
  store: Store,
  { caller, part }: { readonly caller: Caller; readonly part: Part },
  shown: (heads: readonly Head[]) => Promise<readonly (T | null)[]>,
): Promise<Standing<T>[]> {
  const heads = await recordsIn(store, { kind: 'blueprint', seenBy: caller.blueprints }, part);
  const all = await shown(heads.map(({ item }) => item));
  return heads.map(({ at }, n) => ({ item: all[n] ?? null, at }));
}

async function statuses(store: Store, heads: readonly Head[]): Promise<(BlueprintStatus | null)[]> {
  const records = await recordsOfEach(store, heads);
  return records.map((found) => (found === null ? null : blueprintStatus(found)));
}
