/**
 * The cheapest machines for everything, by dynamic programming over what is still to be placed. For problems where only
 * money counts, offers have no end and nothing binds one machine to another: then kinds that never share a machine are
 * independent of each other, and each group of the rest is a small covering problem. Proved by construction.
 */
import { hostRulesOf, patternsOf } from './patterns.ts';
import type { HostRules, Pattern } from './patterns.ts';
import type { Answer, Bin, Kind, Load, Problem } from './problem.ts';

/** Beyond that other methods are better. */
const mostStates = 400_000;
const mostPatterns = 20_000;

/** A pattern with the bin that holds it at the lowest price. */
interface Choice {
  readonly nodes: Pattern;
  readonly bin: Bin;
}

/** Whether the method may be used at all. */
export function isCovering({ kinds, bins, limits, objectives, priorities, severed }: Problem): boolean {
  const places = kinds.every(({ need: { rules, definition } }) => {
    const { apart, together, near, least, most, spread, consolidate, pinned, apartFrom } = rules;
    const isWide = [apart, ...Object.values(apartFrom ?? {})].some((level) => level !== undefined && level !== 'host');
    const others = [together, near, least, spread, consolidate, pinned, most?.zone, most?.region, most?.provider];
    return !isWide && others.every((rule) => rule === undefined) && definition.mostNodes !== 0;
  });
  const total = kinds.reduce((sum, { count }) => sum + count, 0);
  const isFirst = kinds.every(({ former }) => former === undefined);
  const free = bins.every((bin) => bin.fresh && !bin.isolated && bin.pinned.length === 0 && bin.copies >= total);
  return (
    places &&
    free &&
    isFirst &&
    limits.length === 0 &&
    priorities === 0 &&
    severed.length === 0 &&
    objectives.includes('cost')
  );
}

/** The cheapest answer. Only for what `isCovering`. */
export function cover(problem: Problem): Answer {
  const rules = hostRulesOf(problem.kinds);
  const loads: Load[] = [];
  let cost = 0;
  // what is beaten for all is beaten for each group
  const placed = [...problem.kinds.keys()].filter((kind) => (problem.kinds[kind]?.count ?? 0) > 0);
  const fewer = { ...problem, bins: frontOf(problem.bins, placed) };
  for (const group of groupsOf(problem.kinds, rules)) {
    const found = coverGroup(fewer, rules, group);
    if (found === null) return { outcome: 'unknown', why: 'too many ways to share machines' };
    if (found === 'impossible') return { outcome: 'impossible' };
    loads.push(...found.loads);
    cost += found.cost;
  }
  return {
    outcome: 'placed',
    loads,
    scores: [cost],
    certainty: { method: 'dynamic programming', proved: true, gap: 0 },
  };
}

/** Kinds that may share machines, directly or through others. */
function groupsOf(kinds: readonly Kind[], { foes }: HostRules): number[][] {
  const left = new Set(kinds.keys().filter((kind) => (kinds[kind]?.count ?? 0) > 0));
  const groups: number[][] = [];
  for (const first of left) {
    left.delete(first);
    const group = [first];
    for (const member of group)
      for (const other of left) {
        if (foes[member]?.includes(other) === true) continue;
        left.delete(other);
        group.push(other);
      }
    groups.push(group);
  }
  return groups;
}

type Found = { readonly loads: readonly Load[]; readonly cost: number };

function coverGroup({ kinds, bins }: Problem, rules: HostRules, group: readonly number[]): Found | null | 'impossible' {
  const counts = group.map((kind) => kinds[kind]?.count ?? 0);
  const states = counts.reduce((product, count) => product * (count + 1), 1);
  if (states > mostStates) return null;
  const choices = choicesOf(kinds, frontOf(bins, group), rules, group);
  return choices === null ? null : solve(choices, counts, { kinds: kinds.length, group, states });
}

/** The bins of which no other offers as much for as little to these kinds: cheap ones first. */
function frontOf(bins: readonly Bin[], kinds: readonly number[]): Bin[] {
  const front: Bin[] = [];
  const byPrice: Bin[] = [];
  for (const bin of bins) if (isOpenToAny(bin, kinds)) byPrice.push(bin);
  byPrice.sort((a, b) => a.price - b.price);
  for (const bin of byPrice) if (!isBeaten(bin, front, kinds)) front.push(bin);
  return front;
}

function isOpenToAny({ allowed }: Bin, kinds: readonly number[]): boolean {
  for (const kind of kinds) if (allowed[kind] === true) return true;
  return false;
}

/** Plain loops: this is where the offers of a large catalogue meet. */
function isBeaten(bin: Bin, front: readonly Bin[], kinds: readonly number[]): boolean {
  // the dearest of the front has the most room as a rule
  for (let at = front.length - 1; at >= 0; at--) if (isAsGood(front[at] as Bin, bin, kinds)) return true;
  return false;
}

function isAsGood(one: Bin, other: Bin, kinds: readonly number[]): boolean {
  for (let at = 0; at < one.room.length; at++) if ((one.room[at] as number) < (other.room[at] as number)) return false;
  for (const kind of kinds) if (other.allowed[kind] === true && one.allowed[kind] !== true) return false;
  return true;
}

/** Patterns that no other pattern beats in both price and nodes. */
function choicesOf(
  kinds: readonly Kind[],
  front: readonly Bin[],
  rules: HostRules,
  group: readonly number[],
): Choice[] | null {
  const own = kinds.map((kind, at) => (group.includes(at) ? kind : { ...kind, count: 0 }));
  const kept: Choice[] = [];
  for (const bin of front) {
    const patterns = patternsOf(bin, own, rules, mostPatterns);
    if (patterns === null) return null;
    // of one bin the fuller come last: they beat the emptier ones
    for (const nodes of patterns.reverse())
      if (!kept.some((one) => covers(one.nodes, nodes))) kept.push({ nodes, bin });
  }
  return kept;
}

function covers(one: Pattern, other: Pattern): boolean {
  return one.every((nodes, kind) => nodes >= (other[kind] ?? 0));
}

interface Shape {
  readonly kinds: number;
  readonly group: readonly number[];
  readonly states: number;
}

/** States count, in mixed radix, how many nodes of each kind of the group are covered still; the price of each is the least. */
function solve(choices: readonly Choice[], counts: readonly number[], shape: Shape): Found | 'impossible' {
  const { group, states } = shape;
  const strides: number[] = [];
  counts.reduce((stride, count, at) => ((strides[at] = stride), stride * (count + 1)), 1);
  const flat = Int32Array.from(choices.flatMap(({ nodes }) => group.map((kind) => nodes[kind] ?? 0)));
  const prices = Float64Array.from(choices, ({ bin }) => bin.price);
  const best = new Float64Array(states).fill(Infinity);
  const taken = new Int32Array(states).fill(-1);
  best[0] = 0;
  const digits = new Int32Array(counts.length);
  for (let state = 1; state < states; state++) {
    increase(digits, counts);
    const first = digits.findIndex((digit) => digit > 0);
    improve({ best, taken, flat, prices, strides }, digits, state, first);
  }
  const cost = best[states - 1] ?? 0;
  return cost === Infinity ? 'impossible' : { cost, loads: loadsOf(choices, { taken, counts, strides }, shape) };
}

function increase(digits: Int32Array, counts: readonly number[]): void {
  for (let at = 0; at < digits.length; at++) {
    const next = (digits[at] ?? 0) + 1;
    digits[at] = next > (counts[at] ?? 0) ? 0 : next;
    if (digits[at] !== 0) return;
  }
}

interface Table {
  readonly best: Float64Array;
  readonly taken: Int32Array;
  readonly flat: Int32Array;
  readonly prices: Float64Array;
  readonly strides: readonly number[];
}

/** The best way to cover a state. Some machine must bear its first kind: only patterns with that are looked at. */
function improve(
  { best, taken, flat, prices, strides }: Table,
  digits: Int32Array,
  state: number,
  first: number,
): void {
  const width = digits.length;
  let [least, by] = [Infinity, -1];
  for (let choice = 0, base = 0; choice < prices.length; choice++, base += width) {
    if (flat[base + first] === 0) continue;
    let rest = state;
    for (let at = 0; at < width; at++)
      rest -= Math.min(digits[at] as number, flat[base + at] as number) * (strides[at] as number);
    const cost = (best[rest] as number) + (prices[choice] as number);
    if (cost < least) [least, by] = [cost, choice];
  }
  best[state] = least;
  taken[state] = by;
}

interface Trace {
  readonly taken: Int32Array;
  readonly counts: readonly number[];
  readonly strides: readonly number[];
}

/** Walks back from the whole to nothing. */
function loadsOf(choices: readonly Choice[], { taken, counts, strides }: Trace, { kinds, group }: Shape): Load[] {
  const loads: Load[] = [];
  const left = [...counts];
  while (left.some((count) => count > 0)) {
    const state = left.reduce((sum, count, at) => sum + count * (strides[at] ?? 0), 0);
    const choice = choices[taken[state] ?? -1];
    if (choice === undefined) break;
    const nodes = Array.from({ length: kinds }, () => 0);
    group.forEach((kind, at) => {
      const placed = Math.min(left[at] ?? 0, choice.nodes[kind] ?? 0);
      nodes[kind] = placed;
      left[at] = (left[at] ?? 0) - placed;
    });
    loads.push({ bin: choice.bin, nodes, times: 1 });
  }
  return loads;
}
