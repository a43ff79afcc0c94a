/**
 * Terms to bytes, in the forms that every node from OTP 23 on reads, and as the BEAM itself chooses them: lists of bytes as
 * STRING_EXT, atoms as UTF-8, identifiers with 32-bit creations.
 * https://www.erlang.org/doc/apps/erts/erl_ext_dist.html
 *
 * Every `put` function writes at a place and gives the place behind what it wrote; see put.ts for where that is. Before each
 * element of a container, and nowhere else, somebody looks whether there is room. That, and writing words instead of bytes, is
 * what makes it fast; so is asking for a term's class in the order in which classes are common.
 */
import { Atom } from './atom.ts';
import { EncodeError } from './errors.ts';
import { putPid, putPort, putReference } from './encode-identity.ts';
import { apart, encoding, memory, putAtom, putAtomText, putBytes, putU32, putU8, room, taken } from './put.ts';
import { tags, versionMagic } from './tags.ts';
import { BitString, ErlangMap, ExportFun, Float, Fun, ImproperList, Pid, Port, Reference, Tuple } from './types.ts';
import type { Term } from './types.ts';

const { out, view, full } = memory;
const stringMax = 0xffff;

/** Encodes a term with its magic byte. EncodeError when a value is no term. */
export function encodeTerm(term: Term): Buffer {
  return encoding(0, () => taken(putTerm(0, term)));
}

/** A term with its magic byte. */
export function putTerm(at: number, term: Term): number {
  out[at] = versionMagic;
  return putValue(at + 1, term);
}

/** A term without its magic byte, as it stands within others. */
export function putValue(at: number, term: Term): number {
  if (typeof term === 'number') return putNumber(at, term);
  if (term instanceof Atom) return putAtom(at, term);
  return putObject(at, term);
}

function putObject(at: number, term: Exclude<Term, number | Atom>): number {
  if (term instanceof Tuple) return putTuple(at, term.elements);
  if (Array.isArray(term)) return putList(at, term as readonly Term[]);
  if (term instanceof Pid) return putPid(at, term);
  if (term instanceof Float) return putFloat(at, term.value);
  if (term instanceof Uint8Array) return putBinary(at, term);
  if (term instanceof ErlangMap) return putMap(at, term);
  return putRare(at, term);
}

function putRare(at: number, term: Term): number {
  if (typeof term === 'bigint') return putBigInt(at, term);
  if (term instanceof Reference) return putReference(at, term);
  if (term instanceof Port) return putPort(at, term);
  if (term instanceof ImproperList) return putImproperList(at, term);
  if (term instanceof BitString) return putBitString(at, term);
  if (term instanceof ExportFun) return putExportFun(at, term);
  if (term instanceof Fun) return putFun(at, term);
  throw new EncodeError(`not a term: ${typeof term}`);
}

function putNumber(at: number, value: number): number {
  if ((value | 0) !== value) return putWide(at, value);
  if ((value & 0xff) === value) {
    view.setInt16(at, (tags.smallInteger << 8) | value);
    return at + 2;
  }
  out[at] = tags.integer;
  view.setInt32(at + 1, value);
  return at + 5;
}

/** SMALL_BIG_EXT of a number beyond 32 bits: sign, then little-endian magnitude. */
function putWide(start: number, value: number): number {
  if (!Number.isSafeInteger(value))
    throw new EncodeError(`${value} is no safe integer: floats are Float, large integers bigint`);
  const magnitude = Math.abs(value);
  out[start] = tags.smallBig;
  out[start + 2] = value < 0 ? 1 : 0;
  view.setInt32(start + 3, magnitude | 0, true);
  let at = start + 7;
  for (let high = (magnitude / 0x1_0000_0000) | 0; high > 0; high >>>= 8) out[at++] = high;
  out[start + 1] = at - start - 3;
  return at;
}

function putBigInt(at: number, value: bigint): number {
  if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return putNumber(at, Number(value));
  const hex = (value < 0n ? -value : value).toString(16);
  const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').reverse();
  const signAt = putBigHead(at, magnitude.length);
  out[signAt] = value < 0n ? 1 : 0;
  return putBytes(signAt + 1, magnitude);
}

function putBigHead(at: number, length: number): number {
  if (length < 256) {
    out[at] = tags.smallBig;
    out[at + 1] = length;
    return at + 2;
  }
  out[at] = tags.largeBig;
  return putU32(at + 1, length);
}

function putFloat(at: number, value: number): number {
  if (!Number.isFinite(value)) throw new EncodeError(`${value} is no float in Erlang`);
  out[at] = tags.newFloat;
  view.setFloat64(at + 1, value);
  return at + 9;
}

function putTuple(start: number, elements: readonly Term[]): number {
  const { length } = elements;
  let at = start + 2;
  if (length > 255) at = putU32(putU8(start, tags.largeTuple), length);
  else view.setInt16(start, (tags.smallTuple << 8) | length);
  for (let i = 0; i < length; i++) {
    const term = elements[i] as Term;
    if (at > full) at = room(at);
    if (typeof term === 'number') at = putNumber(at, term);
    else at = term instanceof Atom ? putAtom(at, term) : putObject(at, term);
  }
  return at;
}

function putAll(start: number, terms: readonly Term[]): number {
  let at = start;
  for (let i = 0; i < terms.length; i++) at = putValue(room(at), terms[i] as Term);
  return at;
}

/** As putAll, but most long lists are of tuples. */
function putElements(start: number, terms: readonly Term[]): number {
  let at = start;
  for (let i = 0; i < terms.length; i++) {
    const term = terms[i] as Term;
    if (at > full) at = room(at);
    at = term instanceof Tuple ? putTuple(at, term.elements) : putValue(at, term);
  }
  return at;
}

function putList(start: number, list: readonly Term[]): number {
  const { length } = list;
  if (length === 0) return putU8(start, tags.nil);
  if (typeof list[0] === 'number' && length <= stringMax) {
    const end = putString(start, list);
    if (end > 0) return end;
  }
  out[start] = tags.list;
  return putU8(putElements(putU32(start + 1, length), list), tags.nil);
}

/** Writes a list of bytes compactly; 0 when it is none, and what was written so far is to be overwritten. */
function putString(start: number, list: readonly Term[]): number {
  const { length } = list;
  out[start] = tags.string;
  view.setInt16(start + 1, length);
  let at = start + 3;
  for (let i = 0; i < length; i++) {
    const byte = list[i];
    if (typeof byte !== 'number' || (byte & 0xff) !== byte) return 0;
    out[at++] = byte;
  }
  return at;
}

function putImproperList(at: number, { elements, tail }: ImproperList): number {
  out[at] = tags.list;
  return putValue(room(putElements(putU32(at + 1, elements.length), elements)), tail);
}

function putMap(start: number, { entries }: ErlangMap): number {
  out[start] = tags.map;
  let at = putU32(start + 1, entries.length);
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as readonly [Term, Term];
    at = putValue(room(putValue(room(at), entry[0])), entry[1]);
  }
  return at;
}

function putBinary(at: number, value: Uint8Array): number {
  out[at] = tags.binary;
  return putBytes(putU32(at + 1, value.length), value);
}

function putBitString(at: number, value: BitString): number {
  out[at] = tags.bitBinary;
  const bitsAt = putU32(at + 1, value.bytes.length);
  out[bitsAt] = value.bits;
  return putBytes(bitsAt + 1, value.bytes);
}

function putExportFun(start: number, fun: ExportFun): number {
  out[start] = tags.export;
  const at = putAtom(putAtom(start + 1, fun.module), fun.function);
  out[at] = tags.smallInteger;
  out[at + 1] = fun.arity;
  return at + 2;
}

/** NEW_FUN_EXT starts with its own size. */
function putFun(at: number, { parts }: Fun): number {
  const rest = apart(at, () => {
    let end = putBytes(putU8(0, parts.arity), parts.uniq);
    end = putU32(putU32(end, parts.index), parts.free.length);
    end = putNumber(putNumber(putAtomText(end, parts.module), parts.oldIndex), parts.oldUniq);
    return putAll(putPid(end, parts.creator), parts.free);
  });
  out[0] = tags.newFun;
  return putBytes(putU32(1, rest.length + 4), rest);
}
