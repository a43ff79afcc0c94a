/** The message behind a control message, left undecoded until somebody wants it: most answers of a node that we gave up on are never read. */
import type { Atom } from '../term/atom.ts';
import { decodeListed, decodePrefix } from '../term/decode.ts';
import { DecodeError } from '../term/errors.ts';
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
