/**
 * Where a record stands in lists for people: what pages are ordered by, before the key. A record keeps its place for
 * life, so that whoever reads a list page by page sees everything once that is there throughout.
 */
import type { Kind, Records } from './store.ts';

type PlaceOf = { readonly [K in Kind]?: (value: Records[K]) => string };

/** Wide enough for every ordinal and revision there will ever be, so that text is ordered as numbers are. */
const digits = 10;

const placeOfKind: PlaceOf = {
  node: ({ blueprint, family, ordinal }) => `${blueprint} ${family} ${padded(ordinal)}`,
  revision: ({ blueprint, number }) => `${blueprint} ${padded(number)}`,
  release: ({ uploadedAt }) => uploadedAt,
  plan: ({ createdAt }) => createdAt,
  operation: ({ begun }) => begun,
};

/** The record's place; empty for what is ordered by its key alone. */
export function placeOf<K extends Kind>(kind: K, value: Records[K]): string {
  return placeOfKind[kind]?.(value) ?? '';
}

function padded(number: number): string {
  return String(number).padStart(digits, '0');
}
