import { BlueprintStatus } from '../../model/exchange.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { recordsIn } from '../part-of.ts';
import { recordsOfEach } from '../status-records.ts';
import { blueprintStatus } from '../../model/blueprint-status.ts';
import type { BlueprintRecords } from '../../model/blueprint-status.ts';

export const statusShow = listEndpoint({
  operation: 'showStatus',
  path: '/status',
  role: 'read',
  about: 'list',
  summary: 'The status of every blueprint, by name',
  item: BlueprintStatus,
  async read({ caller, part }, { store }) {
    const heads = await recordsIn(store, { kind: 'blueprint', seenBy: caller.blueprints }, part);
    const records = await recordsOfEach(
      store,
      heads.map(({ item }) => item),
    );
    return { found: heads.map(({ at }, n) => ({ item: statusOf(records[n]), at })) };
  },
});

function statusOf(records: BlueprintRecords | null | undefined): BlueprintStatus | null {
  return records ? blueprintStatus(records) : null;
}
