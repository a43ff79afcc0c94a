/**
 * Messages to a connected node, as bytes with their four bytes of length: pass-through, or with a distribution header and
 * in fragments, as was agreed on; see message-reader.ts.
 */
import { encodeWith, putTerm, putValue } from '../term/encode.ts';
import { putBytes, putU32, putU64, withAtomTable } from '../term/put.ts';
import { versionMagic } from '../term/tags.ts';
import type { Term, Tuple } from '../term/types.ts';
import { SentAtoms } from './atom-cache.ts';
import { headers, passThrough } from './message-reader.ts';

/** As OTP cuts them. */
const fragmentBytes = 64 * 1024;

/** What was agreed on. */
export interface WriterOptions {
  readonly headers: boolean;
  readonly fragments: boolean;
}

/** Writes the messages of one connection, in order. */
export class MessageWriter {
  readonly #atoms: SentAtoms | undefined;
  readonly #fragments: boolean;
  #sequence = 0n;

  constructor(options: WriterOptions) {
    this.#atoms = options.headers ? new SentAtoms() : undefined;
    this.#fragments = options.headers && options.fragments;
  }

  /** The bytes of a message, in one or more frames. EncodeError. */
  write(control: Tuple, payload: Term | undefined): Buffer {
    return this.#atoms === undefined ? writePassThrough(control, payload) : this.#listed(this.#atoms, control, payload);
  }

  #listed(atoms: SentAtoms, control: Tuple, payload: Term | undefined): Buffer {
    try {
      let controlBytes = 0;
      const terms = withAtomTable(atoms, () =>
        encodeWith((view) => {
          controlBytes = putValue(view, 0, control);
          return payload === undefined ? controlBytes : putValue(view, controlBytes, payload);
        }),
      );
      const first = Math.max(controlBytes, fragmentBytes);
      const cut = this.#fragments && terms.length > first;
      const written = cut ? this.#cut(atoms, terms, first) : whole(atoms, terms);
      atoms.commit();
      return written;
    } catch (error) {
      atoms.clear();
      throw error;
    }
  }

  #cut(atoms: SentAtoms, terms: Buffer, first: number): Buffer {
    const sequence = ++this.#sequence;
    const count = 1 + Math.ceil((terms.length - first) / fragmentBytes);
    const frames = [fragment({ sequence, number: count, atoms, piece: terms.subarray(0, first) })];
    for (let number = count - 1, at = first; number > 0; number--, at += fragmentBytes)
      frames.push(fragment({ sequence, number, piece: terms.subarray(at, at + fragmentBytes) }));
    return Buffer.concat(frames);
  }
}

function whole(atoms: SentAtoms, terms: Buffer): Buffer {
  return frame((view) => {
    view.setUint8(4, versionMagic);
    view.setUint8(5, headers.whole);
    return putBytes(view, atoms.put(view, 6), terms);
  });
}

interface Fragment {
  readonly sequence: bigint;
  readonly number: number;
  /** listed in the first one */
  readonly atoms?: SentAtoms;
  readonly piece: Buffer;
}

function fragment({ sequence, number, atoms, piece }: Fragment): Buffer {
  return frame((view) => {
    view.setUint8(4, versionMagic);
    view.setUint8(5, atoms === undefined ? headers.nextFragment : headers.firstFragment);
    const at = putU64(view, putU64(view, 6, sequence), BigInt(number));
    return putBytes(view, atoms === undefined ? at : atoms.put(view, at), piece);
  });
}

function writePassThrough(control: Tuple, payload: Term | undefined): Buffer {
  return frame((view) => {
    view.setUint8(4, passThrough);
    const end = putTerm(view, 5, control);
    return payload === undefined ? end : putTerm(view, end, payload);
  });
}

function frame(write: (view: DataView) => number): Buffer {
  return encodeWith((view) => {
    const end = write(view);
    putU32(view, 0, end - 4);
    return end;
  });
}
