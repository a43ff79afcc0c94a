/**
 * Any problem as an integer program: columns (`program-columns.ts`), every rule as a few linear rows over them, and
 * objectives that are minimised one after another, each held at its best before the next.
 */
import { programOf } from './program-columns.ts';
import type { Program } from './program-model.ts';
import { addEvenness } from './program-evenness.ts';
import { loadsOf } from './program-loads.ts';
import { addRules } from './program-rules.ts';
import { objectivesOf } from './program-objectives.ts';
import type { Answer, Certainty, Effort, Kind, Load, Problem, SolveProgram } from './problem.ts';

/** Solves the problem. */
export function solveProgram(problem: Problem, solve: SolveProgram, effort: Effort): Answer {
  const even = problem.objectives[0] === 'spread' ? solveEvenly(problem, solve, effort) : null;
  if (even !== null) return even;
  const program = programOf(problem, effort);
  if (program === null) return { outcome: 'unknown', why: 'too many ways to share machines' };
  addRules(program);
  const answer = minimise(program, solve, effort);
  const isOver = answer.outcome === 'unknown' && program.form === 'patterns';
  return (isOver ? solveByMachines(problem, solve, effort) : null) ?? answer;
}

/**
 * Where patterns are so many that the work was over before anything was found: machines one by one, if these are few.
 * Null where they are not, or something is asked that only patterns know.
 */
function solveByMachines(problem: Problem, solve: SolveProgram, effort: Effort): Answer | null {
  const { kinds, objectives } = problem;
  const looksAtHosts = kinds.some(({ need: { rules } }) => rules.consolidate === 'host');
  if (looksAtHosts || objectives.includes('balance')) return null;
  const program = programOf(problem, { asksWhether: true });
  if (program?.form !== 'machines') return null;
  addRules(program);
  const answer = minimise(program, solve, effort);
  return answer.outcome === 'placed' && !answer.loads.every((load) => isWithin(load, kinds)) ? null : answer;
}

/** Whether a machine holds its nodes exactly: solvers are content with nearly. */
function isWithin({ bin, nodes }: Load, kinds: readonly Kind[]): boolean {
  return bin.room.every((room, at) => {
    const used = nodes.reduce((sum, count, kind) => sum + count * (kinds[kind]?.use[at] ?? 0), 0);
    return used <= room * (1 + 1e-12);
  });
}

/**
 * Where spreading counts first, nothing is better than perfectly even: it is tried as a rule, which is far easier than
 * as an objective. Null where it is not possible, or not all of the spreading can be said so.
 */
function solveEvenly(problem: Problem, solve: SolveProgram, effort: Effort): Answer | null {
  const program = programOf({ ...problem, objectives: problem.objectives.slice(1) }, effort);
  if (program === null || !addEvenness(program)) return null;
  addRules(program);
  const answer = minimise(program, solve, effort);
  return answer.outcome === 'placed' ? answer : null;
}

function minimise(program: Program, solve: SolveProgram, effort: Effort): Answer {
  const stages = objectivesOf(program);
  const scores: number[] = [];
  let loads: readonly Load[] | null = null;
  let ended: Certainty['ended'];
  for (const stage of stages) {
    const found = solveStage(program, stage, solve, effort);
    if (found.status === 'infeasible' && loads === null) return { outcome: 'impossible' };
    if (found.status === 'infeasible' || found.status === 'unknown') {
      if (loads === null)
        return { outcome: 'unknown', why: 'the work that is done for a plan was over before it was found out' };
      ended ??= 'work';
      break;
    }
    loads = loadsOf(program, found.value);
    if (found.status !== 'optimal') ended ??= found.status === 'late' ? 'deadline' : 'work';
    scores.push(found.objective);
    program.text.row(stage, '<=', heldAt(stage, found.objective));
  }
  if (loads === null) return { outcome: 'unknown', why: 'there is nothing to place' };
  const known = ended === undefined ? { proved: true, gap: 0 } : { proved: false, gap: null, ended };
  return { outcome: 'placed', loads, scores, certainty: { method: 'integer programming', ...known } };
}

/** One objective. Where the work ends before its best is proved, the best that was found is looked for once more. */
function solveStage(program: Program, stage: ReadonlyMap<string, number>, solve: SolveProgram, effort: Effort) {
  const { text } = program;
  const whole = text.minimising(stage);
  const own = { ...effort, branches: branchesFor(whole, effort.branches) };
  const found = solve(whole, own);
  if (found.status !== 'ended') return found;
  text.row(stage, '<=', heldAt(stage, found.objective));
  const again = solve(text.minimising(new Map()), own);
  return {
    ...again,
    status: again.status === 'optimal' ? ('ended' as const) : ('unknown' as const),
    objective: found.objective,
  };
}

/** Bytes of a program whose branches cost about a millisecond each. */
const easyBytes = 16_000;

/** Fewer branches where each costs more, so that the work of all programs is about the same. */
function branchesFor(program: string, most: number): number {
  return Math.max(100, Math.round(most / Math.max(1, program.length / easyBytes)));
}

/** What an objective may be in later stages: its best, and what rounding may have hidden of it. */
function heldAt(stage: ReadonlyMap<string, number>, best: number): number {
  const isWhole = [...stage.values()].every(Number.isInteger) && Math.abs(best - Math.round(best)) < 1e-3;
  return isWhole ? Math.round(best) + 1e-3 : best + 1e-6 + Math.abs(best) * 1e-8;
}
