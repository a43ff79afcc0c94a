/** A cursor over bytes that never reads past their end. Big-endian, as everything on Erlang's wire. */
import { DecodeError } from './errors.ts';

const handCopied = 32;
const slabBytes = 8192;
const slabShare = 1024;
let slab = new ArrayBuffer(slabBytes);
let slabUsed = 0;

/** Memory of its own for a binary; short ones share a slab, as each piece of memory costs more than they hold. */
function allot(count: number): Uint8Array {
  if (count > slabShare) return new Uint8Array(count);
  if (slabUsed + count > slabBytes) {
    slab = new ArrayBuffer(slabBytes);
    slabUsed = 0;
  }
  const made = new Uint8Array(slab, slabUsed, count);
  slabUsed += (count + 7) & ~7;
  return made;
}

/** Bytes, and how far they are read. */
export class ByteReader {
  readonly bytes: Uint8Array;
  /** the place behind the last byte */
  readonly end: number;
  /** the next byte to be read */
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.at = at;
  }

  get left(): number {
    return this.end - this.at;
  }

  /** Claims the next `count` bytes and says where they start. DecodeError when there are fewer. */
  claim(count: number): number {
    const start = this.at;
    if (count > this.end - start) this.short();
    this.at = start + count;
    return start;
  }

  u8(): number {
    if (this.at >= this.end) this.short();
    return this.bytes[this.at++] as number;
  }

  /** Uses the next byte up when it is that one. */
  skip(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  u16(): number {
    const start = this.claim(2);
    return ((this.bytes[start] as number) << 8) | (this.bytes[start + 1] as number);
  }

  i32(): number {
    const start = this.claim(4);
    const { bytes } = this;
    return (
      ((bytes[start] as number) << 24) |
      ((bytes[start + 1] as number) << 16) |
      ((bytes[start + 2] as number) << 8) |
      (bytes[start + 3] as number)
    );
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  /** A copy of the next `count` bytes: a term owns its bytes and does not keep a whole message alive. */
  copy(count: number): Uint8Array {
    const start = this.claim(count);
    const made = allot(count);
    if (count > handCopied) made.set(this.bytes.subarray(start, this.at));
    else for (let i = 0; i < count; i++) made[i] = this.bytes[start + i] as number;
    return made;
  }

  /** The next `count` bytes as text of one byte a character. */
  latin1(count: number): string {
    const start = this.claim(count);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, count).toString('latin1');
  }

  /** How many items follow, each at least `bytesEach` bytes long: no count makes us allocate for what is not there. */
  count(bytesEach: number): number {
    return this.bounded(this.u32(), bytesEach);
  }

  /** `count` itself when that many items of `bytesEach` bytes can still follow. */
  bounded(count: number, bytesEach: number): number {
    if (count * bytesEach > this.left)
      throw new DecodeError(`${count} items are announced, but the bytes end`, this.at);
    return count;
  }

  short(): never {
    this.fail('the bytes end within a term');
  }

  fail(message: string): never {
    throw new DecodeError(message, this.at);
  }
}
