/** What placements can be better or worse at, as sums to be made small, the most important first. */
import type { LocationLevel } from '../../model/family.ts';
import { nearLevels } from './nearness.ts';
import type { Program } from './program-model.ts';
import type { Aim, Bin, Kind } from './problem.ts';

type Sum = Map<string, number>;

/** One sum for each objective that says anything about this problem; one of nothing when none does. */
export function objectivesOf(program: Program): Sum[] {
  // who asks for nothing wants to know whether it is possible
  if (program.problem.objectives.length === 0) return [new Map<string, number>()];
  const { objectives } = program.problem;
  const telling = objectives.flatMap((objective) =>
    sumsOf(program, objective)
      .filter((sum) => [...sum.values()].some((factor) => factor !== 0))
      .map((sum) => ({ objective, sum })),
  );
  const isSilent = !objectives.includes('cost') && !objectives.includes('balance');
  const last = isSilent || telling.every(({ objective }) => objective === 'nearness') ? [balance(program)] : [];
  return [...telling.map(({ sum }) => sum), ...last, ...moves(program)];
}

function sumsOf(program: Program, objective: Aim): Sum[] {
  switch (objective) {
    case 'spread':
      return [joined(program.problem.kinds.map((kind, index) => spread(program, kind, index)))];
    case 'consolidate':
      return [joined(program.problem.kinds.map((kind, index) => consolidate(program, kind, index)))];
    case 'prefer':
      return Array.from({ length: program.problem.priorities }, (_, priority) => wishes(program, priority));
    case 'balance':
      return [points(program)];
    case 'nearness':
      return [nearness(program)];
    case 'cost':
      return [program.sum(({ bin, machines }) => machines * bin.price)];
  }
}

function joined(sums: readonly Sum[]): Sum {
  const all: Sum = new Map();
  for (const sum of sums) for (const [name, factor] of sum) all.set(name, (all.get(name) ?? 0) + factor);
  return all;
}

function wishes(program: Program, priority: number): Sum {
  return program.sum(({ bin, nodes }) =>
    nodes.reduce((total, count, kind) => total - count * (bin.wishes[kind]?.[priority] ?? 0), 0),
  );
}

/** What placing one by one looks at: wishes that hold, and nodes beside each other. */
function points(program: Program): Sum {
  const all = Array.from({ length: program.problem.priorities }, (_, priority) => wishes(program, priority));
  return joined([balance(program), ...all]);
}

/** At each level and location, how few of the nodes that were there before are there again. */
function nearness(program: Program): Sum {
  const sum: Sum = new Map();
  for (const [index, { former, count }] of program.problem.kinds.entries())
    for (const level of nearLevels)
      for (const [location, most] of count === 0 ? [] : (former?.[level] ?? [])) {
        const nodes = program.sum((column) => -(column.nodes[index] ?? 0), program.at(level).get(location) ?? []);
        if (![...nodes.values()].some((factor) => factor !== 0)) continue;
        const name = program.text.real(program.name('f'));
        sum.set(name, -1);
        program.text.row(new Map([[name, 1], ...nodes]), '<=', 0);
        program.text.row(new Map([[name, 1]]), '<=', most);
      }
  return sum;
}

/** How few nodes stay where they were, where any are placed anew. */
function moves(program: Program): Sum[] {
  const { bins, kinds } = program.problem;
  const old = bins.filter(({ had }) => had.some((count) => count > 0));
  if (old.length === 0) return [];
  if (program.form === 'patterns')
    return [
      program.sum(
        ({ nodes, bin }) => -nodes.reduce((sum, count, kind) => sum + Math.min(count, bin.had[kind] ?? 0), 0),
      ),
    ];
  const staying = old.flatMap((bin) => kinds.flatMap((_, kind) => stays(program, bin, kind)));
  return [new Map(staying.map((name) => [name, -1]))];
}

/** A number that is at most how many nodes of the kind are, and were, on the bin. */
function stays(program: Program, bin: Bin, kind: number): string[] {
  const had = bin.had[kind] ?? 0;
  if (had === 0) return [];
  const { text } = program;
  const name = text.real(program.name('k'));
  const nodes = program.columns.filter((column) => column.bin === bin && (column.nodes[kind] ?? 0) > 0);
  text.row(new Map([[name, 1], ...nodes.map((column): [string, number] => [column.name, -1])]), '<=', 0);
  text.row(new Map([[name, 1]]), '<=', had);
  return [name];
}

/** Few nodes of a family on a machine, and few nodes at all. */
function balance(program: Program): Sum {
  if (program.form !== 'patterns') return new Map();
  return program.sum(({ nodes, bin }) => {
    const pairs = nodes.reduce(
      (sum, count, kind) => sum + (count * (count - 1)) / 2 + count * (bin.here[kind] ?? 0),
      0,
    );
    const total = nodes.reduce((sum, count) => sum + count, 0);
    return 10 * pairs + (total * (total - 1)) / 2;
  });
}

/**
 * The sum of the squares of how many are at each place, divided by its share: least when all have what is theirs, and
 * among what is possible the most even.
 */
function spread(program: Program, { need: { rules }, count }: Kind, index: number): Sum {
  const rule = rules.spread;
  if (rule === undefined || count === 0) return new Map();
  const shareOf = (location: string) => shareAt(rule.shares, location);
  if (rule.over === 'host' && program.form === 'patterns')
    return program.sum(({ nodes, bin }) => {
      const [more, here] = [nodes[index] ?? 0, bin.here[index] ?? 0];
      return (more * (more + 2 * here)) / shareOf(bin.location.host);
    });
  const sum: Sum = new Map();
  const places = program.at(rule.over);
  for (const [location, columns] of places) {
    const here = program.here(index, rule.over, location);
    const nodes = program.sum((column) => column.nodes[index] ?? 0, columns);
    if (nodes.size === 0) continue;
    const square = program.text.real(program.name('q'));
    sum.set(square, 1 / shareOf(location));
    // tangents of the square: exact at every whole number that they are drawn at
    for (const at of drawnAt(here, count, places.size)) {
      const slope = 2 * at + 1;
      const negative = [...nodes].map(([name, factor]): [string, number] => [name, -factor * slope]);
      program.text.row(new Map([[square, 1], ...negative]), '>=', slope * here - at * (at + 1));
    }
  }
  return sum;
}

/** Nodes beyond which tangents are drawn more and more seldom. */
const drawnClosely = 64;

function drawnAt(here: number, count: number, places: number): number[] {
  const most = here + count;
  if (most <= drawnClosely) return Array.from({ length: most + 1 }, (_, at) => at);
  const even = Math.floor(most / places);
  const near = Array.from({ length: 17 }, (_, at) => even - 8 + at);
  const far = Array.from({ length: 24 }, (_, at) => Math.round((most * at) / 23));
  return [...new Set([...near, ...far])].filter((at) => at >= 0 && at <= most);
}

/** The share of a place, by its own name or by the last part of it: `aws/eu/a` is `a`, too. Places without one get next to nothing. */
function shareAt(shares: Readonly<Record<string, number>> | undefined, location: string): number {
  if (shares === undefined) return 1;
  return shares[location] ?? shares[location.split('/').at(-1) ?? ''] ?? 0.001;
}

/** How many places are used. */
function consolidate(program: Program, { need: { rules }, count }: Kind, index: number): Sum {
  const level = rules.consolidate;
  if (level === undefined || count === 0) return new Map();
  if (level === 'host')
    return program.sum(({ nodes, bin }) => ((nodes[index] ?? 0) > 0 && (bin.here[index] ?? 0) === 0 ? 1 : 0));
  return flagsOf(program, index, level, count);
}

function flagsOf(program: Program, index: number, level: LocationLevel, count: number): Sum {
  const sum: Sum = new Map();
  for (const [location, columns] of program.at(level)) {
    if (program.here(index, level, location) > 0) continue;
    const nodes = program.sum((column) => column.nodes[index] ?? 0, columns);
    if (nodes.size === 0) continue;
    const flag = program.text.binary(program.name('c'));
    sum.set(flag, 1);
    program.text.row(new Map([...nodes, [flag, -count]]), '<=', 0);
  }
  return sum;
}
