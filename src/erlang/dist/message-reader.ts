/**
 * Messages of a connected node, from their bytes: pass-through (type 112, each term with its magic byte) where the atom cache
 * was not agreed on, else with a distribution header, whole or in fragments.
 * https://www.erlang.org/doc/apps/erts/erl_ext_dist.html#distribution-header
 *
 * Fragments of one message carry its sequence number and count down to 1; those of different messages may alternate. A
 * hostile node can hold no more bytes here than a message may have, and no more messages than `unfinishedMax`.
 */
import type { Atom } from '../term/atom.ts';
import { ByteReader } from '../term/byte-reader.ts';
import { decodeListed, decodePrefix } from '../term/decode.ts';
import { DecodeError } from '../term/errors.ts';
import { versionMagic } from '../term/tags.ts';
import { Tuple } from '../term/types.ts';
import type { Term } from '../term/types.ts';
import { ReceivedAtoms } from './atom-cache.ts';
import { Payload } from './payload.ts';

export const passThrough = 112;
export const headers = { whole: 68, firstFragment: 69, nextFragment: 70 } as const;

const unfinishedMax = 4096;

/** A message: its control tuple's elements, and what stands behind it. */
export interface Incoming {
  readonly control: readonly Term[];
  readonly payload: Payload;
}

interface Unfinished {
  readonly atoms: readonly Atom[];
  readonly pieces: Buffer[];
  /** the number of the next fragment */
  next: bigint;
}

/** Reads the messages of one connection, in order. */
export class MessageReader {
  readonly #bytesMax: number;
  readonly #atoms: ReceivedAtoms | undefined;
  readonly #unfinished = new Map<bigint, Unfinished>();
  #held = 0;

  /** `hasHeaders` when the atom cache was agreed on; `bytesMax` bounds all that is held of unfinished messages. */
  constructor(hasHeaders: boolean, bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#atoms = hasHeaders ? new ReceivedAtoms() : undefined;
  }

  /** The message, or undefined when more of it is to come. DecodeError when it breaks the protocol. */
  read(bytes: Buffer): Incoming | undefined {
    if (this.#atoms === undefined) return readPassThrough(bytes);
    if (bytes[0] !== versionMagic) throw new DecodeError(`a message starts with ${bytes[0] ?? 'nothing'}`, 0);
    const reader = new ByteReader(bytes, 2);
    switch (bytes[1]) {
      case headers.whole:
        return readListed(bytes, this.#atoms.read(reader), reader.at);
      case headers.firstFragment:
        return this.#start(reader, this.#atoms);
      case headers.nextFragment:
        return this.#continue(reader);
      default:
        throw new DecodeError(`a message of type ${bytes[1] ?? 0} was not agreed on`, 1);
    }
  }

  #start(reader: ByteReader, atoms: ReceivedAtoms): Incoming | undefined {
    const sequence = reader.u64();
    const number = reader.u64();
    const unfinished: Unfinished = { atoms: atoms.read(reader), pieces: [], next: number };
    if (this.#unfinished.has(sequence)) reader.fail('a message in fragments starts twice');
    if (this.#unfinished.size >= unfinishedMax) reader.fail(`more than ${unfinishedMax} unfinished messages`);
    this.#unfinished.set(sequence, unfinished);
    return this.#add(reader, sequence, unfinished);
  }

  #continue(reader: ByteReader): Incoming | undefined {
    const sequence = reader.u64();
    const number = reader.u64();
    const unfinished = this.#unfinished.get(sequence);
    if (unfinished?.next !== number) return reader.fail('a fragment comes out of its turn');
    return this.#add(reader, sequence, unfinished);
  }

  #add(reader: ByteReader, sequence: bigint, unfinished: Unfinished): Incoming | undefined {
    const piece = reader.bytes.subarray(reader.at) as Buffer;
    this.#held += piece.length;
    if (this.#held > this.#bytesMax) reader.fail(`unfinished messages of more than ${this.#bytesMax} bytes`);
    if (piece.length > 0) unfinished.pieces.push(piece);
    if (unfinished.next-- > 1n) return undefined;
    const bytes = Buffer.concat(unfinished.pieces);
    this.#unfinished.delete(sequence);
    this.#held -= bytes.length;
    return readListed(bytes, unfinished.atoms, 0);
  }
}

function readPassThrough(bytes: Buffer): Incoming {
  if (bytes[0] !== passThrough) throw new DecodeError(`a message of type ${bytes[0] ?? 0} was not agreed on`, 0);
  const [control, end] = decodePrefix(bytes, 1);
  return { control: elementsOf(control), payload: new Payload(bytes, end) };
}

function readListed(bytes: Buffer, atoms: readonly Atom[], at: number): Incoming {
  const [control, end] = decodeListed(bytes, at, atoms);
  return { control: elementsOf(control), payload: new Payload(bytes, end, atoms) };
}

function elementsOf(control: Term): readonly Term[] {
  if (!(control instanceof Tuple)) throw new DecodeError('a control message is a tuple', 1);
  return control.elements;
}
