import { z } from 'zod';
import { Plan } from '../../model/plan.ts';
import { endpoint } from '../endpoint.ts';
import { planSubject } from '../subject.ts';
import { find } from '../find.ts';

export const planShow = endpoint({
  operation: 'showPlan',
  method: 'GET',
  path: '/plans/{id}',
  role: 'read',
  about: 'plan',
  summary: 'One plan with its steps and reasons',
  subject: planSubject,
  params: z.object({ id: z.string() }),
  answer: Plan,
  handle: async ({ params }, { store }) => (await find(store, 'plan', params.id)).value,
});
