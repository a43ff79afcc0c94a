/**
 * The columns of an integer program. A column is a pattern on a bin (so many machines of the bin have just these nodes);
 * where all nodes are alike to a machine, or machines are few and patterns many, columns are nodes and machines instead.
 */
import { placeKeyOf, withoutWorse } from './interchange.ts';
import { hostRulesOf, patternsOf } from './patterns.ts';
import type { HostRules } from './patterns.ts';
import { capacityOf, Program } from './program-model.ts';
import type { Column } from './program-model.ts';
import type { Bin, Effort, Kind, Problem } from './problem.ts';

/** More columns than that are not written. */
const mostColumns = 60_000;
const patternsABin = 4_000;
/** From so many patterns on, machines one by one are easier, where there are not more of them than that. */
const manyPatterns = 1_000;
const mostMachines = 80;

/** Which columns to write; null when there would be too many. */
export function programOf(problem: Problem, { asksWhether = false }: Pick<Effort, 'asksWhether'>): Program | null {
  const rules = hostRulesOf(problem.kinds);
  const key = placeKeyOf(problem);
  if (areAlike(problem, rules)) {
    const bins = withoutWorse(problem.bins, key, (bin) => capacityOf(bin, problem.kinds));
    const fewer = { ...problem, bins };
    return new Program(fewer, plainColumns(fewer), 'alike');
  }
  const single = asksWhether ? machinesOf(problem, rules) : null;
  if (single !== null) return new Program(single, plainColumns(single), 'machines');
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
  return new Program(problem, [...columns.values()], 'patterns');
}

/** The problem with each machine as a bin of its own, where these are few and the patterns many; null elsewhere. */
function machinesOf(problem: Problem, rules: HostRules): Problem | null {
  const { kinds, bins } = problem;
  const total = kinds.reduce((sum, { count }) => sum + count, 0);
  const copiesOf = (bin: Bin) => (bin.copies < 1 ? 0 : Math.min(bin.copies, total));
  const isSplit = bins.every((bin) => bin.pinned.length === 0 || bin.copies <= 1);
  if (!isSplit || bins.reduce((sum, bin) => sum + copiesOf(bin), 0) > mostMachines) return null;
  const patterns = bins.reduce((sum, bin) => sum + atMostPatterns(bin, kinds, rules), 0);
  if (patterns < manyPatterns) return null;
  return {
    ...problem,
    bins: bins.flatMap((bin) => Array.from({ length: copiesOf(bin) }, (_, nth) => machineOf(bin, nth))),
  };
}

/** One of the machines that a bin stands for: a host of its own. */
function machineOf(bin: Bin, nth: number): Bin {
  const { zone, region, provider, host } = bin.location;
  const members = bin.fresh ? bin.members : bin.members.slice(nth, nth + 1);
  return { ...bin, members, copies: 1, location: { zone, region, provider, host: `${host} ${nth}` } };
}

function atMostPatterns({ allowed, room }: Bin, kinds: readonly Kind[], { most }: HostRules): number {
  return kinds.reduce((product, { count, use }, kind) => {
    if (allowed[kind] !== true) return product;
    const fitting = use.map((amount, at) => (amount > 0 ? Math.floor((room[at] ?? 0) / amount + 1e-9) : count));
    return product * (1 + Math.max(0, Math.min(count, most[kind] ?? count, ...fitting)));
  }, 1);
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
    const nodes = kinds.flatMap((kind, nth): Column[] =>
      bin.allowed[nth] === true && kind.count > 0 && holdsOne(bin, kind)
        ? [{ name: `x${at}_${nth}`, bin, nodes: none.with(nth, 1), machines: 0 }]
        : [],
    );
    return nodes.length === 0 ? [] : [...nodes, { name: `y${at}`, bin, nodes: none, machines: 1 }];
  });
}

function holdsOne({ room }: Bin, { use }: Kind): boolean {
  return use.every((amount, at) => amount <= (room[at] ?? 0) * (1 + 1e-9));
}
