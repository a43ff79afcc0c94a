/** A stream of chunks as a source from which exact amounts are taken. */

/** Reads forward only; holds one chunk. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Between 1 and `most` bytes; null at the end. Not a copy: valid until the next call. */
  async some(most: number): Promise<Uint8Array | null> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return null;
      this.#chunk = next.value;
    }
    const taken = this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(taken.length);
    return taken;
  }

  /** Exactly `length` bytes of their own; fewer only where the source ends. */
  async exactly(length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const part = await this.some(length - filled);
      if (part === null) break;
      bytes.set(part, filled);
      filled += part.length;
    }
    return bytes.subarray(0, filled);
  }

  /** Ends the source early. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
