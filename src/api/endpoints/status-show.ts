import type { Caller } from '../caller.ts';
import type { Part, Standing } from '../list-endpoint.ts';
import { BlueprintStatus, BriefStatus } from '../../model/exchange.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { recordsIn } from '../part-of.ts';
import { recordsOfEach } from '../status-records.ts';
import { blueprintStatus, inBrief } from '../../model/blueprint-status.ts';
import type { Store } from '../../store/store.ts';

export const statusShow = listEndpoint({
  operation: 'showStatus',
  path: '/status',
  role: 'read',
  about: 'list',
  summary: 'The status of every blueprint, by name',
  item: BlueprintStatus,
  read: async (input, { store }) => ({ found: await statuses(store, input, (status) => status) }),
});

export const statusBrief = listEndpoint({
  operation: 'showStatusInBrief',
  path: '/status/brief',
  role: 'read',
  about: 'list',
  summary: 'The status of every blueprint without its nodes and machines: what a line for each needs, by name',
  item: BriefStatus,
  read: async (input, { store }) => ({ found: await statuses(store, input, inBrief) }),
});

/** The statuses of a part of the blueprints, each as it is to be shown. */
async function statuses<T>(
  store: Store,
  { caller, part }: { readonly caller: Caller; readonly part: Part },
  shown: (status: BlueprintStatus) => T,
): Promise<Standing<T>[]> {
  const heads = await recordsIn(store, { kind: 'blueprint', seenBy: caller.blueprints }, part);
  const records = await recordsOfEach(
    store,
    heads.map(({ item }) => item),
  );
  return heads.map(({ at }, n) => {
    const found = records[n] ?? null;
    return { item: found === null ? null : shown(blueprintStatus(found)), at };
  });
}
