/**
 * Any problem as an integer program. A column is a pattern on a bin (so many machines of the bin have just these nodes);
 * where all nodes are alike to a machine, columns are nodes and machines instead, which are far fewer. Every rule is a
 * few linear rows over them. Objectives are minimised one after another, each held at its best before the next.
 */
import { hostRulesOf, patternsOf } from './patterns.ts';
import type { HostRules } from './patterns.ts';
import { placeKeyOf, withoutWorse } from './interchange.ts';
import { capacityOf, Program } from './program-model.ts';
import type { Column } from './program-model.ts';
import { addEvenness } from './program-evenness.ts';
import { addRules } from './program-rules.ts';
import { objectivesOf } from './program-objectives.ts';
import type { Answer, Bin, Certainty, Effort, Kind, Load, Problem, SolveProgram } from './problem.ts';

/** More columns than that are not written. */
const mostColumns = 60_000;
const patternsABin = 4_000;

/** Solves the problem. */
export function solveProgram(problem: Problem, solve: SolveProgram, effort: Effort): Answer {
  const even = problem.objectives[0] === 'spread' ? solveEvenly(problem, solve, effort) : null;
  if (even !== null) return even;
  const program = programOf(problem);
  if (program === null) return { outcome: 'unknown', why: 'too many ways to share machines' };
  addRules(program);
  return minimise(program, solve, effort);
}

/**
 * Where spreading counts first, nothing is better than perfectly even: it is tried as a rule, which is far easier than
 * as an objective. Null where it is not possible, or not all of the spreading can be said so.
 */
function solveEvenly(problem: Problem, solve: SolveProgram, effort: Effort): Answer | null {
  const program = programOf({ ...problem, objectives: problem.objectives.slice(1) });
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
      if (loads === null) return { outcome: 'unknown', why: 'the work that is done for a plan is over' };
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

/** Which columns to write; null when there would be too many. */
function programOf(problem: Problem): Program | null {
  const rules = hostRulesOf(problem.kinds);
  const key = placeKeyOf(problem);
  if (areAlike(problem, rules)) {
    const bins = withoutWorse(problem.bins, key, (bin) => capacityOf(bin, problem.kinds));
    const fewer = { ...problem, bins };
    return new Program(fewer, plainColumns(fewer), false);
  }
  const columns = new Map<string, Column>();
  // cheap ones first: of interchangeable bins the first that holds some nodes is the one for them
  for (const [at, bin] of [...problem.bins].sort((a, b) => a.price - b.price).entries()) {
    const patterns = patternsOf(bin, problem.kinds, rules, patternsABin);
    if (patterns === null) return null;
    const place = key(bin) ?? `only ${at}`;
    for (const [nth, nodes] of patterns.entries()) {
      const name = `${place}|${nodes.join()}`;
      if (!columns.has(name) && isTogether(problem.kinds, bin, nodes))
        columns.set(name, { name: `z${at}_${nth}`, bin, nodes, machines: 1 });
    }
    if (columns.size > mostColumns) return null;
  }
  return new Program(problem, [...columns.values()], true);
}

/** A family that is together on one host is there as a whole. */
function isTogether(kinds: readonly Kind[], bin: Bin, nodes: readonly number[]): boolean {
  return kinds.every(({ need, count }, kind) => {
    const here = nodes[kind] ?? 0;
    return need.rules.together !== 'host' || here === 0 || (here === count && (bin.here[kind] ?? 0) >= 0);
  });
}

/** Whether it makes no difference to a machine which nodes it has: they take the same, and no rule looks at hosts. */
function areAlike({ kinds, bins, objectives }: Problem, rules: HostRules): boolean {
  if (objectives.includes('balance')) return false;
  const [first] = kinds;
  const isSame = kinds.every(({ use }) => use.every((amount, at) => amount === first?.use[at]));
  const looksAtHosts = kinds.some(
    ({ need: { rules: own } }) =>
      [own.spread?.over, own.consolidate, own.together, own.near?.within].includes('host') ||
      own.least?.host !== undefined,
  );
  const isFree = rules.foes.every((foes) => foes.length === 0) && rules.most.every((most) => most === Infinity);
  return (
    isSame &&
    isFree &&
    !looksAtHosts &&
    bins.every((bin) => bin.pinned.length === 0) &&
    bins.length * kinds.length > 200
  );
}

function plainColumns({ kinds, bins }: Problem): Column[] {
  const none = kinds.map(() => 0);
  return bins.flatMap((bin, at) => {
    if (capacityOf(bin, kinds) < 1) return [];
    const nodes = kinds.flatMap((kind, nth): Column[] =>
      bin.allowed[nth] === true && kind.count > 0
        ? [{ name: `x${at}_${nth}`, bin, nodes: none.with(nth, 1), machines: 0 }]
        : [],
    );
    return nodes.length === 0 ? [] : [...nodes, { name: `y${at}`, bin, nodes: none, machines: 1 }];
  });
}

function loadsOf({ columns, byPattern, problem }: Program, value: (column: string) => number): Load[] {
  const used = columns.flatMap((column) => {
    const times = Math.round(value(column.name));
    return times > 0 ? [{ bin: column.bin, nodes: column.nodes, times }] : [];
  });
  if (byPattern) return used;
  const byBin = Map.groupBy(used, ({ bin }) => bin);
  return [...byBin].flatMap(([bin, loads]) => filled(bin, loads, problem.kinds));
}

/** Machines filled one after another with the nodes that are to be on the bin. */
function filled(bin: Bin, loads: readonly Load[], kinds: readonly Kind[]): Load[] {
  const left = kinds.map((_, kind) => loads.reduce((sum, { nodes, times }) => sum + (nodes[kind] ?? 0) * times, 0));
  const capacity = capacityOf(bin, kinds);
  const machines: Load[] = [];
  while (left.some((count) => count > 0)) {
    let free = capacity;
    const nodes = left.map((count, kind) => {
      const here = Math.min(count, free);
      free -= here;
      left[kind] = count - here;
      return here;
    });
    machines.push({ bin, nodes, times: 1 });
  }
  return machines;
}
