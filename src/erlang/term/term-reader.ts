/** A cursor over the bytes of a term: what the tags have in common, and the limits that hold for all of them. */
import { atomCount, atomOfLatin1, atomOfUtf8, recentAtom } from './atom.ts';
import type { Atom } from './atom.ts';
import { ByteReader } from './byte-reader.ts';

/** What a term may at most be. */
export interface DecodeLimits {
  /** bytes of a term on the wire */
  readonly bytes: number;
  /** containers within containers; the call stack must hold them */
  readonly depth: number;
  /** bytes of a compressed term once inflated */
  readonly inflatedBytes: number;
  /** bytes of an integer; a longer one is an attack or a mistake */
  readonly integerBytes: number;
  /** bytes that a term may take here, estimated: `[{}, {}, …]` takes forty times what it has on the wire */
  readonly memoryBytes: number;
  /** atoms in one term that were never met before; each stays for good */
  readonly newAtoms: number;
}

export const defaultLimits: DecodeLimits = {
  bytes: 128 * 1024 * 1024,
  depth: 1000,
  inflatedBytes: 64 * 1024 * 1024,
  integerBytes: 65_536,
  memoryBytes: 512 * 1024 * 1024,
  newAtoms: 100_000,
};

/** What V8 takes for an object of ours with its array, and for each element. */
const objectBytes = 80;
const slotBytes = 8;

/** Reads the parts of a term within its limits. */
export class TermReader extends ByteReader {
  readonly limits: DecodeLimits;
  readonly view: DataView;
  readonly #listed: readonly Atom[];
  #newAtoms = 0;
  #memoryLeft: number;

  /** `listed` are the atoms of the distribution header before the term. */
  constructor(bytes: Uint8Array, at: number, limits: DecodeLimits, listed: readonly Atom[] = []) {
    super(bytes, at);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.limits = limits;
    this.#memoryLeft = limits.memoryBytes;
    this.#listed = listed;
  }

  /** Notes what is about to be made of the bytes: `objects` and `slots` for their elements. DecodeError when it is too much. */
  spend(objects: number, slots: number): void {
    this.#memoryLeft -= objects * objectBytes + slots * slotBytes;
    if (this.#memoryLeft < 0) this.fail(`a term that takes more than ${this.limits.memoryBytes} bytes here`);
  }

  f64(): number {
    return this.view.getFloat64(this.claim(8));
  }

  /** The atom whose name in UTF-8 are the next `length` bytes. */
  atom(length: number): Atom {
    return this.recent(this.at, length);
  }

  /** The atom whose name in UTF-8 are the `length` bytes at `start`, and goes on behind them. */
  recent(start: number, length: number): Atom {
    if (length > this.end - start) this.short();
    this.at = start + length;
    return recentAtom(this.view, start, length) ?? this.#counted(atomOfUtf8, start, length);
  }

  /** The atom whose name in Latin-1 are the next `length` bytes. */
  latin1Atom(length: number): Atom {
    return this.#counted(atomOfLatin1, this.claim(length), length);
  }

  /** The atom that the distribution header lists under that number. */
  listed(number: number): Atom {
    return this.#listed[number] ?? this.fail('no atom of that number was listed');
  }

  #counted(find: typeof atomOfUtf8, start: number, length: number): Atom {
    const before = atomCount();
    const found = find(this.bytes, start, length);
    if (atomCount() > before && ++this.#newAtoms > this.limits.newAtoms)
      this.fail(`more than ${this.limits.newAtoms} new atoms in one term`);
    return found;
  }
}
