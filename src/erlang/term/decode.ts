/**
 * Bytes to terms: the external term format as of OTP 27, read back to OTP 19 and before.
 * https://www.erlang.org/doc/apps/erts/erl_ext_dist.html
 *
 * The input may come from anybody: nothing but DecodeError is thrown, no announced size is believed before the bytes are
 * there, nesting and inflation are bounded. Map keys are not checked for being different, as no use of ours depends on it.
 */
import { inflateSync } from 'node:zlib';
import type { Atom } from './atom.ts';
import { listWithTail } from './build.ts';
import * as identity from './decode-identity.ts';
import * as scalar from './decode-scalar.ts';
import { DecodeError } from './errors.ts';
import { compressedTag, tags, versionMagic } from './tags.ts';
import { defaultLimits, TermReader } from './term-reader.ts';
import type { DecodeLimits } from './term-reader.ts';
import { ErlangMap, ExportFun, Fun, Pid, Tuple } from './types.ts';
import type { Term } from './types.ts';

/** What a key with its value takes, what a fun holds of its own, and a float, in slots. */
const entrySlots = 12;
const funSlots = 32;
const floatSlots = 6;

/** Elements for which there is room before they are read. */
const shortCount = 64;

/** Terms never change, so there is one empty list for all: a byte must not cost an object. */
const emptyList: readonly Term[] = [];

/** Reads what follows a tag. `room` is the nesting still allowed. */
type TagDecoder = (reader: TermReader, room: number) => Term;

const decoders = new Array<TagDecoder | undefined>(256).fill(undefined);
for (const [tag, decoder] of [
  [tags.bitBinary, scalar.decodeBitBinary],
  [tags.newPort, identity.decodeNewPort],
  [tags.newerReference, identity.decodeNewerReference],
  [tags.float, scalar.decodeOldFloat],
  [tags.atom, scalar.decodeAtom],
  [tags.reference, identity.decodeReference],
  [tags.port, identity.decodePort],
  [tags.pid, identity.decodePid],
  [tags.largeTuple, decodeLargeTuple],
  [tags.largeBig, scalar.decodeLargeBig],
  [tags.newFun, decodeNewFun],
  [tags.export, decodeExport],
  [tags.newReference, identity.decodeNewReference],
  [tags.smallAtom, scalar.decodeSmallAtom],
  [tags.map, decodeMap],
  [tags.atomUtf8, scalar.decodeAtomUtf8],
  [tags.v4Port, identity.decodeV4Port],
] as [number, TagDecoder][])
  decoders[tag] = decoder;

/** Decodes one whole term, magic byte included; bytes behind it are an error. DecodeError. */
export function decodeTerm(bytes: Uint8Array, limits: DecodeLimits = defaultLimits): Term {
  const [term, end] = decodePrefix(bytes, 0, limits);
  if (end !== bytes.length) throw new DecodeError(`${bytes.length - end} bytes stand behind the term`, end);
  return term;
}

/** Decodes the term that starts at `start` with its magic byte, and says where it ends. DecodeError. */
export function decodePrefix(bytes: Uint8Array, start = 0, limits: DecodeLimits = defaultLimits): [Term, number] {
  if (bytes.length - start > limits.bytes)
    throw new DecodeError(`${bytes.length - start} bytes are over the limit of ${limits.bytes}`, start);
  const reader = new TermReader(bytes, start, limits);
  const magic = reader.u8();
  if (magic !== versionMagic) throw new DecodeError(`a term starts with byte ${versionMagic}, not ${magic}`, start);
  if (bytes[reader.at] === compressedTag) return decodeCompressed(reader, limits);
  return [decodeValue(reader, limits.depth), reader.at];
}

/**
 * Decodes the term that starts at `start` without a magic byte, as it stands behind a distribution header that lists `atoms`,
 * and says where it ends. DecodeError.
 */
export function decodeListed(bytes: Uint8Array, start: number, atoms: readonly Atom[]): [Term, number] {
  const reader = new TermReader(bytes, start, defaultLimits, atoms);
  return [decodeValue(reader, defaultLimits.depth), reader.at];
}

function decodeCompressed(reader: TermReader, limits: DecodeLimits): [Term, number] {
  reader.u8();
  const size = reader.u32();
  if (size > limits.inflatedBytes) reader.fail(`a compressed term of ${size} bytes is over the limit`);
  const { inflated, used } = inflate(reader, size);
  const inner = new TermReader(inflated, 0, limits);
  const term = decodeValue(inner, limits.depth);
  if (inner.left > 0 || inflated.length !== size) reader.fail('a compressed term is not as long as it says');
  return [term, reader.at + used];
}

/** What zlib gives with `info`; its types do not know the option. */
interface InflateInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function inflate(reader: TermReader, size: number): { inflated: Uint8Array; used: number } {
  try {
    const options = { maxOutputLength: Math.max(size, 1), info: true };
    const result = inflateSync(reader.bytes.subarray(reader.at), options) as unknown as InflateInfo;
    return { inflated: result.buffer, used: result.engine.bytesWritten };
  } catch (error) {
    return reader.fail(`a compressed term does not inflate: ${(error as Error).message}`);
  }
}

/** How many bytes at least stand behind a tag. */
const least = new Uint8Array(256);
least.set([8], tags.newFloat);
least.set([1], tags.atomCacheReference);
least.set([1, 4], tags.smallInteger);
least.set([1], tags.smallTuple);
least.set([0, 2, 4, 4, 2], tags.nil);
least.set([4], tags.map);
least.set([1], tags.smallAtomUtf8);

/** The tags that nearly all terms are made of stand here, where the compiler can see them; the others are looked up. */
function decodeValue(reader: TermReader, room: number): Term {
  const { view, end } = reader;
  const at = reader.at + 1;
  if (at > end) reader.short();
  const tag = view.getUint8(at - 1);
  if ((least[tag] as number) > end - at) reader.short();
  switch (tag) {
    case tags.smallAtomUtf8:
      return reader.recent(at + 1, view.getUint8(at));
    case tags.smallInteger:
      reader.at = at + 1;
      return view.getUint8(at);
    case tags.integer:
      reader.at = at + 4;
      return view.getInt32(at);
    case tags.smallTuple:
      reader.at = at + 1;
      return decodeSmallTuple(reader, view.getUint8(at), room);
    case tags.list:
      reader.at = at + 4;
      return decodeList(reader, view.getUint32(at), room);
    case tags.nil:
      reader.at = at;
      return emptyList;
    case tags.string:
      reader.at = at + 2;
      return scalar.decodeString(reader, view.getUint16(at));
    case tags.atomCacheReference:
      reader.at = at + 1;
      return reader.listed(view.getUint8(at));
    case tags.smallBig:
      reader.at = at + 1;
      return scalar.decodeBig(reader, view.getUint8(at));
    case tags.newFloat:
      reader.at = at + 8;
      reader.spend(0, floatSlots);
      return scalar.finite(reader, view.getFloat64(at));
    case tags.binary:
      reader.at = at + 4;
      reader.spend(1, 0);
      return reader.copy(view.getUint32(at));
    case tags.newPid:
      reader.at = at;
      return identity.decodeNewPid(reader);
    default:
      reader.at = at;
      return decodeOther(reader, room, tag);
  }
}

function decodeOther(reader: TermReader, room: number, tag: number): Term {
  const decoder = decoders[tag];
  if (decoder === undefined) throw new DecodeError(`${tag} is no tag of a term`, reader.at - 1);
  reader.spend(2, 0);
  return decoder(reader, room);
}

/** The nesting left inside a container of so many elements. */
function within(reader: TermReader, room: number, count: number): number {
  if (room <= 0) reader.fail('a term is nested too deeply');
  reader.spend(1, count);
  return room - 1;
}

function decodeSmallTuple(reader: TermReader, arity: number, room: number): Tuple {
  const inner = within(reader, room, arity);
  switch (arity) {
    case 2: {
      const a = decodeValue(reader, inner);
      return new Tuple([a, decodeValue(reader, inner)]);
    }
    case 3: {
      const a = decodeValue(reader, inner);
      const b = decodeValue(reader, inner);
      return new Tuple([a, b, decodeValue(reader, inner)]);
    }
    case 4: {
      const a = decodeValue(reader, inner);
      const b = decodeValue(reader, inner);
      const c = decodeValue(reader, inner);
      return new Tuple([a, b, c, decodeValue(reader, inner)]);
    }
    case 5: {
      const a = decodeValue(reader, inner);
      const b = decodeValue(reader, inner);
      const c = decodeValue(reader, inner);
      const d = decodeValue(reader, inner);
      return new Tuple([a, b, c, d, decodeValue(reader, inner)]);
    }
    default:
      return new Tuple(decodeMany(reader, reader.bounded(arity, 1), inner));
  }
}

function decodeLargeTuple(reader: TermReader, room: number): Tuple {
  const arity = reader.count(1);
  return new Tuple(decodeMany(reader, arity, within(reader, room, arity)));
}

function decodeMany(reader: TermReader, count: number, room: number): Term[] {
  // Announced is not there: only a short one is made at once.
  const terms = new Array<Term>(count <= shortCount ? count : 0);
  for (let i = 0; i < count; i++) terms[i] = decodeValue(reader, room);
  return terms;
}

function decodeList(reader: TermReader, length: number, room: number): Term {
  const inner = within(reader, room, reader.bounded(length, 1));
  const elements = decodeMany(reader, length, inner);
  if (elements.length > 0 && reader.skip(tags.nil)) return elements;
  return listWithTail(elements, decodeValue(reader, inner));
}

function decodeMap(reader: TermReader, room: number): ErlangMap {
  const count = reader.count(2);
  const inner = within(reader, room, count * entrySlots);
  const entries: [Term, Term][] = [];
  for (let i = 0; i < count; i++) entries.push([decodeValue(reader, inner), decodeValue(reader, inner)]);
  return new ErlangMap(entries);
}

function decodeExport(reader: TermReader): ExportFun {
  const module = identity.expectAtom(reader);
  const name = identity.expectAtom(reader);
  if (reader.u8() !== tags.smallInteger) reader.fail('the arity of a fun must stand here');
  return new ExportFun(module, name, reader.u8());
}

/** NEW_FUN_EXT starts with its own size, which the parts must fill exactly. */
function decodeNewFun(reader: TermReader, room: number): Fun {
  const start = reader.at;
  const size = reader.u32();
  const inner = within(reader, room, funSlots);
  const arity = reader.u8();
  const uniq = reader.copy(16);
  const index = reader.u32();
  const freeCount = reader.count(1);
  reader.spend(0, freeCount);
  const module = identity.expectAtom(reader);
  const oldIndex = decodeFunNumber(reader);
  const oldUniq = decodeFunNumber(reader);
  const creator = decodeValue(reader, inner);
  if (!(creator instanceof Pid)) return reader.fail('the creator of a fun must stand here');
  const free = decodeMany(reader, freeCount, inner);
  if (reader.at - start !== size) reader.fail('a fun is not as long as it says');
  return new Fun({ arity, uniq, index, module, oldIndex, oldUniq, creator, free });
}

function decodeFunNumber(reader: TermReader): number {
  const value = decodeValue(reader, 0);
  return typeof value === 'number' ? value : reader.fail('a number of a fun must stand here');
}
