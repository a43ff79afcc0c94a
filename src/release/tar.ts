/**
 * The entries of a tar archive, one after another, from a stream. Stricter than tar itself on purpose: what two programs
 * could read in two ways (sparse files, two names for one entry, bytes behind the end) is refused, because what is
 * inspected here is unpacked by another program on the host.
 */
import { ByteSource } from './byte-source.ts';
import { refused, refusedEntry } from './limits.ts';
import { checkGlobalPax, parsePax } from './pax.ts';
import { parseTarHeader, text } from './tar-header.ts';
import type { ArchiveLimits } from './limits.ts';
import type { PaxChanges } from './pax.ts';
import type { TarHeader } from './tar-header.ts';

/** An entry with its whole name. */
export interface TarEntry {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink';
  readonly mode: number;
  /** bytes of a file; 0 for all else */
  readonly size: number;
  /** where a link points, else empty */
  readonly link: string;
  /** A file's content; to be read before the next entry is asked for, else it is skipped. */
  readonly body: AsyncIterable<Uint8Array>;
}

const blockSize = 512;
const zeros = Buffer.alloc(blockSize);

/** Reads an archive to its last byte. Fault `invalid` where it is cut short, damaged or ambiguous. */
export async function* tarEntries(
  archive: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits,
): AsyncGenerator<TarEntry, void> {
  const reader = new TarReader(archive, limits);
  try {
    for (let entry = await reader.next(); entry !== null; entry = await reader.next()) yield entry;
  } finally {
    await reader.close();
  }
}

class TarReader {
  readonly #source: ByteSource;
  readonly #limits: ArchiveLimits;
  #body: Body;
  #entries = 0;

  constructor(archive: AsyncIterable<Uint8Array>, limits: ArchiveLimits) {
    this.#source = new ByteSource(archive);
    this.#limits = limits;
    this.#body = new Body(this.#source, '', 0);
  }

  async next(): Promise<TarEntry | null> {
    await this.#body.skip();
    let changes: PaxChanges = {};
    for (;;) {
      const header = await this.#header();
      if (header === null && Object.keys(changes).length > 0)
        throw refused('its last extended header describes nothing');
      if (header === null) return null;
      const described = await this.#description(header);
      if (described === null) return this.#entry(header, changes);
      changes = merged(changes, described);
    }
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  /** The next header; null at the end of the archive, which a block of zeros marks. */
  async #header(): Promise<TarHeader | null> {
    const block = await this.#source.exactly(blockSize);
    if (block.length < blockSize) throw refused('it is cut short');
    if (isZero(block)) return this.#end();
    this.#entries += 1;
    if (this.#entries > this.#limits.entries) throw refused(`it has more than ${this.#limits.entries} entries`);
    return parseTarHeader(block);
  }

  /** Behind the end there may be padding, and nothing else. */
  async #end(): Promise<null> {
    for (let rest = await this.#source.some(blockSize); rest !== null; rest = await this.#source.some(blockSize))
      if (!isZero(rest)) throw refused('something follows the end of its tar archive');
    return null;
  }

  /** What a header says of the entry behind it; null when it is an entry itself. */
  async #description(header: TarHeader): Promise<PaxChanges | null> {
    if (header.type === 'long-name') return { path: text(await this.#record(header)) };
    if (header.type === 'long-link') return { link: text(await this.#record(header)) };
    if (header.type === 'pax') return parsePax(await this.#record(header));
    if (header.type !== 'pax-global') return null;
    checkGlobalPax(await this.#record(header));
    return {};
  }

  async #record(header: TarHeader): Promise<Buffer> {
    if (header.size > this.#limits.recordBytes)
      throw refused('one of its extended headers is larger than any name needs');
    const padded = await this.#source.exactly(padding(header.size) + header.size);
    if (padded.length < header.size + padding(header.size)) throw refused('it is cut short');
    return padded.subarray(0, header.size);
  }

  #entry(header: TarHeader, changes: PaxChanges): TarEntry {
    const name = changes.path ?? text(header.name);
    const size = changes.size ?? header.size;
    const type = entryType(header, name);
    if (type !== 'file' && size !== 0) throw refusedEntry(name, 'is no file and has content');
    this.#body = new Body(this.#source, name, size);
    const link = type === 'file' || type === 'directory' ? '' : (changes.link ?? text(header.link));
    return { name, type, mode: header.mode, size, link, body: this.#body };
  }
}

/** Before there were entries for directories, a slash behind the name said so, and every tar still understands it. */
function entryType({ type }: TarHeader, name: string): TarEntry['type'] {
  if (type === 'file' && name.endsWith('/')) return 'directory';
  if (type === 'file' || type === 'directory' || type === 'symlink' || type === 'hardlink') return type;
  throw refusedEntry(name, 'is a description that describes nothing');
}

/** The content of one entry and the padding behind it. */
class Body implements AsyncIterable<Uint8Array> {
  readonly #source: ByteSource;
  readonly #name: string;
  #left: number;
  #padding: number;

  constructor(source: ByteSource, name: string, size: number) {
    this.#source = source;
    this.#name = name;
    this.#left = size;
    this.#padding = padding(size);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) yield await this.#part();
  }

  /** Goes to the next header. */
  async skip(): Promise<void> {
    while (this.#left > 0) await this.#part();
    const rest = await this.#source.exactly(this.#padding);
    if (rest.length < this.#padding) throw refused(`it is cut short behind ${JSON.stringify(this.#name)}`);
    this.#padding = 0;
  }

  async #part(): Promise<Uint8Array> {
    const part = await this.#source.some(this.#left);
    if (part === null) throw refused(`it is cut short within ${JSON.stringify(this.#name)}`);
    this.#left -= part.length;
    return part;
  }
}

/** Two descriptions of one entry must not contradict: which one counts differs from tool to tool. */
function merged(before: PaxChanges, next: PaxChanges): PaxChanges {
  for (const key of ['path', 'link', 'size'] as const)
    if (before[key] !== undefined && next[key] !== undefined && before[key] !== next[key])
      throw refusedEntry(String(next[key]), `has two extended headers that state another ${key}`);
  return { ...before, ...next };
}

function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && Buffer.compare(bytes, zeros.subarray(0, bytes.length)) === 0;
}
