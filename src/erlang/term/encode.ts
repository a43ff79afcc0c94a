/**
 * Terms to bytes, in the forms that every node from OTP 23 on reads, and as the BEAM itself chooses them: lists of bytes as
 * STRING_EXT, atoms as UTF-8, identifiers with 32-bit creations.
 * https://www.erlang.org/doc/apps/erts/erl_ext_dist.html
 *
 * Every `put` function writes at a place and gives the place behind what it wrote. None of them asks whether there is room:
 * a view refuses what lies behind its end, and what did not fit is written again where there is more (`encodeWith`). That,
 * and writing words instead of bytes, is what makes it fast.
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

const scratch = new DataView(new ArrayBuffer(64 * 1024));
const roomMax = 2 ** 31;
let scratchTaken = false;

/** Runs `write`, again when what it writes did not fit, and gives a copy of the bytes up to the place that it answers. */
export function encodeWith(write: (view: DataView) => number): Buffer {
  if (scratchTaken) return encodeInto(new DataView(new ArrayBuffer(scratch.byteLength)), write);
  scratchTaken = true;
  try {
    return encodeInto(scratch, write);
  } finally {
    scratchTaken = false;
  }
}

function encodeInto(first: DataView, write: (view: DataView) => number): Buffer {
  for (let view = first; ; view = new DataView(new ArrayBuffer(view.byteLength * 4))) {
    const end = tryWrite(view, write);
    if (end !== undefined) return copyOf(view, end);
    if (view.byteLength >= roomMax) throw new EncodeError(`a term of more than ${roomMax} bytes`);
  }
}

/** Where `write` ended, or undefined when there was too little room. */
function tryWrite(view: DataView, write: (view: DataView) => number): number | undefined {
  try {
    return write(view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    if (/call stack/.test(error.message)) throw new EncodeError('a term is nested too deeply');
    return undefined;
  }
}

/** Small results share a pool, as Buffer does it; the view's own memory is used again. */
function copyOf(view: DataView, length: number): Buffer {
  const done = Buffer.allocUnsafe(length);
  done.set(new Uint8Array(view.buffer, 0, length));
  return done;
}

/** Encodes a term with its magic byte. EncodeError when a value is no term. */
export function encodeTerm(term: Term): Buffer {
  return encodeWith((view) => putTerm(view, 0, term));
}

/** A term with its magic byte. */
export function putTerm(view: DataView, at: number, term: Term): number {
  view.setUint8(at, versionMagic);
  return putValue(view, at + 1, term);
}

/** A term without its magic byte, as it stands within others. */
export function putValue(view: DataView, at: number, term: Term): number {
  if (typeof term === 'number') return putNumber(view, at, term);
  if (term instanceof Atom) return putAtom(view, at, term);
  if (term instanceof Tuple) return putTuple(view, at, term.elements);
  if (Array.isArray(term)) return putList(view, at, term as readonly Term[]);
  if (term instanceof Float) return putFloat(view, at, term.value);
  if (term instanceof Uint8Array) return putBinary(view, at, term);
  if (term instanceof Pid) return putPid(view, at, term);
  if (term instanceof ErlangMap) return putMap(view, at, term);
  return putRare(view, at, term);
}

function putRare(view: DataView, at: number, term: Term): number {
  if (typeof term === 'bigint') return putBigInt(view, at, term);
  if (term instanceof Reference) return putReference(view, at, term);
  if (term instanceof Port) return putPort(view, at, term);
  if (term instanceof ImproperList) return putImproperList(view, at, term);
  if (term instanceof BitString) return putBitString(view, at, term);
  if (term instanceof ExportFun) return putExportFun(view, at, term);
  if (term instanceof Fun) return putFun(view, at, term);
  throw new EncodeError(`not a term: ${typeof term}`);
}

function putNumber(view: DataView, at: number, value: number): number {
  if (value >= 0 && value < 256 && (value | 0) === value) {
    view.setInt16(at, (tags.smallInteger << 8) | value);
    return at + 2;
  }
  if ((value | 0) === value && value >= int32Min && value <= int32Max) {
    view.setUint8(at, tags.integer);
    return putU32(view, at + 1, value);
  }
  if (!Number.isSafeInteger(value))
    throw new EncodeError(`${value} is no safe integer: floats are Float, large integers bigint`);
  return putSafeBig(view, at, value);
}

/** Beyond 31 bits and within 53: no need for BigInt, which is many times slower. */
function putSafeBig(view: DataView, start: number, value: number): number {
  const magnitude = Math.abs(value);
  const low = magnitude >>> 0;
  let high = Math.floor(magnitude / 2 ** 32);
  view.setUint8(start, tags.smallBig);
  view.setUint8(start + 2, value < 0 ? 1 : 0);
  view.setUint8(start + 3, low);
  view.setUint8(start + 4, low >>> 8);
  view.setUint8(start + 5, low >>> 16);
  view.setUint8(start + 6, low >>> 24);
  let at = start + 7;
  for (; high > 0; high >>>= 8) view.setUint8(at++, high);
  view.setUint8(start + 1, at - start - 3);
  return at;
}

function putBigInt(view: DataView, at: number, value: bigint): number {
  if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return putNumber(view, at, Number(value));
  const hex = (value < 0n ? -value : value).toString(16);
  const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').reverse();
  const signAt = putBigHead(view, at, magnitude.length);
  view.setUint8(signAt, value < 0n ? 1 : 0);
  return putBytes(view, signAt + 1, magnitude);
}

function putBigHead(view: DataView, at: number, length: number): number {
  if (length < 256) {
    view.setUint8(at, tags.smallBig);
    view.setUint8(at + 1, length);
    return at + 2;
  }
  view.setUint8(at, tags.largeBig);
  return putU32(view, at + 1, length);
}

function putFloat(view: DataView, at: number, value: number): number {
  if (!Number.isFinite(value)) throw new EncodeError(`${value} is no float in Erlang`);
  view.setUint8(at, tags.newFloat);
  view.setFloat64(at + 1, value);
  return at + 9;
}

function putTuple(view: DataView, start: number, elements: readonly Term[]): number {
  let at = start;
  if (elements.length < 256) {
    view.setInt16(at, (tags.smallTuple << 8) | elements.length);
    at += 2;
  } else {
    view.setUint8(at, tags.largeTuple);
    at = putU32(view, at + 1, elements.length);
  }
  return putAll(view, at, elements);
}

function putAll(view: DataView, start: number, terms: readonly Term[]): number {
  let at = start;
  for (let i = 0; i < terms.length; i++) at = putValue(view, at, terms[i] as Term);
  return at;
}

function putList(view: DataView, start: number, list: readonly Term[]): number {
  const { length } = list;
  if (length === 0) {
    view.setUint8(start, tags.nil);
    return start + 1;
  }
  if (typeof list[0] === 'number' && length <= stringMax) {
    const end = putString(view, start, list);
    if (end > 0) return end;
  }
  view.setUint8(start, tags.list);
  const at = putAll(view, putU32(view, start + 1, length), list);
  view.setUint8(at, tags.nil);
  return at + 1;
}

/** Writes a list of bytes compactly; 0 when it is none, and what was written so far is to be overwritten. */
function putString(view: DataView, start: number, list: readonly Term[]): number {
  const { length } = list;
  view.setUint8(start, tags.string);
  let at = putU16(view, start + 1, length);
  for (let i = 0; i < length; i++) {
    const byte = list[i];
    if (typeof byte !== 'number' || (byte & 0xff) !== byte) return 0;
    view.setUint8(at++, byte);
  }
  return at;
}

function putImproperList(view: DataView, at: number, { elements, tail }: ImproperList): number {
  view.setUint8(at, tags.list);
  return putValue(view, putAll(view, putU32(view, at + 1, elements.length), elements), tail);
}

function putMap(view: DataView, start: number, { entries }: ErlangMap): number {
  view.setUint8(start, tags.map);
  let at = putU32(view, start + 1, entries.length);
  for (const entry of entries) at = putValue(view, putValue(view, at, entry[0]), entry[1]);
  return at;
}

function putBinary(view: DataView, at: number, value: Uint8Array): number {
  view.setUint8(at, tags.binary);
  return putBytes(view, putU32(view, at + 1, value.length), value);
}

function putBitString(view: DataView, at: number, value: BitString): number {
  view.setUint8(at, tags.bitBinary);
  const bitsAt = putU32(view, at + 1, value.bytes.length);
  view.setUint8(bitsAt, value.bits);
  return putBytes(view, bitsAt + 1, value.bytes);
}

function putExportFun(view: DataView, start: number, fun: ExportFun): number {
  view.setUint8(start, tags.export);
  const at = putAtom(view, putAtom(view, start + 1, fun.module), fun.function);
  view.setUint8(at, tags.smallInteger);
  view.setUint8(at + 1, fun.arity);
  return at + 2;
}

function putFun(view: DataView, start: number, { parts }: Fun): number {
  view.setUint8(start, tags.newFun);
  view.setUint8(start + 5, parts.arity);
  let at = putBytes(view, start + 6, parts.uniq);
  at = putU32(view, putU32(view, at, parts.index), parts.free.length);
  at = putAtomText(view, at, parts.module);
  at = putNumber(view, putNumber(view, at, parts.oldIndex), parts.oldUniq);
  at = putAll(view, putPid(view, at, parts.creator), parts.free);
  putU32(view, start + 1, at - start - 1);
  return at;
}
