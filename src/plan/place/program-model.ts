/** A problem as columns: what the rules and objectives of an integer program are written over. */
import type { LocationLevel } from '../../model/family.ts';
import { hostRulesOf } from './patterns.ts';
import type { HostRules } from './patterns.ts';
import { ProgramText } from './program-text.ts';
import type { Bin, Kind, Problem } from './problem.ts';

/** A whole number to be found: so many times these nodes and machines on the bin. */
export interface Column {
  readonly name: string;
  readonly bin: Bin;
  readonly nodes: readonly number[];
  /** 1 where each use of the column is a machine */
  readonly machines: number;
}

/**
 * What columns are: `patterns`, which alone know what is together on a machine of a bin; nodes that are `alike` to it;
 * or nodes on `machines` each of which is a bin of its own.
 */
export type Form = 'patterns' | 'alike' | 'machines';

/** A problem with its columns: what rules and objectives are written over. */
export class Program {
  readonly problem: Problem;
  readonly columns: readonly Column[];
  readonly text = new ProgramText();
  readonly rules: HostRules;
  readonly form: Form;
  readonly #byLocation = new Map<LocationLevel, Map<string, Column[]>>();
  readonly #staying: readonly Bin[];
  #names = 0;

  constructor(problem: Problem, columns: readonly Column[], form: Form) {
    this.problem = problem;
    this.columns = columns;
    this.form = form;
    this.rules = hostRulesOf(problem.kinds);
    this.#staying = problem.bins.filter(({ here }) => here.some((count) => count > 0));
  }

  /** A name that no other column has. */
  name(prefix: string): string {
    this.#names += 1;
    return `${prefix}${this.#names}`;
  }

  sum(factor: (column: Column) => number, among: readonly Column[] = this.columns): Map<string, number> {
    return new Map(among.map((column) => [column.name, factor(column)]));
  }

  /** The columns of each place at a level. Places without columns, but with nodes that stay, are among them. */
  at(level: LocationLevel): ReadonlyMap<string, readonly Column[]> {
    const known = this.#byLocation.get(level);
    if (known !== undefined) return known;
    const groups = new Map<string, Column[]>(this.problem.bins.map(({ location }) => [location[level], []]));
    for (const column of this.columns) groups.get(column.bin.location[level])?.push(column);
    this.#byLocation.set(level, groups);
    return groups;
  }

  /** Nodes of the kind that stay at the place. */
  here(kind: number, level: LocationLevel, location: string): number {
    return this.#staying.reduce(
      (total, bin) => total + (bin.location[level] === location ? (bin.here[kind] ?? 0) : 0),
      0,
    );
  }
}

/** How many nodes one machine of the bin takes, where all nodes are alike. */
export function capacityOf(bin: Bin, kinds: readonly Kind[]): number {
  const use = kinds[0]?.use ?? [];
  return use.reduce(
    (most, amount, at) => (amount > 0 ? Math.min(most, Math.floor((bin.room[at] ?? 0) / amount + 1e-9)) : most),
    kinds.reduce((sum, { count }) => sum + count, 0),
  );
}
