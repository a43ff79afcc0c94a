/** The best placement by trying them all: slow, and too simple to be wrong. */
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import { countOf, score, violations } from './placement-checker.ts';
import type { Put, Slot } from './placement-checker.ts';

/** What is tried: so many nodes of each family on the slots that are open, beside nodes that stay. */
interface Trial {
  readonly document: BlueprintDocument;
  readonly slots: readonly Slot[];
  readonly open: readonly Slot[];
  readonly staying: readonly Put[];
  readonly counts: readonly (readonly [string, number])[];
}

/** Scores of the best placement; null when there is none. Nodes of a family are alike: each multiset of slots is tried once. */
export function bestByForce(document: BlueprintDocument, slots: readonly Slot[]): number[] | null {
  const counts = Object.keys(document.families).map((name) => [name, countOf(document, name)] as const);
  return bestAmong({ document, slots, open: slots, staying: [], counts }, (puts) => score(document, slots, puts));
}

/** Scores of the best of what is tried; null when nothing is right. */
export function bestAmong(
  { document, slots, open, staying, counts }: Trial,
  scoreOf: (puts: readonly Put[]) => number[],
): number[] | null {
  let best: number[] | null = null;
  for (const puts of placements(counts, open)) {
    if (violations(document, slots, [...staying, ...puts]).length > 0) continue;
    const value = scoreOf(puts);
    if (best === null || isLess(value, best)) best = value;
  }
  return best;
}

/** Whether the first is better: the first difference beyond rounding decides. */
export function isLess(one: readonly number[], other: readonly number[]): boolean {
  for (const [at, value] of one.entries()) {
    const difference = value - other[at]!;
    if (Math.abs(difference) > 1e-6) return difference < 0;
  }
  return false;
}

function* placements(counts: readonly (readonly [string, number])[], slots: readonly Slot[]): Generator<Put[]> {
  const [first, ...rest] = counts;
  if (first === undefined) {
    yield [];
    return;
  }
  const [family, nodes] = first;
  for (const chosen of multisets(slots, nodes))
    for (const others of placements(rest, slots))
      yield [...chosen.map(({ name }) => ({ family, slot: name })), ...others];
}

function* multisets(slots: readonly Slot[], count: number, from = 0): Generator<Slot[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (let at = from; at < slots.length; at++)
    for (const rest of multisets(slots, count - 1, at)) yield [slots[at]!, ...rest];
}
