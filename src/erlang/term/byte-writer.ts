/** Bytes that grow while they are written. Big-endian, as everything on Erlang's wire. */

const firstBytes = 512;
const shortBytes = 48;

export class ByteWriter {
  #bytes: Buffer = Buffer.allocUnsafe(firstBytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  u16(value: number): void {
    this.#room(2);
    this.#bytes[this.#length++] = value >>> 8;
    this.#bytes[this.#length++] = value;
  }

  i32(value: number): void {
    this.#room(4);
    this.#bytes[this.#length++] = value >>> 24;
    this.#bytes[this.#length++] = value >>> 16;
    this.#bytes[this.#length++] = value >>> 8;
    this.#bytes[this.#length++] = value;
  }

  u32(value: number): void {
    this.i32(value);
  }

  /** The lowest `count` (0 to 4) bytes, lowest first: the one place where the format turns round. */
  littleEndian(value: number, count: number): void {
    this.#room(count);
    for (let i = 0; i < count; i++) this.#bytes[this.#length++] = value >>> (8 * i);
  }

  u64(value: bigint): void {
    this.#room(8);
    this.#length = this.#bytes.writeBigUInt64BE(value, this.#length);
  }

  f64(value: number): void {
    this.#room(8);
    this.#length = this.#bytes.writeDoubleBE(value, this.#length);
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length);
    // For an atom's few bytes the call into `set` costs more than the copying.
    if (value.length > shortBytes) this.#bytes.set(value, this.#length);
    else for (let at = 0; at < value.length; at++) this.#bytes[this.#length + at] = value[at] as number;
    this.#length += value.length;
  }

  /** Overwrites four bytes that were written before: a length that is known only now. */
  setU32(at: number, value: number): void {
    this.#bytes.writeUInt32BE(value, at);
  }

  /** What was written; the writer is done with it. */
  done(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #room(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
