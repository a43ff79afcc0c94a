/**
 * What becomes of a random instance when machines are refused or lost: the best that can be done with their nodes, by trying
 * it all. How far nodes come to be from where they were is found by trying every pairing of former places with new ones.
 */
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import { bestAmong } from './brute-force.ts';
import { costStageOf, levels, placeOf, score } from './placement-checker.ts';
import type { Put, Slot } from './placement-checker.ts';

/** Which nodes stay, and where those were that must go elsewhere. */
export interface Loss {
  readonly document: BlueprintDocument;
  readonly slots: readonly Slot[];
  readonly staying: readonly Put[];
  readonly lost: readonly Put[];
}

/** How good a placement of all nodes is, those that stay first; with the distance where it counts. */
export function scoreAfter({ document, slots, lost }: Loss, staying: readonly Put[], placed: readonly Put[]): number[] {
  const values = score(document, slots, [...staying, ...placed]);
  const at = document.optimise === undefined ? costStageOf(document) : values.length;
  return values.toSpliced(at, 0, distance(slots, lost, placed));
}

/** The best of all placements of the nodes that were lost; null when there is none. */
export function bestAfter(loss: Loss): number[] | null {
  const { document, slots, staying, lost } = loss;
  const gone = new Set(lost.map(({ slot }) => slots.find(({ name }) => name === slot)?.offer.id));
  const open = slots.filter(({ offer }) => !gone.has(offer.id));
  const counts = Object.keys(document.families).map((name): [string, number] => [
    name,
    lost.filter(({ family }) => family === name).length,
  ]);
  return bestAmong({ document, slots, open, staying, counts }, (placed) => scoreAfter(loss, staying, placed));
}

function distance(slots: readonly Slot[], lost: readonly Put[], placed: readonly Put[]): number {
  const slotOf = ({ slot }: Put) => slots.find(({ name }) => name === slot)!;
  return [...new Set(lost.map(({ family }) => family))].reduce((sum, name) => {
    const [was, is] = [lost, placed].map((puts) => puts.filter(({ family }) => family === name).map(slotOf));
    return sum + leastMatching(was!, is!);
  }, 0);
}

function leastMatching([first, ...rest]: readonly Slot[], places: readonly Slot[]): number {
  if (first === undefined) return 0;
  return Math.min(...places.map((place, at) => between(first, place) + leastMatching(rest, places.toSpliced(at, 1))));
}

/** 0 in one zone, 1 in one region, 2 at one provider, else 3. */
function between(one: Slot, other: Slot): number {
  const wide = levels.slice(1);
  const shared = wide.findIndex((level) => placeOf(one, level) === placeOf(other, level));
  return shared < 0 ? wide.length : shared;
}
