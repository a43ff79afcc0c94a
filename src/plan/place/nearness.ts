/**
 * Nearness: how far nodes come to be from where they were, for those whose machine was refused or lost. Distances are
 * those of a tree: the same zone 0, the same region 1, the same provider 2, elsewhere 3. Then the least distance of so many
 * nodes from so many former places needs no matching: at each level each location holds as many as it had, or as are there.
 */
import type { Domain } from '../../model/domain.ts';
import type { LocationLevel } from '../../model/family.ts';
import { refusedForLong } from '../../model/machine.ts';
import type { Machine } from '../../model/machine.ts';
import type { Node } from '../../model/node.ts';
import { locationOf } from './board.ts';
import type { Located, Site } from './board.ts';

/** The levels that count, the nearest first. */
export const nearLevels = ['zone', 'region', 'provider'] as const satisfies readonly LocationLevel[];
type NearLevel = (typeof nearLevels)[number];

/** Where something is or was, by level. */
export type Location = Readonly<Record<NearLevel, string>>;

/** By level and location: how many nodes of a family were there. */
export type Former = Readonly<Record<NearLevel, ReadonlyMap<string, number>>>;

const words = {
  zone: 'in the former zone',
  region: 'in the former region',
  provider: 'at the former provider',
} as const;

/** Where a node was whose machine was refused, is lost or is gone; null for a node that has another reason to go. */
export function formerPlace(
  { placement }: Node,
  machines: ReadonlyMap<string, Machine>,
  domains: ReadonlyMap<string, Domain>,
): Location | null {
  const machine = machines.get(placement.machine);
  const isNone = machine === undefined || refusedForLong(machine) !== null;
  if (!isNone && machine.state.phase !== 'lost' && machine.state.phase !== 'destroying') return null;
  return locationIn(machine ?? remembered(placement, domains));
}

/** A machine that is on no record any more was where its domain is. */
function remembered({ provider, domain }: Node['placement'], domains: ReadonlyMap<string, Domain>) {
  const { region, zone } = domains.get(domain)?.definition ?? {};
  const attributes = { ...(region === undefined ? {} : { region }), ...(zone === undefined ? {} : { zone }) };
  return { provider, domain, attributes };
}

function locationIn(place: Located['place']): Location {
  const at = { place, hostKey: '' };
  return { zone: locationOf(at, 'zone'), region: locationOf(at, 'region'), provider: locationOf(at, 'provider') };
}

/** Places counted. */
export function formerOf(places: readonly Location[]): Former {
  const counted = (level: NearLevel) =>
    new Map([...Map.groupBy(places, (one) => one[level])].map(([location, { length }]) => [location, length]));
  return { zone: counted('zone'), region: counted('region'), provider: counted('provider') };
}

/** At how many levels a place is where one of the nodes was. */
export function closenessOf(former: Former | undefined, at: Location): number {
  if (former === undefined) return 0;
  return nearLevels.reduce((sum, level) => sum + ((former[level].get(at[level]) ?? 0) > 0 ? 1 : 0), 0);
}

/** How near a place is to where a node was, in words; null where none was anywhere. */
export function nearnessWords(former: Former | undefined, at: Location): string | null {
  if (former === undefined) return null;
  const level = nearLevels.find((one) => (former[one].get(at[one]) ?? 0) > 0);
  return level === undefined ? 'elsewhere than before' : words[level];
}

/** What is still to be placed near where it was, while nodes of a family are placed one by one. */
export class Nearness {
  readonly #left: Readonly<Record<NearLevel, Map<string, number>>>;

  constructor({ zone, region, provider }: Former) {
    this.#left = { zone: new Map(zone), region: new Map(region), provider: new Map(provider) };
  }

  /** Between 0, in the zone where one was, and 3. Never less than it was before. */
  distance(at: Located): number {
    return nearLevels.filter((level) => (this.#left[level].get(locationOf(at, level)) ?? 0) === 0).length;
  }

  /** A node has come to be there. */
  settle(at: Located): void {
    for (const level of nearLevels) {
      const location = locationOf(at, level);
      this.#left[level].set(location, Math.max(0, (this.#left[level].get(location) ?? 0) - 1));
    }
  }

  words(at: Located): string {
    return nearnessWords(this.#left, locationIn(at.place)) ?? '';
  }
}

/**
 * The same seats, ordered so that each stands where the former place that it is nearest to does in `formers`: who comes
 * in whose stead. What has no former place takes what is left.
 */
export function nearestFirst<S extends { readonly site: Site }>(
  seats: readonly S[],
  formers: readonly (Location | null)[],
): S[] {
  const taken = new Map<number, S>();
  let left = [...seats];
  const take = (index: number, isWanted: (seat: S) => boolean): void => {
    const found = left.findIndex(isWanted);
    if (taken.has(index) || found < 0) return;
    taken.set(index, left[found] as S);
    left = left.toSpliced(found, 1);
  };
  const mine = formers.slice(0, seats.length);
  for (const level of nearLevels)
    for (const [index, former] of mine.entries())
      if (former !== null) take(index, ({ site }) => locationOf(site, level) === former[level]);
  for (const index of mine.keys()) take(index, () => true);
  return [...mine.keys().map((index) => taken.get(index) as S), ...left];
}
