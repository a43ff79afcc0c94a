import { Quarantine } from '../../model/rollout.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { BlueprintQuery } from '../parameters.ts';
import { recordsIn } from '../part-of.ts';

export const quarantineList = listEndpoint({
  operation: 'listQuarantine',
  path: '/quarantine',
  role: 'read',
  about: 'list',
  summary: 'Versions of families that failed while they were rolled out, and are not applied again',
  query: BlueprintQuery.shape,
  item: Quarantine,
  async read({ query: { blueprint }, caller, part }, { store }) {
    return { found: await recordsIn(store, { kind: 'quarantine', blueprint, seenBy: caller.blueprints }, part) };
  },
});
