import { z } from 'zod';
import { OperationView } from '../../model/operation.ts';
import { endpoint } from '../endpoint.ts';
import { operationSubject } from '../subject.ts';
import { find } from '../find.ts';

export const operationShow = endpoint({
  operation: 'showOperation',
  method: 'GET',
  path: '/operations/{id}',
  role: 'read',
  about: 'operation',
  summary: 'One operation with its tasks: how far each is, and in whose words it waits or has failed',
  subject: operationSubject,
  params: z.object({ id: z.string() }),
  query: z.object({
    tasks: z.enum(['true', 'false']).default('true').describe('false leaves them out, for those who only wait'),
  }),
  answer: OperationView,
  async handle({ params: { id }, query }, { store, ports }) {
    if (query.tasks === 'true') return ports.operation(id);
    const { tasks: _, ...operation } = (await find(store, 'operation', id)).value;
    return { operation, tasks: null };
  },
});
