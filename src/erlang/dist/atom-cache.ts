/**
 * The atom cache: each side of a connection remembers 2048 atoms that it has sent, and names them from then on by their place.
 * A distribution header lists the atoms of its message, new ones by name and old ones by place; the terms behind it say only
 * the number in that list.
 * https://www.erlang.org/doc/apps/erts/erl_ext_dist.html#distribution-header
 *
 * After the number of atoms come half a byte for each (the place's upper three bits, and whether it is new) and one more that
 * says whether lengths take two bytes, the lower half of each byte first.
 */
import { atomOfUtf8 } from '../term/atom.ts';
import type { Atom } from '../term/atom.ts';
import type { ByteReader } from '../term/byte-reader.ts';
import { memory, putBytes, putU16, putU8 } from '../term/put.ts';
import type { AtomTable } from '../term/put.ts';

const { out } = memory;
const places = 2048;
const listedMax = 255;
const newFlag = 8;

/** What the node has sent. */
export class ReceivedAtoms {
  readonly #atoms = new Array<Atom | undefined>(places).fill(undefined);

  /** Reads the list of a header. DecodeError. */
  read(reader: ByteReader): readonly Atom[] {
    const count = reader.u8();
    if (count === 0) return [];
    const flagsAt = reader.claim((count >>> 1) + 1);
    const half = (i: number): number => ((reader.bytes[flagsAt + (i >>> 1)] as number) >>> ((i & 1) * 4)) & 15;
    const long = (half(count) & 1) === 1;
    const listed = new Array<Atom>(count);
    for (let i = 0; i < count; i++) {
      const flags = half(i);
      const place = ((flags & 7) << 8) | reader.u8();
      listed[i] = (flags & newFlag) === 0 ? this.#known(reader, place) : this.#learn(reader, place, long);
    }
    return listed;
  }

  #known(reader: ByteReader, place: number): Atom {
    return this.#atoms[place] ?? reader.fail(`nothing was sent for place ${place} of the atom cache`);
  }

  #learn(reader: ByteReader, place: number, long: boolean): Atom {
    const length = long ? reader.u16() : reader.u8();
    const atom = atomOfUtf8(reader.bytes, reader.claim(length), length);
    this.#atoms[place] = atom;
    return atom;
  }
}

/** What we have sent, and what the message now written lists. */
export class SentAtoms implements AtomTable {
  readonly #atoms = new Array<Atom | undefined>(places).fill(undefined);
  /** for each place its number in the list, or -1 */
  readonly #numbers = new Int16Array(places).fill(-1);
  readonly #listed: Atom[] = [];

  numberOf(atom: Atom): number {
    const place = atom.serial & (places - 1);
    const number = this.#numbers[place] as number;
    if (number >= 0) return this.#listed[number] === atom ? number : -1;
    if (this.#listed.length === listedMax) return -1;
    this.#numbers[place] = this.#listed.length;
    return this.#listed.push(atom) - 1;
  }

  /** How many bytes the list takes. */
  get bytes(): number {
    const listed = this.#listed;
    if (listed.length === 0) return 1;
    const lengthBytes = this.#isLong() ? 2 : 1;
    let bytes = 2 + (listed.length >>> 1) + listed.length;
    for (const atom of listed) if (this.#isNew(atom)) bytes += lengthBytes + atom.bytes;
    return bytes;
  }

  /** Writes the list, without remembering it. */
  put(start: number): number {
    const listed = this.#listed;
    if (listed.length === 0) return putU8(start, 0);
    const flagsAt = putU8(start, listed.length);
    const long = this.#isLong();
    let at = flagsAt + (listed.length >>> 1) + 1;
    out.fill(0, flagsAt, at);
    for (let i = 0; i < listed.length; i++) {
      const atom = listed[i] as Atom;
      orHalf(flagsAt, i, ((atom.serial & (places - 1)) >>> 8) | (this.#isNew(atom) ? newFlag : 0));
      at = this.#putAtom(at, atom, long);
    }
    if (long) orHalf(flagsAt, listed.length, 1);
    return at;
  }

  /** The message is sent: what it listed is known to the node. */
  commit(): void {
    for (const atom of this.#listed) this.#atoms[atom.serial & (places - 1)] = atom;
    this.clear();
  }

  /** The message is not sent. */
  clear(): void {
    for (const atom of this.#listed) this.#numbers[atom.serial & (places - 1)] = -1;
    this.#listed.length = 0;
  }

  #isNew(atom: Atom): boolean {
    return this.#atoms[atom.serial & (places - 1)] !== atom;
  }

  /** Whether the length of a name takes two bytes, and with it those of all. */
  #isLong(): boolean {
    for (const atom of this.#listed) if (atom.bytes > 255 && this.#isNew(atom)) return true;
    return false;
  }

  #putAtom(start: number, atom: Atom, long: boolean): number {
    const at = putU8(start, atom.serial & 255);
    if (!this.#isNew(atom)) return at;
    return putBytes(long ? putU16(at, atom.bytes) : putU8(at, atom.bytes), atom.utf8);
  }
}

function orHalf(at: number, index: number, value: number): void {
  const place = at + (index >>> 1);
  out[place] = (out[place] as number) | (value << ((index & 1) * 4));
}
