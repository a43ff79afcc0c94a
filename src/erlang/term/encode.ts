/**
 * Terms to bytes, in the forms that every node from OTP 23 on reads, and as the BEAM itself chooses them: lists of bytes as
 * STRING_EXT, atoms as UTF-8, identifiers with 32-bit creations.
 * https://www.erlang.org/doc/apps/erts/erl_ext_dist.html
 */
import { Atom } from './atom.ts';
import { ByteWriter } from './byte-writer.ts';
import { EncodeError } from './errors.ts';
import { tags, versionMagic } from './tags.ts';
import { BitString, ErlangMap, ExportFun, Float, Fun, ImproperList, Pid, Port, Reference, Tuple } from './types.ts';
import type { Term } from './types.ts';

const int32Min = -0x8000_0000;
const int32Max = 0x7fff_ffff;
/** Ports up to here go in the form that nodes before OTP 24 read. */
const shortPortMax = 0x0fff_ffffn;

/** Encodes a term with its magic byte. EncodeError when a value is no term. */
export function encodeTerm(term: Term): Buffer {
  const writer = new ByteWriter();
  writeTerm(writer, term);
  return writer.done();
}

/** Appends a term with its magic byte. */
export function writeTerm(writer: ByteWriter, term: Term): void {
  writer.u8(versionMagic);
  writeValue(writer, term);
}

function writeValue(writer: ByteWriter, term: Term): void {
  if (term instanceof Atom) writeAtom(writer, term);
  else if (typeof term === 'number') writeNumber(writer, term);
  else if (term instanceof Tuple) writeTuple(writer, term);
  else if (Array.isArray(term)) writeList(writer, term as readonly Term[]);
  else if (term instanceof Uint8Array) writeBinary(writer, term);
  else if (typeof term === 'bigint') writeBigInt(writer, term);
  else if (term instanceof ErlangMap) writeMap(writer, term);
  else if (term instanceof Float) writeFloat(writer, term);
  else writeRare(writer, term);
}

function writeRare(writer: ByteWriter, term: Term): void {
  if (term instanceof Pid) writePid(writer, term);
  else if (term instanceof Reference) writeReference(writer, term);
  else if (term instanceof Port) writePort(writer, term);
  else if (term instanceof ImproperList) writeImproperList(writer, term);
  else if (term instanceof BitString) writeBitString(writer, term);
  else if (term instanceof ExportFun) writeExportFun(writer, term);
  else if (term instanceof Fun) writeFun(writer, term);
  else throw new EncodeError(`not a term: ${typeof term}`);
}

function writeAtom(writer: ByteWriter, { utf8 }: Atom): void {
  if (utf8.length < 256) {
    writer.u8(tags.smallAtomUtf8);
    writer.u8(utf8.length);
  } else {
    writer.u8(tags.atomUtf8);
    writer.u16(utf8.length);
  }
  writer.bytes(utf8);
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (!Number.isSafeInteger(value))
    throw new EncodeError(`${value} is no safe integer: floats are Float, large integers bigint`);
  if (value >= 0 && value < 256) {
    writer.u8(tags.smallInteger);
    writer.u8(value);
  } else if (value >= int32Min && value <= int32Max) {
    writer.u8(tags.integer);
    writer.i32(value);
  } else writeSafeBig(writer, value);
}

/** Beyond 31 bits and within 53: no need for BigInt, which is many times slower. */
function writeSafeBig(writer: ByteWriter, value: number): void {
  const magnitude = Math.abs(value);
  const high = Math.floor(magnitude / 2 ** 32);
  const highBytes = high === 0 ? 0 : high < 0x100 ? 1 : high < 0x1_0000 ? 2 : 3;
  writer.u8(tags.smallBig);
  writer.u8(4 + highBytes);
  writer.u8(value < 0 ? 1 : 0);
  writer.littleEndian(magnitude >>> 0, 4);
  writer.littleEndian(high, highBytes);
}

function writeBigInt(writer: ByteWriter, value: bigint): void {
  if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) writeNumber(writer, Number(value));
  else writeBig(writer, value);
}

function writeBig(writer: ByteWriter, value: bigint): void {
  const hex = (value < 0n ? -value : value).toString(16);
  const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').reverse();
  if (magnitude.length < 256) {
    writer.u8(tags.smallBig);
    writer.u8(magnitude.length);
  } else {
    writer.u8(tags.largeBig);
    writer.u32(magnitude.length);
  }
  writer.u8(value < 0n ? 1 : 0);
  writer.bytes(magnitude);
}

function writeFloat(writer: ByteWriter, { value }: Float): void {
  if (!Number.isFinite(value)) throw new EncodeError(`${value} is no float in Erlang`);
  writer.u8(tags.newFloat);
  writer.f64(value);
}

function writeTuple(writer: ByteWriter, { elements }: Tuple): void {
  if (elements.length < 256) {
    writer.u8(tags.smallTuple);
    writer.u8(elements.length);
  } else {
    writer.u8(tags.largeTuple);
    writer.u32(elements.length);
  }
  for (const element of elements) writeValue(writer, element);
}

function writeList(writer: ByteWriter, list: readonly Term[]): void {
  if (list.length === 0) writer.u8(tags.nil);
  else if (isByteList(list)) writeString(writer, list);
  else {
    writer.u8(tags.list);
    writer.u32(list.length);
    for (const element of list) writeValue(writer, element);
    writer.u8(tags.nil);
  }
}

function isByteList(list: readonly Term[]): list is readonly number[] {
  if (list.length > 0xffff) return false;
  for (const element of list)
    if (typeof element !== 'number' || element < 0 || element > 255 || !Number.isInteger(element)) return false;
  return true;
}

function writeString(writer: ByteWriter, list: readonly number[]): void {
  writer.u8(tags.string);
  writer.u16(list.length);
  for (const byte of list) writer.u8(byte);
}

function writeImproperList(writer: ByteWriter, { elements, tail }: ImproperList): void {
  writer.u8(tags.list);
  writer.u32(elements.length);
  for (const element of elements) writeValue(writer, element);
  writeValue(writer, tail);
}

function writeMap(writer: ByteWriter, { entries }: ErlangMap): void {
  writer.u8(tags.map);
  writer.u32(entries.length);
  for (const [key, value] of entries) {
    writeValue(writer, key);
    writeValue(writer, value);
  }
}

function writeBinary(writer: ByteWriter, bytes: Uint8Array): void {
  writer.u8(tags.binary);
  writer.u32(bytes.length);
  writer.bytes(bytes);
}

function writeBitString(writer: ByteWriter, { bytes, bits }: BitString): void {
  writer.u8(tags.bitBinary);
  writer.u32(bytes.length);
  writer.u8(bits);
  writer.bytes(bytes);
}

function writePid(writer: ByteWriter, pid: Pid): void {
  writer.u8(tags.newPid);
  writeAtom(writer, pid.node);
  writer.u32(pid.id);
  writer.u32(pid.serial);
  writer.u32(pid.creation);
}

function writePort(writer: ByteWriter, port: Port): void {
  const short = port.id <= shortPortMax;
  writer.u8(short ? tags.newPort : tags.v4Port);
  writeAtom(writer, port.node);
  if (short) writer.u32(Number(port.id));
  else writer.u64(port.id);
  writer.u32(port.creation);
}

function writeReference(writer: ByteWriter, reference: Reference): void {
  writer.u8(tags.newerReference);
  writer.u16(reference.words.length);
  writeAtom(writer, reference.node);
  writer.u32(reference.creation);
  for (const word of reference.words) writer.u32(word);
}

function writeExportFun(writer: ByteWriter, fun: ExportFun): void {
  writer.u8(tags.export);
  writeAtom(writer, fun.module);
  writeAtom(writer, fun.function);
  writer.u8(tags.smallInteger);
  writer.u8(fun.arity);
}

function writeFun(writer: ByteWriter, { parts }: Fun): void {
  writer.u8(tags.newFun);
  const sizeAt = writer.length;
  writer.u32(0);
  writer.u8(parts.arity);
  writer.bytes(parts.uniq);
  writer.u32(parts.index);
  writer.u32(parts.free.length);
  writeAtom(writer, parts.module);
  writeNumber(writer, parts.oldIndex);
  writeNumber(writer, parts.oldUniq);
  writePid(writer, parts.creator);
  for (const value of parts.free) writeValue(writer, value);
  writer.setU32(sizeAt, writer.length - sizeAt);
}
