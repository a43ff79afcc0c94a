/**
 * Atoms, interned: one object for a name, so that `===` compares them. Most bytes on the wire are atoms, so the way from
 * bytes to object does not build a string when the atom was met lately: a direct-mapped cache is asked first.
 * Like the BEAM's own table, ours has a bound, and what is in it stays.
 */
import { DecodeError, EncodeError } from './errors.ts';
import { tags } from './tags.ts';

/** The BEAM's default `+t`; a peer that makes up names without end is stopped here. */
const atomsMax = 1_048_576;
/** Characters, not bytes: ERL_MAX_ATOM_CHARACTERS. */
const charactersMax = 255;
const cacheSlots = 4096;

const interned = new Map<string, Atom>();
const cache = new Array<Atom | undefined>(cacheSlots).fill(undefined);
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** An Erlang atom. Get one from `atom(name)`; two atoms are equal when they are the same object. */
export class Atom {
  readonly name: string;
  readonly utf8: Uint8Array;
  /** the name as it goes out (tag, length, UTF-8), in words of four bytes; the last is filled up with zeros */
  readonly words: readonly number[];
  /** how many of these bytes are the name's */
  readonly wireBytes: number;
  /** bytes of the name, and its words of four: the first, those that follow, the last four bytes; shorter ones alone are a word */
  readonly bytes: number;
  readonly first: number;
  readonly middle: readonly number[];
  readonly last: number;
  /** counts the atoms: spreads them evenly over any table */
  readonly serial: number = interned.size;

  private constructor(name: string, utf8: Uint8Array) {
    this.name = name;
    this.utf8 = utf8;
    const wire = wireOf(utf8);
    this.wireBytes = wire.length;
    this.words = wordsOf(wire);
    const view = new DataView(utf8.buffer, utf8.byteOffset, utf8.length);
    this.bytes = utf8.length;
    this.first = firstWord(view, 0, this.bytes);
    this.last = lastWord(view, 0, this.bytes);
    this.middle = Array.from({ length: Math.max(0, Math.ceil(this.bytes / 4) - 2) }, (_, i) =>
      view.getInt32(4 + i * 4),
    );
  }

  /** The atom of that name; EncodeError when there can be none. */
  static of(name: string): Atom {
    return interned.get(name) ?? Atom.#intern(name);
  }

  static #intern(name: string): Atom {
    if (!name.isWellFormed()) throw new EncodeError('an atom is well-formed Unicode');
    if (name.length > charactersMax && Array.from(name).length > charactersMax)
      throw new EncodeError(`an atom has at most ${charactersMax} characters: ${name.slice(0, 40)}…`);
    if (interned.size >= atomsMax) throw new EncodeError(`more than ${atomsMax} different atoms`);
    const made = new Atom(name, new TextEncoder().encode(name));
    interned.set(name, made);
    return made;
  }

  toString(): string {
    return this.name;
  }
}

function wireOf(utf8: Uint8Array): Uint8Array {
  const { length } = utf8;
  const head = length < 256 ? [tags.smallAtomUtf8, length] : [tags.atomUtf8, length >>> 8, length];
  return Uint8Array.from([...head, ...utf8]);
}

function wordsOf(bytes: Uint8Array): number[] {
  const words: number[] = [];
  const byte = (at: number): number => bytes[at] ?? 0;
  for (let at = 0; at < bytes.length; at += 4)
    words.push((byte(at) << 24) | (byte(at + 1) << 16) | (byte(at + 2) << 8) | byte(at + 3));
  return words;
}

/** The atom of that name; the same object each time. EncodeError above 255 characters. */
export function atom(name: string): Atom {
  return Atom.of(name);
}

/** How many atoms there are. */
export function atomCount(): number {
  return interned.size;
}

/** The atom whose UTF-8 name stands at `start`, when it was met lately. The bytes must be there. */
export function recentAtom(view: DataView, start: number, length: number): Atom | undefined {
  const first = firstWord(view, start, length);
  const last = lastWord(view, start, length);
  const met = cache[slotOf(first, last, length)];
  if (met === undefined || met.first !== first || met.last !== last || met.bytes !== length) return undefined;
  return length <= 8 || sameMiddle(met.middle, view, start) ? met : undefined;
}

function firstWord(view: DataView, start: number, length: number): number {
  if (length >= 4) return view.getInt32(start);
  let word = 0;
  for (let at = start; at < start + length; at++) word = (word << 8) | view.getUint8(at);
  return word;
}

function lastWord(view: DataView, start: number, length: number): number {
  return length <= 4 ? 0 : view.getInt32(start + length - 4);
}

function sameMiddle(middle: readonly number[], view: DataView, start: number): boolean {
  for (let i = 0, at = start + 4; i < middle.length; i++, at += 4) if (middle[i] !== view.getInt32(at)) return false;
  return true;
}

/** Names differ mostly at their ends: these tell enough, and the comparison looks at all. */
function slotOf(first: number, last: number, length: number): number {
  const hash = Math.imul(first ^ Math.imul(last, 0x9e3779b1), 0x85ebca6b) + length;
  return (hash ^ (hash >>> 15)) & (cacheSlots - 1);
}

/** The atom whose UTF-8 name stands at `start`. DecodeError when it is no UTF-8, too long, or one too many. */
export function atomOfUtf8(bytes: Uint8Array, start: number, length: number): Atom {
  const found = guarded(start, () => atom(strictUtf8.decode(bytes.subarray(start, start + length))));
  cache[slotOf(found.first, found.last, found.bytes)] = found;
  return found;
}

/** The atom whose Latin-1 name stands at `start`: an older form, still sent by `term_to_binary` up to OTP 25. */
export function atomOfLatin1(bytes: Uint8Array, start: number, length: number): Atom {
  for (let at = start; at < start + length; at++)
    if ((bytes[at] as number) > 127)
      return guarded(start, () => atom(Buffer.from(bytes.subarray(start, start + length)).toString('latin1')));
  return atomOfUtf8(bytes, start, length);
}

function guarded(offset: number, find: () => Atom): Atom {
  try {
    return find();
  } catch (error) {
    throw new DecodeError(error instanceof EncodeError ? error.message : 'an atom is not UTF-8', offset);
  }
}
