/**
 * Where encoded bytes are written, and the smallest pieces of them; see encode.ts for how `put` functions work together.
 *
 * All is written into one piece of memory that never changes, so that the compiler knows its address and its length. It has
 * room for whatever is written between two looks (`room`): what is in it by then is set aside, and writing starts anew.
 *
 * Atoms go out as text, or as a reference where a distribution header lists them: while `withAtomTable` runs, each atom is
 * first offered to the table.
 */
import type { Atom } from './atom.ts';
import { EncodeError } from './errors.ts';
import { tags } from './tags.ts';

/** Up to here one writes on without setting anything aside. */
const full = 64 * 1024;
/** More than all that can be written between two looks: a STRING_EXT of 64 KiB, a list of 255 atoms of 1 KiB. */
const bytesAtMost = 512 * 1024;
/** Above this bytes are not copied but set aside as they are, or the call into `set` costs less than copying by hand. */
const longBytes = 16 * 1024;
const shortBytes = 48;
/** What one term or message may at most be. */
const totalMax = 2 ** 31;
/** Results share memory, as those of Buffer do. */
const slabBytes = 64 * 1024;
const slabShare = 8 * 1024;

/** The memory, as bytes and as words; written by `put` functions alone, between the places that they are handed and answer. */
const out = new Uint8Array(bytesAtMost);
const view = new DataView(out.buffer);

/** What `put` functions elsewhere write to. They take it into a constant of their own: only such a one is known to the compiler. */
export const memory = { out, view, full } as const;

/** Where a message starts, so that its head can be put before it once its length is known. */
export const headRoom = 8 * 1024;

/** What is being written. A field costs less to reach than a variable of the module. */
const state = {
  aside: [] as Uint8Array[],
  asideBytes: 0,
  /** where what is not set aside yet starts */
  from: 0,
  /** the atoms that the message lists */
  table: undefined as AtomTable | undefined,
  slab: Buffer.allocUnsafeSlow(slabBytes),
  slabUsed: 0,
};

/** Runs `write`, which puts something at `start` and what follows, and takes it. EncodeError when it is nested too deeply. */
export function encoding<T>(start: number, write: () => T): T {
  const { aside, asideBytes, from } = state;
  state.aside = [];
  state.asideBytes = 0;
  state.from = start;
  try {
    return write();
  } catch (error) {
    if (error instanceof RangeError && /call stack/.test(error.message))
      throw new EncodeError('a term is nested too deeply');
    throw error;
  } finally {
    state.aside = aside;
    state.asideBytes = asideBytes;
    state.from = from;
  }
}

/** A look: where to write on. */
export function room(at: number): number {
  return at <= full ? at : setAside(at);
}

function setAside(at: number): number {
  keep(at > state.from ? out.slice(state.from, at) : undefined);
  state.from = 0;
  return 0;
}

function keep(bytes: Uint8Array | undefined): void {
  if (bytes === undefined) return;
  state.aside.push(bytes);
  state.asideBytes += bytes.length;
  if (state.asideBytes > totalMax) throw new EncodeError(`a term of more than ${totalMax} bytes`);
}

/** Writes something of any length apart, and gives it: `write` starts at 0. */
export function apart(at: number, write: () => number): Buffer {
  setAside(at);
  return encoding(0, () => taken(write()));
}

/** How many bytes were written up to a place. */
export function written(at: number): number {
  return state.asideBytes + at - state.from;
}

/** Whether nothing was set aside yet: all that was written still stands in `out`. */
export function isWhole(): boolean {
  return state.aside.length === 0;
}

/** The bytes written up to a place, from `start` on where they are whole; they are the caller's. */
export function taken(at: number, start = state.from): Buffer {
  if (state.aside.length > 0) return Buffer.concat([...state.aside, out.subarray(state.from, at)]);
  const length = at - start;
  const made = allot(length);
  made.set(out.subarray(start, at));
  return made;
}

function allot(length: number): Buffer {
  if (length > slabShare) return Buffer.allocUnsafeSlow(length);
  if (state.slabUsed + length > slabBytes) {
    state.slab = Buffer.allocUnsafeSlow(slabBytes);
    state.slabUsed = 0;
  }
  const start = state.slabUsed;
  state.slabUsed = (start + length + 7) & ~7;
  return state.slab.subarray(start, start + length);
}

/** Lists atoms once per message. */
export interface AtomTable {
  /** the number under which the message lists the atom, or -1: it goes out as text */
  numberOf(atom: Atom): number;
}

/** Runs `write` with atoms written as references into a table. */
export function withAtomTable<T>(atoms: AtomTable, write: () => T): T {
  state.table = atoms;
  try {
    return write();
  } finally {
    state.table = undefined;
  }
}

/** An atom, in the shortest way there is. */
export function putAtom(at: number, atom: Atom): number {
  const { table } = state;
  return table === undefined ? putAtomText(at, atom) : putListed(at, atom, table.numberOf(atom));
}

function putListed(at: number, atom: Atom, number: number): number {
  if (number < 0) return putAtomText(at, atom);
  view.setInt16(at, (tags.atomCacheReference << 8) | number);
  return at + 2;
}

/** An atom by its name, four bytes at a time: what is written behind its end is overwritten by what follows. */
export function putAtomText(start: number, atom: Atom): number {
  const { words } = atom;
  for (let i = 0, at = start; i < words.length; i++, at += 4) view.setInt32(at, words[i] as number);
  return start + atom.wireBytes;
}

/** One byte. */
export function putU8(at: number, value: number): number {
  out[at] = value;
  return at + 1;
}

/** Two bytes. */
export function putU16(at: number, value: number): number {
  view.setUint16(at, value);
  return at + 2;
}

/** Four bytes, of a signed number or an unsigned one. */
export function putU32(at: number, value: number): number {
  view.setInt32(at, value | 0);
  return at + 4;
}

/** Eight bytes. */
export function putU64(at: number, value: bigint): number {
  view.setBigUint64(at, value);
  return at + 8;
}

/** Bytes as they are, however many. */
export function putBytes(at: number, value: Uint8Array): number {
  const { length } = value;
  if (length > longBytes) return putLong(at, value);
  if (length > shortBytes) out.set(value, at);
  else for (let i = 0; i < length; i++) out[at + i] = value[i] as number;
  return at + length;
}

/** They are the caller's until the whole is joined, which is at once: nothing is copied twice. */
function putLong(at: number, value: Uint8Array): number {
  const next = setAside(at);
  keep(value);
  return next;
}
