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
export function putAtom(view: DataView, at: number, atom: Atom): number {
  const number = table === undefined ? -1 : table.numberOf(atom);
  if (number < 0) return putAtomText(view, at, atom);
  view.setUint8(at, tags.atomCacheReference);
  view.setUint8(at + 1, number);
  return at + 2;
}

/** An atom by its name, four bytes at a time: what is written behind its end is overwritten by what follows. */
export function putAtomText(view: DataView, start: number, { words, wireBytes }: Atom): number {
  for (let i = 0, at = start; i < words.length; i++, at += 4) view.setInt32(at, words[i] as number);
  return start + wireBytes;
}

/** Two bytes. */
export function putU16(view: DataView, at: number, value: number): number {
  view.setUint16(at, value);
  return at + 2;
}

/** Four bytes, of a signed number or an unsigned one. */
export function putU32(view: DataView, at: number, value: number): number {
  view.setInt32(at, value | 0);
  return at + 4;
}

/** Eight bytes. */
export function putU64(view: DataView, at: number, value: bigint): number {
  view.setBigUint64(at, value);
  return at + 8;
}

/** Bytes as they are. */
export function putBytes(view: DataView, at: number, value: Uint8Array): number {
  const { length } = value;
  if (length > shortBytes) new Uint8Array(view.buffer, at, length).set(value);
  else for (let i = 0; i < length; i++) view.setUint8(at + i, value[i] as number);
  return at + length;
}
