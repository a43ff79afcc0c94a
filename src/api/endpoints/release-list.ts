import { z } from 'zod';
import { Release } from '../../model/release.ts';
import { endpoint } from '../endpoint.ts';
import { all } from '../find.ts';

export const releaseList = endpoint({
  operation: 'listReleases',
  method: 'GET',
  path: '/releases',
  role: 'read',
  about: 'shared',
  summary: 'All releases, the newest upload last',
  answer: z.array(Release),
  handle: async (_, { store }) =>
    (await all(store, 'release')).sort((one, other) => (one.uploadedAt < other.uploadedAt ? -1 : 1)),
});
