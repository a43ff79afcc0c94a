/** The exact methods behind one door: the quickest that fits the problem is taken. */
import type { BlueprintDocument } from '../../model/blueprint.ts';
import { compile } from './compile.ts';
import { cover, isCovering } from './cover.ts';
import type { Order, Scene } from './place.ts';
import { solveProgram } from './program.ts';
import type { Answer, Effort, Problem, SolveProgram } from './problem.ts';

/** What is done for each objective of a plan, and for each question whether something is possible at all. */
const planEffort: Effort = { branches: 20_000, seconds: 60 };
const possibleEffort: Effort = { branches: 2_000, seconds: 20, asksWhether: true };

/** Whether the blueprint asks for more than the balance that placing one by one finds. */
export function asksForBest(
  { limits, licences, optimise, oneOf, reserved }: BlueprintDocument,
  orders: readonly Order[],
): boolean {
  const isAsked = [limits, licences, optimise, oneOf, reserved].some((one) => one !== undefined);
  return isAsked || orders.some(({ need, count }) => count > 0 && isDemanding(need));
}

function isDemanding({ definition, rules }: Order['need']): boolean {
  const { uses, ordered, serves } = definition;
  const { apartFrom, most, least, pinned, spread } = rules;
  return [uses, ordered, serves, apartFrom, most, least, pinned, spread?.shares].some((one) => one !== undefined);
}

/** What the exact methods say. `board` of the scene is not changed. */
export function answerOf(problem: Problem, solve: SolveProgram | undefined, effort = planEffort): Answer {
  if (problem.kinds.every(({ count }) => count === 0)) return { outcome: 'unknown', why: 'there is nothing to place' };
  const isHomeless = problem.kinds.some(
    ({ count }, kind) => count > 0 && !problem.bins.some(({ allowed, copies }) => copies > 0 && allowed[kind] === true),
  );
  if (isHomeless || problem.pinnedNowhere) return { outcome: 'impossible' };
  if (isCovering(problem)) {
    const covered = cover(problem);
    if (covered.outcome !== 'unknown') return covered;
  }
  if (solve === undefined) return { outcome: 'unknown', why: 'no solver is at hand' };
  return solveProgram(problem, solve, effort);
}

/** What can be said of placing all orders at once, by what the scene aims at, with little work. */
export function answerTo(
  document: BlueprintDocument,
  orders: readonly Order[],
  scene: Scene,
  solve: SolveProgram | undefined,
): Answer {
  const problem = compile({ document, orders, scene });
  if (problem === null) return { outcome: 'unknown', why: 'machines are shared in a way that cannot be said' };
  return answerOf({ ...problem, priorities: 0 }, solve, possibleEffort);
}
