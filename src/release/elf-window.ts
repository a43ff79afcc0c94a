/**
 * Holds as much of an ELF file as its facts may need while the file streams by: the front, and the dynamic segment where
 * that lies further back. One window serves all files of an archive, so that memory is asked for once.
 */
import { dynamicRange } from './elf.ts';
import type { ElfImage } from './elf.ts';

/** Longest name of a library, version or interpreter. */
const textBytesMax = 4096;

/** The window; `begin` a file, `add` its chunks in order, then read. */
export class ElfWindow implements ElfImage {
  readonly #limit: number;
  #front: Buffer = Buffer.alloc(0);
  #filled = 0;
  #seen = 0;
  #late: { readonly offset: number; readonly bytes: Buffer; filled: number } | undefined;

  /** At most `limit` bytes of a file's front are held. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Forgets the file before. */
  begin(size: number): void {
    const wanted = Math.min(size, this.#limit);
    if (this.#front.length < wanted) this.#front = Buffer.allocUnsafe(wanted);
    this.#filled = 0;
    this.#seen = 0;
    this.#late = undefined;
  }

  add(chunk: Uint8Array): void {
    const room = this.#limit - this.#filled;
    if (room > 0) {
      const part = chunk.subarray(0, room);
      this.#front.set(part, this.#filled);
      this.#filled += part.length;
      if (this.#filled === this.#limit) this.#expectLate();
    }
    this.#addLate(chunk);
    this.#seen += chunk.length;
  }

  read(offset: number, length: number): Buffer | undefined {
    if (offset >= 0 && offset + length <= this.#filled) return this.#front.subarray(offset, offset + length);
    const late = this.#late;
    if (late === undefined || offset < late.offset || offset + length > late.offset + late.filled) return undefined;
    return late.bytes.subarray(offset - late.offset, offset - late.offset + length);
  }

  text(offset: number): string | undefined {
    if (!(offset >= 0 && offset < this.#filled)) return undefined;
    const end = this.#front.indexOf(0, offset);
    if (end < 0 || end >= this.#filled || end - offset > textBytesMax) return undefined;
    return this.#front.toString('utf8', offset, end);
  }

  /** The front is full: from now on only the dynamic segment matters. */
  #expectLate(): void {
    const range = dynamicRange(this);
    if (range !== undefined && range.offset >= this.#limit)
      this.#late = { offset: range.offset, bytes: Buffer.alloc(range.size), filled: 0 };
  }

  #addLate(chunk: Uint8Array): void {
    const late = this.#late;
    if (late === undefined) return;
    const part = chunk.subarray(Math.max(0, late.offset + late.filled - this.#seen));
    const wanted = part.subarray(0, late.bytes.length - late.filled);
    late.bytes.set(wanted, late.filled);
    late.filled += wanted.length;
  }
}
