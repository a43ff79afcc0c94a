import { Release } from '../../model/release.ts';
import { endpoint } from '../endpoint.ts';
import { releaseSubject } from '../subject.ts';
import { findRelease } from '../find.ts';
import { ReleaseParameter } from '../parameters.ts';

export const releaseShow = endpoint({
  operation: 'showRelease',
  method: 'GET',
  path: '/releases/{reference}',
  role: 'read',
  about: 'shared',
  summary: 'One release with what its inspection found',
  subject: releaseSubject,
  params: ReleaseParameter,
  answer: Release,
  handle: async ({ params }, { store }) => (await findRelease(store, params.reference)).value,
});
