/** What would have been next best: the offer that would bear the nodes of a machine, had theirs not been there. */
import { closenessOf } from './nearness.ts';
import type { Bin, Kind, Load, Problem } from './problem.ts';

/** Machines of another bin that would bear the same nodes. */
interface Substitute {
  readonly bin: Bin;
  readonly machines: number;
  readonly price: number;
  readonly wish: number;
  /** at how many levels it is where the nodes were before */
  readonly close: number;
}

/** Tells of loads what would have been next best, in words; the same answer for the same load. */
export class NextBest {
  readonly #problem: Problem;
  readonly #known = new Map<Bin, Map<string, string>>();

  constructor(problem: Problem) {
    this.#problem = problem;
  }

  words(load: Load): string {
    const own = this.#known.get(load.bin) ?? new Map<string, string>();
    this.#known.set(load.bin, own);
    const key = load.nodes.join();
    const words = own.get(key) ?? wordsOf(bestOf(this.#problem, load));
    own.set(key, words);
    return words;
  }
}

function wordsOf(best: Substitute | null): string {
  if (best === null) return 'no other offer would do';
  const { bin, machines, price, wish } = best;
  const [member] = bin.members;
  const name = member?.site?.offer ?? member?.stock?.offer.id ?? '';
  const parts = [
    machines === 1 ? name : `${machines} of ${name}`,
    ...(bin.place.pricePerHour === null ? [] : [`${Number(price.toFixed(6))} an hour`]),
    ...(wish === 0 ? [] : [`preferred by ${wish}`]),
  ];
  return `next best ${parts.join(', ')}`;
}

function bestOf(problem: Problem, load: Load): Substitute | null {
  let best: Substitute | null = null;
  const isMoneyAlone = problem.objectives[0] === 'cost';
  for (const bin of problem.bins) {
    if (isMoneyAlone && best !== null && (bin.place.pricePerHour ?? 0) > best.price) continue;
    const found = bin === load.bin ? null : substituteOf(problem, load, bin);
    if (found !== null && (best === null || isBetter(problem, found, best))) best = found;
  }
  return best;
}

/** Plain loops: every load meets every bin here. */
function substituteOf({ kinds }: Problem, { nodes }: Load, bin: Bin): Substitute | null {
  for (let kind = 0; kind < nodes.length; kind++)
    if ((nodes[kind] as number) > 0 && !hasRoomForOne(kinds[kind] as Kind, kind, bin)) return null;
  const taken = bin.room.map(() => 0);
  let [wish, close] = [0, 0];
  for (const [kind, count] of nodes.entries()) {
    if (count === 0) continue;
    for (const [at, amount] of (kinds[kind]?.use ?? []).entries()) taken[at] = (taken[at] ?? 0) + amount * count;
    for (const value of bin.wishes[kind] ?? []) wish += value * count;
    close += closenessOf(kinds[kind]?.former, bin.location) * count;
  }
  const machines = taken.reduce(
    (most, amount, at) => (amount === 0 ? most : Math.max(most, ratio(amount, bin.room[at] ?? 0))),
    1,
  );
  return machines > bin.copies ? null : { bin, machines, price: machines * (bin.place.pricePerHour ?? 0), wish, close };
}

function hasRoomForOne({ use }: Kind, kind: number, { allowed, room }: Bin): boolean {
  if (allowed[kind] !== true) return false;
  for (let at = 0; at < use.length; at++) if ((use[at] as number) > (room[at] as number) + 1e-9) return false;
  return true;
}

function ratio(amount: number, room: number): number {
  return Math.ceil(amount / room - 1e-9);
}

const measures = {
  consolidate: 'machines',
  cost: 'price',
  prefer: 'wish',
  balance: 'wish',
  nearness: 'close',
} as const;

/** By what counts, in its order. */
function isBetter({ objectives, kinds }: Problem, one: Substitute, other: Substitute): boolean {
  for (const objective of objectives) {
    const isTelling = objective !== 'consolidate' || kinds.some(({ need }) => need.rules.consolidate === 'host');
    if (objective === 'spread' || !isTelling) continue;
    const key = measures[objective];
    const difference = one[key] - other[key];
    if (difference !== 0) return key === 'wish' || key === 'close' ? difference > 0 : difference < 0;
  }
  return one.price < other.price;
}
