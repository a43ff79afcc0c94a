/**
 * Terms to bytes, in the forms that every node from OTP 23 on reads, and as the BEAM itself chooses them: lists of bytes as
 * STRING_EXT, atoms as UTF-8, identifiers with 32-bit creations.
 * https://www.erlang.org/doc/apps/erts/erl_ext_dist.html
 *
 * Every `put` function writes at a place and gives the place behind what it wrote. None of them asks whether there is room:
 * a typed array ignores what is written behind its end, so a term that does not fit costs a second pass into an array of
 * the size that the first one found out (`encodeWith`). That is what makes it as fast as the BEAM.
 */
import { Atom } from './atom.ts';
import { EncodeError } from './errors.ts';
import { putPid, putPort, putReference } from './encode-identity.ts';
import { putAtom, putAtomText, putBytes, putU16, putU32 } from './put.ts';
import { tags, versionMagic } from './tags.ts';
import { BitString, ErlangMap, ExportFun, Float, Fun, ImproperList, Pid, Port, Reference, Tuple } from './types.ts';
import type { Term } from './types.ts';

const int32Min = -0x8000_0000;
const int32Max = 0x7fff_ffff;
const stringMax = 0xffff;

const scratchBytes = 64 * 1024;
const scratch = new Uint8Array(scratchBytes);
let scratchTaken = false;

/** Runs `write`, again when what it writes did not fit, and gives a copy of the bytes up to the place that it answers. */
export function encodeWith(write: (bytes: Uint8Array) => number): Buffer {
  const bytes = scratchTaken ? new Uint8Array(scratchBytes) : scratch;
  const outermost = !scratchTaken;
  scratchTaken = true;
  try {
    const length = write(bytes);
    if (length > bytes.length) return rewritten(write, length);
    const done = Buffer.allocUnsafe(length);
    done.set(bytes.subarray(0, length));
    return done;
  } finally {
    if (outermost) scratchTaken = false;
  }
}

function rewritten(write: (bytes: Uint8Array) => number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  write(bytes);
  return bytes;
}

/** Encodes a term with its magic byte. EncodeError when a value is no term. */
export function encodeTerm(term: Term): Buffer {
  return encodeWith((bytes) => putTerm(bytes, 0, term));
}

/** A term with its magic byte. */
export function putTerm(bytes: Uint8Array, at: number, term: Term): number {
  bytes[at] = versionMagic;
  return putValue(bytes, at + 1, term);
}

/** A term without its magic byte, as it stands within others. */
export function putValue(bytes: Uint8Array, at: number, term: Term): number {
  if (typeof term === 'number') return putNumber(bytes, at, term);
  if (term instanceof Atom) return putAtom(bytes, at, term);
  if (term instanceof Tuple) return putTuple(bytes, at, term.elements);
  if (Array.isArray(term)) return putList(bytes, at, term as readonly Term[]);
  if (term instanceof Float) return putFloat(bytes, at, term.value);
  if (term instanceof Uint8Array) return putBinary(bytes, at, term);
  if (term instanceof Pid) return putPid(bytes, at, term);
  if (term instanceof ErlangMap) return putMap(bytes, at, term);
  return putRare(bytes, at, term);
}

function putRare(bytes: Uint8Array, at: number, term: Term): number {
  if (typeof term === 'bigint') return putBigInt(bytes, at, term);
  if (term instanceof Reference) return putReference(bytes, at, term);
  if (term instanceof Port) return putPort(bytes, at, term);
  if (term instanceof ImproperList) return putImproperList(bytes, at, term);
  if (term instanceof BitString) return putBitString(bytes, at, term);
  if (term instanceof ExportFun) return putExportFun(bytes, at, term);
  if (term instanceof Fun) return putFun(bytes, at, term);
  throw new EncodeError(`not a term: ${typeof term}`);
}

function putNumber(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value < 256 && (value | 0) === value) {
    bytes[at] = tags.smallInteger;
    bytes[at + 1] = value;
    return at + 2;
  }
  if ((value | 0) === value && value >= int32Min && value <= int32Max) {
    bytes[at] = tags.integer;
    return putU32(bytes, at + 1, value);
  }
  if (!Number.isSafeInteger(value))
    throw new EncodeError(`${value} is no safe integer: floats are Float, large integers bigint`);
  return putSafeBig(bytes, at, value);
}

/** Beyond 31 bits and within 53: no need for BigInt, which is many times slower. */
function putSafeBig(bytes: Uint8Array, start: number, value: number): number {
  const magnitude = Math.abs(value);
  const low = magnitude >>> 0;
  let high = Math.floor(magnitude / 2 ** 32);
  bytes[start] = tags.smallBig;
  bytes[start + 2] = value < 0 ? 1 : 0;
  bytes[start + 3] = low;
  bytes[start + 4] = low >>> 8;
  bytes[start + 5] = low >>> 16;
  bytes[start + 6] = low >>> 24;
  let at = start + 7;
  for (; high > 0; high >>>= 8) bytes[at++] = high;
  bytes[start + 1] = at - start - 3;
  return at;
}

function putBigInt(bytes: Uint8Array, at: number, value: bigint): number {
  if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return putNumber(bytes, at, Number(value));
  const hex = (value < 0n ? -value : value).toString(16);
  const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').reverse();
  const signAt = putBigHead(bytes, at, magnitude.length);
  bytes[signAt] = value < 0n ? 1 : 0;
  return putBytes(bytes, signAt + 1, magnitude);
}

function putBigHead(bytes: Uint8Array, at: number, length: number): number {
  if (length < 256) {
    bytes[at] = tags.smallBig;
    bytes[at + 1] = length;
    return at + 2;
  }
  bytes[at] = tags.largeBig;
  return putU32(bytes, at + 1, length);
}

const float = new DataView(new ArrayBuffer(8));

function putFloat(bytes: Uint8Array, at: number, value: number): number {
  if (!Number.isFinite(value)) throw new EncodeError(`${value} is no float in Erlang`);
  float.setFloat64(0, value);
  bytes[at] = tags.newFloat;
  return putU32(bytes, putU32(bytes, at + 1, float.getInt32(0)), float.getInt32(4));
}

function putTuple(bytes: Uint8Array, start: number, elements: readonly Term[]): number {
  let at = start;
  if (elements.length < 256) {
    bytes[at] = tags.smallTuple;
    bytes[at + 1] = elements.length;
    at += 2;
  } else {
    bytes[at] = tags.largeTuple;
    at = putU32(bytes, at + 1, elements.length);
  }
  return putAll(bytes, at, elements);
}

function putAll(bytes: Uint8Array, start: number, terms: readonly Term[]): number {
  let at = start;
  for (let i = 0; i < terms.length; i++) at = putValue(bytes, at, terms[i] as Term);
  return at;
}

function putList(bytes: Uint8Array, start: number, list: readonly Term[]): number {
  const { length } = list;
  if (length === 0) {
    bytes[start] = tags.nil;
    return start + 1;
  }
  if (typeof list[0] === 'number' && length <= stringMax) {
    const end = putString(bytes, start, list);
    if (end > 0) return end;
  }
  bytes[start] = tags.list;
  const at = putAll(bytes, putU32(bytes, start + 1, length), list);
  bytes[at] = tags.nil;
  return at + 1;
}

/** Writes a list of bytes compactly; 0 when it is none, and what was written so far is to be overwritten. */
function putString(bytes: Uint8Array, start: number, list: readonly Term[]): number {
  const { length } = list;
  bytes[start] = tags.string;
  let at = putU16(bytes, start + 1, length);
  for (let i = 0; i < length; i++) {
    const byte = list[i];
    if (typeof byte !== 'number' || (byte & 0xff) !== byte) return 0;
    bytes[at++] = byte;
  }
  return at;
}

function putImproperList(bytes: Uint8Array, at: number, { elements, tail }: ImproperList): number {
  bytes[at] = tags.list;
  return putValue(bytes, putAll(bytes, putU32(bytes, at + 1, elements.length), elements), tail);
}

function putMap(bytes: Uint8Array, start: number, { entries }: ErlangMap): number {
  bytes[start] = tags.map;
  let at = putU32(bytes, start + 1, entries.length);
  for (const entry of entries) at = putValue(bytes, putValue(bytes, at, entry[0]), entry[1]);
  return at;
}

function putBinary(bytes: Uint8Array, at: number, value: Uint8Array): number {
  bytes[at] = tags.binary;
  return putBytes(bytes, putU32(bytes, at + 1, value.length), value);
}

function putBitString(bytes: Uint8Array, at: number, value: BitString): number {
  bytes[at] = tags.bitBinary;
  const bitsAt = putU32(bytes, at + 1, value.bytes.length);
  bytes[bitsAt] = value.bits;
  return putBytes(bytes, bitsAt + 1, value.bytes);
}

function putExportFun(bytes: Uint8Array, start: number, fun: ExportFun): number {
  bytes[start] = tags.export;
  const at = putAtom(bytes, putAtom(bytes, start + 1, fun.module), fun.function);
  bytes[at] = tags.smallInteger;
  bytes[at + 1] = fun.arity;
  return at + 2;
}

function putFun(bytes: Uint8Array, start: number, { parts }: Fun): number {
  bytes[start] = tags.newFun;
  bytes[start + 5] = parts.arity;
  let at = putBytes(bytes, start + 6, parts.uniq);
  at = putU32(bytes, putU32(bytes, at, parts.index), parts.free.length);
  at = putAtomText(bytes, at, parts.module);
  at = putNumber(bytes, putNumber(bytes, at, parts.oldIndex), parts.oldUniq);
  at = putAll(bytes, putPid(bytes, at, parts.creator), parts.free);
  putU32(bytes, start + 1, at - start - 1);
  return at;
}
