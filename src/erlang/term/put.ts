/**
 * The smallest pieces of what is encoded; see encode.ts for how `put` functions work together.
 *
 * Atoms go out as text, or as a reference where a distribution header lists them: while `withAtomTable` runs, each atom is
 * first offered to the table.
 */
import type { Atom } from './atom.ts';
import { tags } from './tags.ts';

/** Above this the call into `set` costs less than the copying by hand. */
const shortBytes = 48;

/** Lists atoms once per message. */
export interface AtomTable {
  /** the number under which the message lists the atom, or -1: it goes out as text */
  numberOf(atom: Atom): number;
}

let table: AtomTable | undefined;

/** Runs `write` with atoms written as references into a table. */
export function withAtomTable<T>(atoms: AtomTable, write: () => T): T {
  table = atoms;
  try {
    return write();
  } finally {
    table = undefined;
  }
}

/** An atom, in the shortest way there is. */
export function putAtom(bytes: Uint8Array, at: number, atom: Atom): number {
  const number = table === undefined ? -1 : table.numberOf(atom);
  if (number < 0) return putAtomText(bytes, at, atom);
  bytes[at] = tags.atomCacheReference;
  bytes[at + 1] = number;
  return at + 2;
}

/** An atom by its name. */
export function putAtomText(bytes: Uint8Array, start: number, { wire }: Atom): number {
  const { length } = wire;
  if (length > shortBytes) return putBytes(bytes, start, wire);
  for (let i = 0; i < length; i++) bytes[start + i] = wire[i] as number;
  return start + length;
}

export function putU16(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
  return at + 2;
}

export function putU32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}

export function putU64(bytes: Uint8Array, at: number, value: bigint): number {
  return putU32(bytes, putU32(bytes, at, Number((value >> 32n) & 0xffff_ffffn)), Number(value & 0xffff_ffffn));
}

/** Bytes as they are; unlike single ones, `set` does not ignore what has no room. */
export function putBytes(bytes: Uint8Array, at: number, value: Uint8Array): number {
  const end = at + value.length;
  if (end <= bytes.length) bytes.set(value, at);
  return end;
}
