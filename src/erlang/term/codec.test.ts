import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyTerms } from '../../../test/kit/arbitrary-terms.ts';
import { decodePrefix } from './decode.ts';
import { defaultLimits } from './term-reader.ts';
import * as erlang from './term.ts';
import { atom, binary, charlist, decodeTerm, encodeTerm, equalTerms, erlangMap, float, tuple } from './term.ts';
import { BitString, DecodeError, EncodeError, ExportFun, Fun, ImproperList, Pid, Port, Reference } from './term.ts';
import type { Term } from './term.ts';

const bytesOf = (...parts: (number | string)[]): Uint8Array =>
  Uint8Array.from([131, ...parts.flatMap((part) => (typeof part === 'number' ? [part] : [...Buffer.from(part)]))]);

const node = [119, 3, 'a@b'] as const;
const ab = atom('a@b');
const funUniq = new Uint8Array(16).fill(7);

/** Each pair both ways: the forms that we write. */
const both: [name: string, term: Term, bytes: Uint8Array][] = [
  ['SMALL_INTEGER_EXT', 255, bytesOf(97, 255)],
  ['INTEGER_EXT', 256, bytesOf(98, 0, 0, 1, 0)],
  ['INTEGER_EXT below zero', -1, bytesOf(98, 255, 255, 255, 255)],
  ['INTEGER_EXT, smallest', -(2 ** 31), bytesOf(98, 128, 0, 0, 0)],
  ['SMALL_BIG_EXT', 2 ** 31, bytesOf(110, 4, 0, 0, 0, 0, 128)],
  ['SMALL_BIG_EXT below zero', -(2 ** 31) - 1, bytesOf(110, 4, 1, 1, 0, 0, 128)],
  ['SMALL_BIG_EXT, largest number', 2 ** 53 - 1, bytesOf(110, 7, 0, 255, 255, 255, 255, 255, 255, 31)],
  ['SMALL_BIG_EXT, first bigint', 2n ** 53n, bytesOf(110, 7, 0, 0, 0, 0, 0, 0, 0, 32)],
  ['LARGE_BIG_EXT', 1n << 2040n, bytesOf(111, 0, 0, 1, 0, 0, ...new Array<number>(255).fill(0), 1)],
  ['NEW_FLOAT_EXT', float(1.5), bytesOf(70, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0)],
  ['NEW_FLOAT_EXT, negative zero', float(-0), bytesOf(70, 0x80, 0, 0, 0, 0, 0, 0, 0)],
  ['SMALL_ATOM_UTF8_EXT', atom('ok'), bytesOf(119, 2, 'ok')],
  ['SMALL_ATOM_UTF8_EXT beyond ASCII', atom('å'), bytesOf(119, 2, 0xc3, 0xa5)],
  ['ATOM_UTF8_EXT', atom('å'.repeat(255)), bytesOf(118, 1, 254, 'å'.repeat(255))],
  ['SMALL_TUPLE_EXT', tuple(1, atom('a')), bytesOf(104, 2, 97, 1, 119, 1, 'a')],
  ['LARGE_TUPLE_EXT', tuple(...new Array<Term>(256).fill([])), bytesOf(105, 0, 0, 1, 0, ...new Array<number>(256).fill(106))],
  ['NIL_EXT', [], bytesOf(106)],
  ['STRING_EXT', charlist('ab'), bytesOf(107, 0, 2, 'ab')],
  ['LIST_EXT', [256], bytesOf(108, 0, 0, 0, 1, 98, 0, 0, 1, 0, 106)],
  ['LIST_EXT, improper', new ImproperList([1], 2), bytesOf(108, 0, 0, 0, 1, 97, 1, 97, 2)],
  ['BINARY_EXT', binary('ab'), bytesOf(109, 0, 0, 0, 2, 'ab')],
  ['BIT_BINARY_EXT', new BitString(Uint8Array.of(1, 0xa0), 3), bytesOf(77, 0, 0, 0, 2, 3, 1, 0xa0)],
  ['MAP_EXT', erlangMap([[1, []]]), bytesOf(116, 0, 0, 0, 1, 97, 1, 106)],
  ['NEW_PID_EXT', new Pid(ab, 1, 2, 3), bytesOf(88, ...node, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3)],
  ['NEW_PORT_EXT', new Port(ab, 1n, 2), bytesOf(89, ...node, 0, 0, 0, 1, 0, 0, 0, 2)],
  ['V4_PORT_EXT', new Port(ab, 1n << 40n, 2), bytesOf(120, ...node, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2)],
  ['NEWER_REFERENCE_EXT', new Reference(ab, 9, [1, 2]), bytesOf(90, 0, 2, ...node, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2)],
  ['EXPORT_EXT', new ExportFun(atom('m'), atom('f'), 3), bytesOf(113, 119, 1, 'm', 119, 1, 'f', 97, 3)],
  [
    'NEW_FUN_EXT',
    new Fun({ arity: 1, uniq: funUniq, index: 2, module: atom('m'), oldIndex: 3, oldUniq: 4, creator: new Pid(ab, 1, 2, 3), free: [5] }),
    bytesOf(112, 0, 0, 0, 56, 1, ...funUniq, 0, 0, 0, 2, 0, 0, 0, 1, 119, 1, 'm', 97, 3, 97, 4, 88, ...node, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 97, 5),
  ],
]; // prettier-ignore

/** Older and unusual forms: only read. */
const readOnly: [name: string, term: Term, bytes: Uint8Array][] = [
  ['FLOAT_EXT', float(1.5), bytesOf(99, '1.50000000000000000000e+00', 0, 0, 0, 0, 0)],
  ['ATOM_EXT, Latin-1', atom('å'), bytesOf(100, 0, 1, 0xe5)],
  ['SMALL_ATOM_EXT', atom('ok'), bytesOf(115, 2, 'ok')],
  ['PID_EXT', new Pid(ab, 1, 2, 3), bytesOf(103, ...node, 0, 0, 0, 1, 0, 0, 0, 2, 3)],
  ['PORT_EXT', new Port(ab, 1n, 3), bytesOf(102, ...node, 0, 0, 0, 1, 3)],
  ['REFERENCE_EXT', new Reference(ab, 3, [1]), bytesOf(101, ...node, 0, 0, 0, 1, 3)],
  ['NEW_REFERENCE_EXT', new Reference(ab, 3, [1]), bytesOf(114, 0, 1, ...node, 3, 0, 0, 0, 1)],
  ['a small integer as big', 5, bytesOf(110, 2, 0, 5, 0)],
  ['minus nothing', 0, bytesOf(110, 1, 1, 0)],
  ['an improper list that is proper', [1, 2], bytesOf(108, 0, 0, 0, 1, 97, 1, 107, 0, 1, 2)],
  ['a list of nothing but a tail', 7, bytesOf(108, 0, 0, 0, 0, 97, 7)],
  ['a bitstring of whole bytes', binary('a'), bytesOf(77, 0, 0, 0, 1, 8, 'a')],
  ['bits behind the end', new BitString(Uint8Array.of(0x80), 1), bytesOf(77, 0, 0, 0, 1, 1, 0xff)],
  ['compressed', charlist('aaaaaaaaaa'), bytesOf(80, 0, 0, 0, 13, ...deflateSync(bytesOf(107, 0, 10, 'aaaaaaaaaa').subarray(1)))],
]; // prettier-ignore

const broken: [name: string, bytes: Uint8Array][] = [
  ['nothing', new Uint8Array()],
  ['no magic', Uint8Array.of(97, 1)],
  ['only the magic', bytesOf()],
  ['an unknown tag', bytesOf(1)],
  ['the atom cache', bytesOf(82, 0)],
  ['bytes behind', bytesOf(97, 1, 0)],
  ['a short integer', bytesOf(98, 0, 0)],
  ['infinity', bytesOf(70, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0)],
  ['a float that is text', bytesOf(99, 'x'.repeat(31))],
  ['an atom that is no UTF-8', bytesOf(119, 1, 0xff)],
  ['an atom that is too long', bytesOf(118, 1, 0, 'a'.repeat(256))],
  ['a list longer than the bytes', bytesOf(108, 255, 255, 255, 255, 106)],
  ['a tuple longer than the bytes', bytesOf(105, 255, 255, 255, 255)],
  ['a map longer than the bytes', bytesOf(116, 0, 0, 0, 2, 106, 106)],
  ['a binary longer than the bytes', bytesOf(109, 255, 255, 255, 255, 1)],
  ['a huge integer', bytesOf(111, 127, 255, 255, 255, 0)],
  ['a reference of no words', bytesOf(90, 0, 0, ...node, 0, 0, 0, 1)],
  ['a pid without a node', bytesOf(88, 97, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3)],
  ['nine bits in a byte', bytesOf(77, 0, 0, 0, 1, 9, 1)],
  ['a compressed term that is none', bytesOf(80, 0, 0, 0, 1, 1, 2, 3)],
  ['a compressed term over its size', bytesOf(80, 0, 0, 0, 2, ...deflateSync(bytesOf(107, 0, 2, 'ab').subarray(1)))],
  ['a compressed term under its size', bytesOf(80, 0, 0, 0, 99, ...deflateSync(bytesOf(107, 0, 2, 'ab').subarray(1)))],
  ['a bomb', bytesOf(80, 255, 255, 255, 255, ...deflateSync(new Uint8Array(100)))],
];

describe('external term format', () => {
  test.each(both)('%s both ways', (_name, term, bytes) => {
    expect([...encodeTerm(term)]).toEqual([...bytes]);
    expect(decodeTerm(bytes)).toEqual(term);
  });

  test.each(readOnly)('%s is read', (_name, term, bytes) => {
    expect(decodeTerm(bytes)).toEqual(term);
  });

  test.each(broken)('%s is refused', (_name, bytes) => {
    expect(() => decodeTerm(bytes)).toThrow(DecodeError);
  });

  test('what is encoded decodes to the same', () => {
    fc.assert(fc.property(anyTerms, (term) => equalTerms(decodeTerm(encodeTerm(term)), term)));
  });

  test('what is decoded encodes to the same bytes', () => {
    fc.assert(
      fc.property(anyTerms, (term) => {
        const bytes = encodeTerm(term);
        expect(encodeTerm(decodeTerm(bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  test('damaged bytes give a term or a DecodeError, nothing else', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyTerms, damage, fc.nat(), (term, changes, cut) => {
        const bytes = Buffer.from(encodeTerm(term));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        decodesOrRefuses(bytes);
        decodesOrRefuses(bytes.subarray(0, cut % bytes.length));
      }),
      { numRuns: 500 },
    );
  });

  test('nesting is bounded, far within the stack', () => {
    const nested = (levels: number): Uint8Array =>
      Buffer.concat([bytesOf(), Buffer.alloc(levels * 2, Uint8Array.of(104, 1)), Buffer.of(106)]);
    expect(decodeTerm(nested(1000))).toBeDefined();
    expect(() => decodeTerm(nested(1001))).toThrow(/too deeply/);
    expect(() => decodeTerm(nested(1_000_000))).toThrow(DecodeError);
  });

  test('the memory that a term takes here is bounded, whatever it is made of', () => {
    const limits = { ...defaultLimits, memoryBytes: 100_000 };
    const list = (count: number, ...element: number[]): Uint8Array =>
      Buffer.concat([bytesOf(108, 0, 0, count >>> 8, count & 255), ...Array<Uint8Array>(count).fill(Uint8Array.from(element)), Buffer.of(106)]); // prettier-ignore
    for (const element of [
      [104, 0],
      [106],
      [116, 0, 0, 0, 0],
      [109, 0, 0, 0, 0],
      [107, 0, 1, 7],
      [108, 0, 0, 0, 1, 98, 0, 0, 1, 1, 106],
    ]) {
      // prettier-ignore
      expect(decodeTerm(list(100, ...element), limits)).toBeDefined();
      expect(() => decodeTerm(list(20_000, ...element), limits)).toThrow(/takes more than 100000 bytes/);
    }
  });

  test('a short binary shares its memory with others, and no byte of it', () => {
    const [first, second] = decodeTerm(encodeTerm([binary('abc'), binary('defghijkl')])) as Uint8Array[];
    first?.fill(0);
    expect(second).toEqual(binary('defghijkl'));
    const long = binary('x'.repeat(5000));
    expect(decodeTerm(encodeTerm(long))).toEqual(long);
  });

  test('a term says where it ends, compressed or not', () => {
    const packed = Buffer.concat([bytesOf(80, 0, 0, 0, 5), deflateSync(bytesOf(107, 0, 2, 'ab').subarray(1))]);
    for (const bytes of [Buffer.from(bytesOf(107, 0, 2, 'ab')), packed])
      expect(decodePrefix(Buffer.concat([bytes, encodeTerm(1)]))).toEqual([[97, 98], bytes.length]);
  });

  test('terms of any size are written, whatever stands where in them', () => {
    const text = Array<number>(65_535).fill(7);
    const fun = new Fun({ arity: 1, uniq: funUniq, index: 2, module: atom('m'), oldIndex: 3, oldUniq: 4, creator: new Pid(ab, 1, 2, 3), free: [text, text] }); // prettier-ignore
    const pieces: Term[] = [text, new Uint8Array(100_000).fill(1), new Uint8Array(16_385), -(1n << 400_000n), fun, atom('é'.repeat(255))]; // prettier-ignore
    let deep: Term = pieces;
    for (let level = 0; level < 20; level++) deep = tuple(pieces[level % 6] as Term, deep, ...pieces.slice(3));
    for (const term of [
      tuple(...pieces, ...pieces),
      pieces.toReversed(),
      new ImproperList(pieces, atom('end')),
      erlangMap(pieces.map((piece) => [piece, tuple(fun, fun)])),
      deep,
      Array.from({ length: 50_000 }, (_, i) => tuple(i, atom('a'), i * 1e9)),
    ])
      // prettier-ignore
      expect(equalTerms(decodeTerm(encodeTerm(term)), term)).toBe(true);
    expect(() => encodeTerm([text, text, text, 1.5])).toThrow(EncodeError);
    expect(encodeTerm(7)).toEqual(Buffer.of(131, 97, 7));
  });

  test('a term owns its bytes', () => {
    const bytes = bytesOf(109, 0, 0, 0, 1, 5);
    const value = decodeTerm(bytes);
    bytes.fill(0);
    expect(value).toEqual(Uint8Array.of(5));
  });

  test.each([
    [1.5],
    [2 ** 53],
    [NaN],
    [float(Infinity)],
    [undefined as unknown as Term],
    [true as unknown as Term],
    [{} as unknown as Term],
  ])('%s is no term', (value) => {
    expect(() => encodeTerm(value)).toThrow(EncodeError);
  });
});

function decodesOrRefuses(bytes: Uint8Array): void {
  try {
    decodeTerm(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
  }
}

describe('atoms', () => {
  test('are the same object by name, however they came', () => {
    expect(decodeTerm(bytesOf(119, 2, 'ok'))).toBe(atom('ok'));
    expect(decodeTerm(bytesOf(100, 0, 2, 'ok'))).toBe(atom('ok'));
  });

  test('stay themselves when the cache is full of others', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `atom${i}`);
    const first = names.map((name) => decodeTerm(encodeTerm(atom(name))));
    expect(names.every((name, i) => first[i] === atom(name))).toBe(true);
  });

  test('that differ in one byte anywhere are different', () => {
    for (const length of [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 100, 255])
      for (let at = 0; at < length; at++) {
        const other = `${'a'.repeat(at)}b${'a'.repeat(length - at - 1)}`;
        for (const name of ['a'.repeat(length), other, 'a'.repeat(length)])
          expect(decodeTerm(encodeTerm(atom(name)))).toBe(atom(name));
      }
  });

  test('have at most 255 characters', () => {
    expect(atom('𝄞'.repeat(255)).utf8.length).toBe(1020);
    expect(() => atom('a'.repeat(256))).toThrow(EncodeError);
    expect(() => atom('\ud800')).toThrow(EncodeError);
  });
});

describe('equality', () => {
  test('keeps integers and floats apart, and floats by sign', () => {
    expect(equalTerms(1, float(1))).toBe(false);
    expect(equalTerms(float(0), float(-0))).toBe(false);
    expect(equalTerms(1, 1n)).toBe(true);
  });

  test('does not see the order of keys', () => {
    const one = erlangMap([[1, 2], [tuple(), []]]); // prettier-ignore
    const two = erlangMap([[tuple(), []], [1, 2]]); // prettier-ignore
    expect(equalTerms(one, two)).toBe(true);
    expect(equalTerms(one, erlangMap([[1, 2], [tuple(1), []]]))).toBe(false); // prettier-ignore
    expect(erlang.mapGet(one, tuple())).toEqual([]);
    expect(erlang.mapGet(one, 5)).toBeUndefined();
  });
});
