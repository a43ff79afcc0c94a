import { z } from 'zod';
import { Adopted } from '../../model/exchange.ts';
import { endpoint } from '../endpoint.ts';
import { planSubject } from '../subject.ts';

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
  answer: Adopted,
  handle: ({ params, caller }, { ports }) => ports.adopt(params.id, caller.name),
});
