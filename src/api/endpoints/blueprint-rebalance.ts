import { Plan, RebalanceRequest } from '../../model/plan.ts';
import { Created } from '../answer.ts';
import { endpoint } from '../endpoint.ts';
import { blueprintSubject } from '../subject.ts';
import { findCurrent } from '../find.ts';
import { NameParameter } from '../parameters.ts';
import { within } from '../within.ts';

/** Says which nodes would be better off elsewhere, and what is gained. Nothing moves before the plan is adopted. */
export const blueprintRebalance = endpoint({
  operation: 'rebalanceBlueprint',
  method: 'POST',
  path: '/blueprints/{name}/rebalance',
  role: 'operate',
  about: 'blueprint',
  summary: 'Plans moves of running nodes to where they are better off; the plan can then be adopted',
  repeatable: true,
  subject: blueprintSubject,
  params: NameParameter,
  body: RebalanceRequest,
  answer: Plan,
  creates: true,
  async handle({ params: { name }, body, signal }, context) {
    await findCurrent(context.store, name);
    const rebalance = (inner: AbortSignal) => context.ports.rebalance(name, body, inner);
    return new Created(await within(context, `the plan for ${name}`, signal, rebalance));
  },
});
