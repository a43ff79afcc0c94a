/** Parts of lists: from the store, by the places of its records, or of a list that is made in memory anyway. */
import { Fault } from '../base/fault.ts';
import type { Kind, PageSelector, Place, Placed, Records, Store } from '../store/store.ts';
import type { Part, Position, Standing } from './list-endpoint.ts';

/** Which records: those that the selector and the predicate take. */
interface Wanted<K extends Kind> extends Omit<PageSelector, 'limit' | 'after'> {
  readonly kind: K;
  where?(value: Records[K]): boolean;
}

/** A record, and where it stands. */
interface Recorded<V> extends Standing<V> {
  readonly item: V;
}

/** Records of one kind behind a position: as many as the part asks for and one more, read by their places. */
export async function recordsIn<K extends Kind>(
  store: Store,
  { kind, where = () => true, ...selector }: Wanted<K>,
  { limit, after }: Part,
): Promise<Recorded<Records[K]>[]> {
  const found: Placed<Records[K]>[] = [];
  let from = placeAt(after);
  for (;;) {
    const batch = await store.page(kind, { ...selector, limit: limit + 1, after: from });
    found.push(...batch.filter(({ value }) => where(value)));
    from = batch.at(-1)?.place;
    if (found.length > limit || batch.length <= limit) break;
  }
  return found.map(({ value, place }) => ({ item: value, at: place }));
}

/** What stands behind a position in a list that is all there, ordered by `nameOf`. */
export function namedIn<I>(all: readonly I[], nameOf: (item: I) => string, { limit, after }: Part): Standing<I>[] {
  const [last] = after ?? [];
  const rest = last === undefined ? all : all.filter((item) => nameOf(item) > last);
  return rest.slice(0, limit + 1).map((item) => ({ item, at: [nameOf(item)] }));
}

/** The number that a position holds. Fault invalid where it holds none. */
export function numberAt(position: Position): number {
  const number = Number(position.at(-1));
  if (Number.isSafeInteger(number)) return number;
  throw new Fault('invalid', 'this cursor holds no number', { object: 'cursor', next: 'begin without one' });
}

/** Where a position is among records; undefined for the beginning. */
export function placeAt(position: Position | undefined): Place | undefined {
  if (position === undefined) return undefined;
  const [place = '', key = ''] = position;
  return [place, key];
}
