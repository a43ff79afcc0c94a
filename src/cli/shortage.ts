/** A plan that leaves nodes without a place, as the failure it is: exit 4, or 8 and 9 where a provider is the cause. */
import { lackIn } from '../model/shortage.ts';
import { CliFailure } from './failure.ts';
import type { Plan } from '../model/plan.ts';

/** The failure, in the words in which adopting the plan would be refused; undefined when every node has a place. */
export function shortageFailure({ blueprint, report }: Plan): CliFailure | undefined {
  const lack = lackIn(report);
  return lack === null
    ? undefined
    : new CliFailure(lack.code, lack.why, { object: `blueprint ${blueprint}`, next: lack.next });
}
