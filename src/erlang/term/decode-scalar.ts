/** Numbers, atoms, binaries: the terms that hold no other terms. One function a tag. */
import type { Atom } from './atom.ts';
import type { TermReader } from './term-reader.ts';
import { BitString, Float } from './types.ts';
import type { Term } from './types.ts';

const oldFloatBytes = 31;

/** LARGE_BIG_EXT */
export function decodeLargeBig(reader: TermReader): Term {
  return decodeBig(reader, reader.u32());
}

/** SMALL_BIG_EXT and LARGE_BIG_EXT: sign, then little-endian magnitude. */
export function decodeBig(reader: TermReader, length: number): Term {
  const { integerBytes } = reader.limits;
  if (length > integerBytes) reader.fail(`an integer of ${length} bytes is over the limit of ${integerBytes}`);
  const sign = reader.u8();
  const start = reader.claim(length);
  if (length < 4 || length > 6) return longBig(reader.bytes, start, length, sign);
  // up to 48 bits: always a safe integer
  let high = 0;
  for (let at = start + length - 1; at >= start + 4; at--) high = (high << 8) | (reader.bytes[at] as number);
  const magnitude = high * 0x1_0000_0000 + reader.view.getUint32(start, true);
  return sign === 0 || magnitude === 0 ? magnitude : -magnitude;
}

function longBig(bytes: Uint8Array, start: number, length: number, sign: number): Term {
  const magnitude = BigInt(
    `0x0${Buffer.from(bytes.subarray(start, start + length))
      .reverse()
      .toString('hex')}`,
  );
  return integer(sign === 0 ? magnitude : -magnitude);
}

/** The term of an integer: `number` when it is safe. */
export function integer(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** The float of Erlang before R11: text made by `%.20e`, padded with zero bytes. */
export function decodeOldFloat(reader: TermReader): Float {
  const text = reader.latin1(oldFloatBytes).replace(/\0.*$/s, '');
  if (!/^\s*[+-]?\d+\.\d+(e[+-]?\d+)?$/i.test(text)) reader.fail('a float is not written as one');
  return finite(reader, Number(text));
}

/** NEW_FLOAT_EXT */
export function finite(reader: TermReader, value: number): Float {
  if (!Number.isFinite(value)) reader.fail('a float is neither infinite nor NaN in Erlang');
  return new Float(value);
}

/** SMALL_ATOM_UTF8_EXT */
export function decodeSmallAtomUtf8(reader: TermReader): Atom {
  const length = reader.u8();
  return reader.atom(length);
}

/** ATOM_UTF8_EXT */
export function decodeAtomUtf8(reader: TermReader): Atom {
  const length = reader.u16();
  return reader.atom(length);
}

/** SMALL_ATOM_EXT */
export function decodeSmallAtom(reader: TermReader): Atom {
  const length = reader.u8();
  return reader.latin1Atom(length);
}

/** ATOM_EXT */
export function decodeAtom(reader: TermReader): Atom {
  const length = reader.u16();
  return reader.latin1Atom(length);
}

/** STRING_EXT: a list of bytes, written compactly. It is a list like any other. */
export function decodeString(reader: TermReader, length: number): Term {
  const start = reader.claim(length);
  reader.spend(1, length);
  const { bytes } = reader;
  const list = new Array<number>(length);
  for (let i = 0; i < length; i++) list[i] = bytes[start + i] as number;
  return list;
}

/** A bitstring of whole bytes is a binary. */
export function decodeBitBinary(reader: TermReader): Term {
  const length = reader.u32();
  const bits = reader.u8();
  if (bits > 8 || (length === 0) !== (bits === 0)) reader.fail(`a last byte of ${bits} bits in ${length} bytes`);
  const bytes = reader.copy(length);
  if (bits === 8 || length === 0) return bytes;
  // The bits behind the end say nothing: equal bitstrings are to be equal bytes.
  bytes[length - 1] = (bytes[length - 1] as number) & (0xff << (8 - bits));
  return new BitString(bytes, bits);
}
