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

/** Elements for which there is room before they are read. */
const shortCount = 64;

/** Reads what follows a tag. `room` is the nesting still allowed. */
type TagDecoder = (reader: TermReader, room: number) => Term;

const decoders = new Array<TagDecoder | undefined>(256).fill(undefined);
for (const [tag, decoder] of [
  [tags.newFloat, scalar.decodeNewFloat],
  [tags.bitBinary, scalar.decodeBitBinary],
  [tags.newPid, identity.decodeNewPid],
  [tags.newPort, identity.decodeNewPort],
  [tags.newerReference, identity.decodeNewerReference],
  [tags.float, scalar.decodeOldFloat],
  [tags.atom, scalar.decodeAtom],
  [tags.reference, identity.decodeReference],
  [tags.port, identity.decodePort],
  [tags.pid, identity.decodePid],
  [tags.largeTuple, decodeLargeTuple],
  [tags.binary, scalar.decodeBinary],
  [tags.smallBig, scalar.decodeSmallBig],
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

/** The tags that nearly all terms are made of stand here, where the compiler can see them; the others are looked up. */
function decodeValue(reader: TermReader, room: number): Term {
  const tag = reader.u8();
  switch (tag) {
    case tags.smallAtomUtf8:
      return reader.atom(reader.u8());
    case tags.smallInteger:
      return reader.u8();
    case tags.smallTuple:
      return decodeSmallTuple(reader, room);
    case tags.integer:
      return reader.i32();
    case tags.list:
      return decodeList(reader, room);
    case tags.string:
      return scalar.decodeString(reader);
    case tags.nil:
      return scalar.decodeNil();
    case tags.atomCacheReference:
      return reader.listedAtom();
    default:
      return decodeOther(reader, room, tag);
  }
}

function decodeOther(reader: TermReader, room: number, tag: number): Term {
  const decoder = decoders[tag];
  if (decoder === undefined) throw new DecodeError(`${tag} is no tag of a term`, reader.at - 1);
  return decoder(reader, room);
}

/** The nesting left inside a container. */
function within(reader: TermReader, room: number): number {
  if (room <= 0) reader.fail('a term is nested too deeply');
  return room - 1;
}

function decodeSmallTuple(reader: TermReader, room: number): Tuple {
  return new Tuple(decodeMany(reader, reader.bounded(reader.u8(), 1), within(reader, room)));
}

function decodeLargeTuple(reader: TermReader, room: number): Tuple {
  return new Tuple(decodeMany(reader, reader.count(1), within(reader, room)));
}

function decodeMany(reader: TermReader, count: number, room: number): Term[] {
  // Announced is not there: only a short one is made at once.
  const terms = new Array<Term>(count <= shortCount ? count : 0);
  for (let i = 0; i < count; i++) terms[i] = decodeValue(reader, room);
  return terms;
}

function decodeList(reader: TermReader, room: number): Term {
  const inner = within(reader, room);
  const elements = decodeMany(reader, reader.count(1), inner);
  if (elements.length > 0 && reader.skip(tags.nil)) return elements;
  return listWithTail(elements, decodeValue(reader, inner));
}

function decodeMap(reader: TermReader, room: number): ErlangMap {
  const inner = within(reader, room);
  const count = reader.count(2);
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
  const inner = within(reader, room);
  const arity = reader.u8();
  const uniq = reader.copy(16);
  const index = reader.u32();
  const freeCount = reader.count(1);
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
