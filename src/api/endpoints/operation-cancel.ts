import { z } from 'zod';
import { Operation } from '../../model/operation.ts';
import { endpoint } from '../endpoint.ts';
import { operationSubject } from '../subject.ts';

/** What is taken back is told by an operation of its own, which can be followed, and cancelled again. */
export const operationCancel = endpoint({
  operation: 'cancelOperation',
  method: 'POST',
  path: '/operations/{id}/cancel',
  role: 'operate',
  about: 'operation',
  summary:
    'Ends an operation and takes back what it did; answers the operation that does so (conflict when it has ended)',
  subject: operationSubject,
  params: z.object({ id: z.string() }),
  answer: Operation,
  begins: ({ id }) => id,
  status: 202,
  handle: ({ params, caller }, { ports }) => ports.cancel(params.id, caller.name),
});
