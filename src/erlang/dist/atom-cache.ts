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
import { putBytes, putU16 } from '../term/put.ts';
import type { AtomTable } from '../term/put.ts';

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

  /** Writes the list, without remembering it: bytes may be written twice. */
  put(view: DataView, start: number): number {
    const listed = this.#listed;
    view.setUint8(start, listed.length);
    if (listed.length === 0) return start + 1;
    const long = listed.some((atom) => this.#isNew(atom) && atom.utf8.length > 255);
    const flagsAt = start + 1;
    let at = flagsAt + (listed.length >>> 1) + 1;
    new Uint8Array(view.buffer, flagsAt, at - flagsAt).fill(0);
    listed.forEach((atom, i) => {
      orHalf(view, flagsAt, i, ((atom.serial & (places - 1)) >>> 8) | (this.#isNew(atom) ? newFlag : 0));
      at = this.#putAtom(view, at, atom, long);
    });
    if (long) orHalf(view, flagsAt, listed.length, 1);
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

  #putAtom(view: DataView, at: number, atom: Atom, long: boolean): number {
    view.setUint8(at, atom.serial & 255);
    if (!this.#isNew(atom)) return at + 1;
    if (long) return putBytes(view, putU16(view, at + 1, atom.utf8.length), atom.utf8);
    view.setUint8(at + 1, atom.utf8.length);
    return putBytes(view, at + 2, atom.utf8);
  }
}

function orHalf(view: DataView, at: number, index: number, value: number): void {
  const place = at + (index >>> 1);
  view.setUint8(place, view.getUint8(place) | (value << ((index & 1) * 4)));
}
