import { Release } from '../../model/release.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { recordsIn } from '../part-of.ts';

export const releaseList = listEndpoint({
  operation: 'listReleases',
  path: '/releases',
  role: 'read',
  about: 'shared',
  summary: 'All releases, the newest upload last',
  item: Release,
  read: async ({ part }, { store }) => ({ found: await recordsIn(store, { kind: 'release' }, part) }),
});
