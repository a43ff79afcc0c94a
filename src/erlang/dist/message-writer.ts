/**
 * Messages to a connected node, as bytes with their four bytes of length: pass-through, or with a distribution header and
 * in fragments, as was agreed on; see message-reader.ts.
 */
import { putTerm, putValue } from '../term/encode.ts';
import {
  encoding,
  headRoom,
  isWhole,
  putBytes,
  putU32,
  putU64,
  putU8,
  room,
  taken,
  withAtomTable,
  written,
} from '../term/put.ts';
import { versionMagic } from '../term/tags.ts';
import type { Term, Tuple } from '../term/types.ts';
import { SentAtoms } from './atom-cache.ts';
import { headers, passThrough } from './message-reader.ts';

/** As OTP cuts them. */
const fragmentBytes = 64 * 1024;
const lengthBytes = 4;
/** Length, magic, type; the list of atoms follows. */
const wholeHeadBytes = 6;

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
      const message = encoding(headRoom, () => this.#put(atoms, control, payload));
      atoms.commit();
      return message;
    } catch (error) {
      atoms.clear();
      throw error;
    }
  }

  #put(atoms: SentAtoms, control: Tuple, payload: Term | undefined): Buffer {
    let controlBytes = 0;
    const end = withAtomTable(atoms, () => {
      const at = putValue(headRoom, control);
      controlBytes = written(at);
      return payload === undefined ? at : putValue(room(at), payload);
    });
    const first = Math.max(controlBytes, fragmentBytes);
    if (this.#fragments && written(end) > first) return this.#cut(atoms, taken(end), first);
    return wholeBefore(atoms, end);
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

/** The head goes before what was written, where there is room for it. */
function wholeBefore(atoms: SentAtoms, end: number): Buffer {
  const start = headRoom - wholeHeadBytes - atoms.bytes;
  if (start < 0 || !isWhole()) return Buffer.concat(wholeApart(atoms, taken(end)));
  putWholeHead(atoms, start, end - start);
  return taken(end, start);
}

function wholeApart(atoms: SentAtoms, terms: Buffer): Buffer[] {
  const length = wholeHeadBytes + atoms.bytes + terms.length;
  return [encoding(0, () => taken(putWholeHead(atoms, 0, length))), terms];
}

function putWholeHead(atoms: SentAtoms, start: number, length: number): number {
  const at = putU8(putU8(putU32(start, length - lengthBytes), versionMagic), headers.whole);
  return atoms.put(at);
}

interface Fragment {
  readonly sequence: bigint;
  readonly number: number;
  /** listed in the first one */
  readonly atoms?: SentAtoms;
  readonly piece: Buffer;
}

function fragment({ sequence, number, atoms, piece }: Fragment): Buffer {
  return frame((start) => {
    const kind = atoms === undefined ? headers.nextFragment : headers.firstFragment;
    const at = putU64(putU64(putU8(putU8(start, versionMagic), kind), sequence), BigInt(number));
    return putBytes(room(atoms === undefined ? at : atoms.put(at)), piece);
  });
}

function writePassThrough(control: Tuple, payload: Term | undefined): Buffer {
  return frame((start) => {
    const at = putTerm(putU8(start, passThrough), control);
    return payload === undefined ? at : putTerm(room(at), payload);
  });
}

/** What `write` puts, behind its length. */
function frame(write: (start: number) => number): Buffer {
  return encoding(headRoom, () => {
    const end = write(headRoom);
    if (!isWhole()) return framed(taken(end));
    putU32(headRoom - lengthBytes, end - headRoom);
    return taken(end, headRoom - lengthBytes);
  });
}

function framed(bytes: Buffer): Buffer {
  const length = Buffer.allocUnsafe(lengthBytes);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
