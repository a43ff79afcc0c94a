import { z } from 'zod';
import { Adopted } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { planSubject } from '../subject.ts';
import { OperationQuery, askedBy } from '../parameters.ts';

/** Records the intent and returns; the loops take it from there. */
export const planAdopt = endpoint({
  operation: 'adoptPlan',
  method: 'POST',
  path: '/plans/{id}/adopt',
  role: 'operate',
  about: 'plan',
  summary: "Makes a plan's revision current; refused when the facts have changed since (conflict)",
  repeatable: true,
  subject: planSubject,
  params: z.object({ id: z.string() }),
  query: OperationQuery,
  answer: Adopted,
  begins: ({ operation }) => operation,
  handle: ({ params, query, caller }, { ports }) => ports.adopt(params.id, askedBy(caller, query)),
});
