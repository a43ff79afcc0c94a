import { z } from 'zod';
import { Operation } from '../../model/operation.ts';
import { endpoint } from '../endpoint.ts';
import { blueprintSubject } from '../subject.ts';
import { NameParameter, OperationQuery, askedBy } from '../parameters.ts';

export const blueprintDestroy = endpoint({
  operation: 'destroyBlueprint',
  method: 'DELETE',
  path: '/blueprints/{name}',
  role: 'operate',
  about: 'blueprint',
  summary: 'Everything of the blueprint is to go, then the blueprint itself: records that and returns',
  subject: blueprintSubject,
  params: NameParameter,
  query: OperationQuery.extend({
    force: z
      .enum(['true', 'false'])
      .default('false')
      .describe('also while families of other blueprints link to it: they wait for it'),
    forget: z
      .enum(['true', 'false'])
      .default('false')
      .describe(
        'the last resort: records go at once, neither hosts nor providers are asked, and what may be left is told',
      ),
  }),
  answer: Operation,
  begins: ({ id }) => id,
  status: 202,
  handle: ({ params, query, caller }, { ports }) =>
    ports.destroy(params.name, {
      ...askedBy(caller, query),
      force: query.force === 'true',
      forget: query.forget === 'true',
    }),
});
