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
import type { Answer, Bin, Kind, Load, Problem, SolveProgram } from './problem.ts';

/** More columns than that are not written. */
const mostColumns = 60_000;
const patternsABin = 4_000;

/** Solves the problem; `seconds` for all objectives together. */
export function solveProgram(problem: Problem, solve: SolveProgram, seconds: number): Answer {
  const even = problem.objectives[0] === 'spread' ? solveEvenly(problem, solve, seconds / 2) : null;
  if (even !== null) return even;
  const program = programOf(problem);
  if (program === null) return { outcome: 'unknown', why: 'too many ways to share machines' };
  addRules(program);
  return minimise(program, solve, seconds);
}

/**
 * Where spreading counts first, nothing is better than perfectly even: it is tried as a rule, which is far easier than
 * as an objective. Null where it is not possible, or not all of the spreading can be said so.
 */
function solveEvenly(problem: Problem, solve: SolveProgram, seconds: number): Answer | null {
  const program = programOf({ ...problem, objectives: problem.objectives.slice(1) });
  if (program === null || !addEvenness(program)) return null;
  addRules(program);
  const answer = minimise(program, solve, seconds);
  return answer.outcome === 'placed' ? answer : null;
}

function minimise(program: Program, solve: SolveProgram, seconds: number): Answer {
  const stages = objectivesOf(program);
  const scores: number[] = [];
  let loads: readonly Load[] | null = null;
  let [proved, gap]: [boolean, number | null] = [true, 0];
  for (const stage of stages) {
    const found = solve(program.text.minimising(stage), seconds / stages.length);
    if (found.status === 'infeasible') return loads === null ? { outcome: 'impossible' } : unsure(loads, scores);
    if (found.status === 'unknown')
      return loads === null ? { outcome: 'unknown', why: 'the time is over' } : unsure(loads, scores);
    loads = loadsOf(program, found.value);
    if (found.status === 'feasible') [proved, gap] = [false, null];
    scores.push(found.objective);
    program.text.row(stage, '<=', heldAt(stage, found.objective));
  }
  return loads === null
    ? { outcome: 'unknown', why: 'there is nothing to place' }
    : { outcome: 'placed', loads, scores, certainty: { method: 'integer programming', proved, gap } };
}

/** What an objective may be in later stages: its best, and what rounding may have hidden of it. */
function heldAt(stage: ReadonlyMap<string, number>, best: number): number {
  const isWhole = [...stage.values()].every(Number.isInteger) && Math.abs(best - Math.round(best)) < 1e-3;
  return isWhole ? Math.round(best) + 1e-3 : best + 1e-6 + Math.abs(best) * 1e-8;
}

function unsure(loads: readonly Load[], scores: readonly number[]): Answer {
  return { outcome: 'placed', loads, scores, certainty: { method: 'integer programming', proved: false, gap: null } };
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
