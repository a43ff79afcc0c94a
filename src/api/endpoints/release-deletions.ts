import { BulkAnswer, BulkRequest } from '../../model/bulk.ts';
import { singleRequest, toEach } from '../bulk.ts';
import type { Done } from '../bulk.ts';
import { endpoint } from '../endpoint.ts';
import { findRelease } from '../find.ts';
import { deleteRelease, releaseDelete } from './release-delete.ts';

export const releaseDeletions = endpoint({
  operation: 'deleteReleases',
  method: 'POST',
  path: '/releases/deletions',
  role: 'operate',
  about: 'installation',
  summary: 'Deletes many releases, those that are used excepted; answers an outcome each',
  body: BulkRequest,
  answer: BulkAnswer,
  status: 207,
  handle({ body: { names }, caller, signal }, context) {
    const as = (reference: string) => singleRequest(releaseDelete, { reference }, null);
    const each = {
      ...{ caller, signal, otherwise: as },
      async act(reference: string, found: (done: Done) => void) {
        const record = await findRelease(context.store, reference);
        found({ name: `${record.value.name}@${record.value.version}`, as: as(record.key) });
        await deleteRelease(context, record);
        return null;
      },
    };
    return toEach(names, each, context);
  },
});
