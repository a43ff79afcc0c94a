/**
 * The planner: what must be done to get from the facts to the blueprint, with the reason of everything (I9). Pure: the
 * same question has the same answer (I10), and a world that is as it should be has an empty plan.
 *
 *   diff            which nodes stay, go, are lacking or must be somewhere else
 *   place/          where the lacking ones go
 *   draft           steps with names, ports, addresses
 *   report          what was not possible, and why
 */
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Facts, Planned, RebalanceRequest } from '../model/plan.ts';
import { bestAttempt } from './attempt.ts';
import { Draft } from './draft.ts';
import { rebalanced } from './rebalance.ts';
import { reportOf } from './report.ts';
import type { SolveProgram } from './place/problem.ts';

export { relevantFacts } from './relevant-facts.ts';
export { isSameSpecification, specificationsOf, stableText } from './specification.ts';
export type { SolveProgram } from './place/problem.ts';

/** What the planner must know of where the blueprint stands. */
export interface PlanHead {
  /** ordinals are never used twice: the next one by family, 1 when absent */
  readonly nextOrdinal: Readonly<Record<string, number>>;
  readonly destroying: boolean;
  /** the revision that is planned for */
  readonly revision?: number;
}

/** What besides the facts a plan is made with. */
export interface PlanMoment {
  /** decides the ids that are given; nothing else depends on it */
  readonly seed: number;
  /** for what placing one by one cannot do; without it such blueprints are placed as well as it can */
  readonly solve?: SolveProgram | undefined;
  /** everything that runs is placed anew, and moves where that is better */
  readonly rebalance?: RebalanceRequest | undefined;
}

/** Plans. */
export function makePlan(document: BlueprintDocument, head: PlanHead, facts: Facts, moment: PlanMoment): Planned {
  const question = { document, destroying: head.destroying, revision: head.revision ?? 0, facts, ...moment };
  const { attempt, gain, why } =
    moment.rebalance === undefined
      ? { attempt: bestAttempt(question), gain: null, why: null }
      : rebalanced(question, moment.rebalance);
  const draft = new Draft({ ...attempt, document, head, facts, board: attempt.board(), seed: moment.seed });
  const report = reportOf(question, attempt);
  return {
    steps: draft.steps(),
    report: {
      ...report,
      ...(gain === null ? {} : { gain }),
      warnings: [...(why === null ? [] : [why]), ...report.warnings],
    },
    ...draft.costs(),
  };
}
