/**
 * The bit syntax inside `<<` and `>>`, as far as written-out data uses it: integers of any size, strings, `/utf8`.
 * https://www.erlang.org/doc/system/bit_syntax.html
 */
import type { Parser } from './parse.ts';
import { BitString } from './types.ts';
import type { Term } from './types.ts';

const byteBits = 8n;
/** A megabyte: no one writes more out in a file of terms. */
const bitsMax = 8n * 1024n * 1024n;

/** Bits, big-endian: the first one is the most significant of `value`. */
class Bits {
  readonly #chunks: { readonly value: bigint; readonly size: bigint }[] = [];
  size = 0n;

  add(value: bigint, size: bigint): void {
    this.#chunks.push({ value: BigInt.asUintN(Number(size), value), size });
    this.size += size;
  }

  addBytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.add(BigInt(byte), byteBits);
  }

  /** A binary, or a bitstring when bits are left over. */
  done(): Term {
    const bytes = new Uint8Array(Number((this.size + 7n) / 8n));
    let at = 0;
    for (const { value, size } of this.#chunks)
      for (let bit = Number(size) - 1; bit >= 0; bit--, at++)
        if ((value >> BigInt(bit)) & 1n) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (0x80 >> (at & 7));
    const rest = Number(this.size % byteBits);
    return rest === 0 ? bytes : new BitString(bytes, rest);
  }
}

/** Reads up to and with the closing `>>`. */
export function parseBits(parser: Parser): Term {
  const bits = new Bits();
  if (parser.skip('>>')) return bits.done();
  do segment(parser, bits);
  while (parser.skip(','));
  parser.expect('>>');
  return bits.done();
}

function segment(parser: Parser, bits: Bits): void {
  const token = parser.take();
  if (token.kind === 'string') {
    textSegment(parser, bits, token.text);
    return;
  }
  const negative = token.kind === 'mark' && token.text === '-';
  const number = negative ? parser.take() : token;
  if (number.kind !== 'integer') parser.fail('an integer or a string must stand here', number);
  const size = sizeOf(parser);
  if (bits.size + size > bitsMax) parser.fail('the binary is too large', number);
  bits.add(negative ? -number.value : number.value, size);
}

function sizeOf(parser: Parser): bigint {
  if (!parser.skip(':')) return byteBits;
  const size = parser.take();
  return size.kind === 'integer' && size.value <= bitsMax ? size.value : parser.fail('a size must stand here', size);
}

/** Without `/utf8` each character is one byte: its code point's lowest eight bits. */
function textSegment(parser: Parser, bits: Bits, text: string): void {
  const utf8 = parser.skip('/');
  if (utf8) expectUtf8(parser);
  bits.addBytes(utf8 ? Buffer.from(text) : Uint8Array.from(text, (character) => character.codePointAt(0) ?? 0));
}

function expectUtf8(parser: Parser): void {
  const type = parser.take();
  if (type.kind !== 'atom' || type.text !== 'utf8') parser.fail('only the type utf8 is understood', type);
}
