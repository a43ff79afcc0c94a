/**
 * Cuts a byte stream into messages framed by four bytes of length. An empty message is a tick. A message that spans many
 * chunks is joined once, when its last byte is there.
 */

const headBytes = 4;

/** A peer announced a message over the limit. */
export class OversizedMessage extends Error {
  override readonly name = 'OversizedMessage';
}

/** Finds the messages of one connection. */
export class Splitter {
  readonly #bytesMax: number;
  #chunks: Buffer[] = [];
  #held = 0;
  /** bytes to be held before there is anything to cut */
  #wanted = headBytes;

  /** `bytesMax` bounds one message. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Takes a chunk and gives each whole message to `take`, in order; they are views on the chunk. Throws OversizedMessage. */
  push(chunk: Buffer, take: (message: Buffer) => void): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#wanted) return;
    this.#cut(this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#held), take);
  }

  #cut(bytes: Buffer, take: (message: Buffer) => void): void {
    let at = 0;
    this.#wanted = headBytes;
    while (bytes.length - at >= headBytes) {
      const length = bytes.readUInt32BE(at);
      if (length > this.#bytesMax)
        throw new OversizedMessage(`a message of ${length} bytes is over the limit of ${this.#bytesMax}`);
      this.#wanted = headBytes + length;
      if (bytes.length - at < this.#wanted) break;
      take(bytes.subarray(at + headBytes, at + this.#wanted));
      at += this.#wanted;
      this.#wanted = headBytes;
    }
    this.#chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#held = bytes.length - at;
  }
}
