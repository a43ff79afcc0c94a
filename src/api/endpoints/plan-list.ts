import { PlanView } from '../../model/exchange.ts';
import type { Plan } from '../../model/plan.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { BlueprintQuery } from '../parameters.ts';
import { recordsIn } from '../part-of.ts';

export const planList = listEndpoint({
  operation: 'listPlans',
  path: '/plans',
  role: 'read',
  about: 'list',
  summary: 'The plans that are kept, newest first, without their documents and steps',
  query: BlueprintQuery.shape,
  item: PlanView,
  async read({ query: { blueprint }, caller, part }, { store }) {
    const seen = { kind: 'plan', blueprint, seenBy: caller.blueprints, backwards: true } as const;
    const found = await recordsIn(store, seen, part);
    return { found: found.map(({ item, at }) => ({ item: viewOf(item), at })) };
  },
});

function viewOf({ id, blueprint, parent, revision, cause, createdAt, steps, ...rest }: Plan): PlanView {
  const { costBefore, costAfter } = rest;
  return { id, blueprint, parent, revision, cause, createdAt, steps: steps.length, costBefore, costAfter };
}
