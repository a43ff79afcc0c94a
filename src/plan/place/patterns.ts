/** Patterns: the ways in which nodes can be together on one machine, by what it has room for and by the rules about hosts. */
import type { Bin, Kind } from './problem.ts';

/** How many nodes of each kind. */
export type Pattern = readonly number[];

/** Rules about what is on one machine. */
export interface HostRules {
  /** by kind: how many at the most */
  readonly most: readonly number[];
  /** kinds that are never on one machine with the kind */
  readonly foes: readonly (readonly number[])[];
  /** the kind that must be there, too; null for none */
  readonly company: readonly (number | null)[];
}

export function hostRulesOf(kinds: readonly Kind[]): HostRules {
  const indexOf = (family: string) => kinds.findIndex(({ need }) => need.family === family);
  const foes = kinds.map(() => new Set<number>());
  kinds.forEach(({ need }, kind) => {
    for (const [other, level] of Object.entries(need.rules.apartFrom ?? {})) {
      const foe = indexOf(other);
      if (level !== 'host' || foe < 0) continue;
      foes[kind]?.add(foe);
      foes[foe]?.add(kind);
    }
  });
  return {
    most: kinds.map(({ need: { rules } }) => (rules.apart === 'host' ? 1 : (rules.most?.host ?? Infinity))),
    foes: foes.map((one) => [...one]),
    company: kinds.map(({ need: { rules } }) => (rules.near?.within === 'host' ? indexOf(rules.near.family) : null)),
  };
}

/** All patterns of a bin but the empty one; null when there are more than `atMost`. */
export function patternsOf(bin: Bin, kinds: readonly Kind[], rules: HostRules, atMost: number): Pattern[] | null {
  const found: Pattern[] = [];
  const current = kinds.map(() => 0);
  const room = [...bin.room];
  const place = (kind: number): boolean => {
    if (kind === kinds.length) {
      if (current.some((nodes) => nodes > 0) && hasCompany(bin, current, rules)) found.push([...current]);
      return found.length <= atMost;
    }
    const most = mostOf(bin, kinds, rules, { kind, current, room });
    const use = kinds[kind]?.use ?? [];
    let goesOn = true;
    for (let nodes = 0; nodes <= most && goesOn; nodes++) {
      current[kind] = nodes;
      goesOn = place(kind + 1);
      take(room, use, 1);
    }
    take(room, use, -(goesOn ? most + 1 : (current[kind] ?? 0) + 1));
    current[kind] = 0;
    return goesOn;
  };
  return place(0) ? found : null;
}

function take(room: number[], use: readonly number[], times: number): void {
  for (let at = 0; at < room.length; at++) room[at] = (room[at] as number) - (use[at] as number) * times;
}

interface Partial {
  readonly kind: number;
  readonly current: readonly number[];
  readonly room: readonly number[];
}

/** How many nodes of the kind fit beside what is there already. Plain loops: every pattern of every offer comes by. */
function mostOf(bin: Bin, kinds: readonly Kind[], rules: HostRules, { kind, current, room }: Partial): number {
  const { count, use } = kinds[kind] as Kind;
  if (bin.allowed[kind] !== true) return 0;
  for (const foe of rules.foes[kind] as readonly number[])
    if ((current[foe] as number) + (bin.here[foe] as number) > 0) return 0;
  let most = Math.min(count, (rules.most[kind] as number) - (bin.here[kind] as number));
  for (let at = 0; at < use.length; at++) {
    const amount = use[at] as number;
    if (amount > 0) most = Math.min(most, Math.floor((room[at] as number) / amount + 1e-9));
  }
  return Math.max(0, most);
}

function hasCompany(bin: Bin, nodes: Pattern, { company }: HostRules): boolean {
  return nodes.every((count, kind) => {
    const other = company[kind] ?? null;
    return count === 0 || other === null || (nodes[other] ?? 0) + (bin.here[other] ?? 0) > 0;
  });
}
