/**
 * Interchange: offers of which it makes no difference which one a machine is made from, but for the price. Two are alike
 * where they differ only in things that no rule of this problem looks at; then the cheapest that holds the same nodes
 * will do, and the others need not be looked at.
 */
import { locationLevels } from '../../model/family.ts';
import type { LocationLevel } from '../../model/family.ts';
import type { Bin, Kind, Problem } from './problem.ts';

/** What tells an offer's place from others, as far as this problem cares; null for what is not interchangeable. */
export type PlaceKey = (bin: Bin) => string | null;

export function placeKeyOf({ kinds, limits, severed }: Problem): PlaceKey {
  const total = kinds.reduce((sum, { count }) => sum + count, 0);
  const levels = levelsOf(kinds);
  const hasLimit = (words: string) => limits.some(({ path }) => path.includes(words));
  const [byProvider, byCores] = [hasLimit('.providers.'), hasLimit('.cores')];
  const byDomain = severed.length > 0 || hasLimit('.domains.');
  return (bin) => {
    const isFree = bin.fresh && bin.copies >= total && bin.pinned.length === 0 && !bin.isolated;
    if (!isFree) return null;
    return [
      ...levels.map((level) => bin.location[level]),
      byProvider ? bin.place.provider : '',
      byDomain ? bin.domain : '',
      byCores ? bin.place.capacity.cores : '',
      bin.allowed,
      bin.wishes,
    ].join('|');
  };
}

/** The levels above the host that some rule looks at. */
function levelsOf(kinds: readonly Kind[]): LocationLevel[] {
  const named = kinds.flatMap(({ need: { rules } }) => [
    rules.apart,
    rules.together,
    rules.near?.within,
    rules.spread?.over,
    rules.consolidate,
    ...Object.values(rules.apartFrom ?? {}),
    ...Object.keys(rules.most ?? {}),
    ...Object.keys(rules.least ?? {}),
  ]);
  // nodes that were somewhere look at all of them
  const isAll = kinds.some(({ former }) => former !== undefined);
  return locationLevels.filter((level) => level !== 'host' && (isAll || named.includes(level)));
}

/** Without the bins beside which a cheaper interchangeable one holds as much: `capacityOf` is how many nodes it holds. */
export function withoutWorse(bins: readonly Bin[], key: PlaceKey, capacityOf: (bin: Bin) => number): Bin[] {
  const kept = new Map<string, Bin[]>();
  const own: Bin[] = [];
  for (const bin of [...bins].sort((a, b) => a.price - b.price)) {
    const place = key(bin);
    const rivals = kept.get(place ?? '') ?? [];
    if (place === null) own.push(bin);
    else if (!rivals.some((rival) => capacityOf(rival) >= capacityOf(bin))) kept.set(place, [...rivals, bin]);
  }
  return [...own, ...[...kept.values()].flat()];
}
