/** The message behind a control message, left undecoded until somebody wants it: most answers of a node that we gave up on are never read. */
import type { Atom } from '../term/atom.ts';
import { decodeListed, decodePrefix } from '../term/decode.ts';
import { equalTerms } from '../term/equal.ts';
import { DecodeError } from '../term/errors.ts';
import { tags, versionMagic } from '../term/tags.ts';
import type { Term } from '../term/types.ts';

/** A message that can be decoded. */
export class Payload {
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #atoms: readonly Atom[] | undefined;

  /** `atoms` are those of the distribution header; without one each term has a magic byte. */
  constructor(bytes: Uint8Array, at: number, atoms?: readonly Atom[]) {
    this.#bytes = bytes;
    this.#at = at;
    this.#atoms = atoms;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /**
   * The bytes of a tuple's last element, where all before it are these: equal bytes are equal terms. Undefined for every other
   * payload, and where atoms stand in a header: the same bytes may mean others then.
   */
  lastBehind(first: readonly Term[]): Uint8Array | undefined {
    const bytes = this.#bytes;
    const head = [versionMagic, tags.smallTuple, first.length + 1];
    if (this.#atoms !== undefined || head.some((byte, at) => bytes[this.#at + at] !== byte)) return undefined;
    let at = this.#at + head.length;
    try {
      for (const expected of first) {
        const [term, end] = decodeListed(bytes, at, []);
        if (!equalTerms(term, expected)) return undefined;
        at = end;
      }
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
    return bytes.subarray(at);
  }

  /** Decodes it. DecodeError. */
  term(): Term {
    const [term, end] =
      this.#atoms === undefined
        ? decodePrefix(this.#bytes, this.#at)
        : decodeListed(this.#bytes, this.#at, this.#atoms);
    if (end !== this.#bytes.length) throw new DecodeError('bytes stand behind the payload', end);
    return term;
  }
}
