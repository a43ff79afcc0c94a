/** Tar archives made by hand, honest or hostile: every field of a header can be set, and lies are written as told. */
import { gzipSync } from 'node:zlib';

/** An entry; what is left out is what an honest tar would write. */
export interface KitEntry {
  readonly name: string;
  /** type flag; `0`, a file, when absent */
  readonly type?: string;
  readonly mode?: number;
  readonly content?: string | Uint8Array;
  readonly link?: string;
  /** size that the header states, where it is not the content's */
  readonly size?: number;
  /** the sum that the header states, where it is not the right one */
  readonly sum?: number;
}

/** A file of that content. */
export function file(name: string, content: string | Uint8Array = ''): KitEntry {
  return { name, content };
}

/** A pax header that sets fields of the entry behind it. */
export function pax(fields: Readonly<Record<string, string>>, type = 'x'): KitEntry {
  return { name: 'PaxHeader', type, content: Object.entries(fields).map(paxRecord).join('') };
}

/** The archive, with its end marked unless `end` is false. */
export function tar(entries: readonly KitEntry[], end = true): Buffer {
  return Buffer.concat([...entries.map(entryBytes), Buffer.alloc(end ? 1024 : 0)]);
}

/** The archive, gzipped. */
export function tarGz(entries: readonly KitEntry[]): Buffer {
  return gzipSync(tar(entries));
}

/** Bytes as a stream of chunks of that size. */
export async function* chunksOf(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

function entryBytes(entry: KitEntry): Buffer {
  const content = Buffer.from(entry.content ?? '');
  const padded = Buffer.alloc(Math.ceil(content.length / 512) * 512);
  content.copy(padded);
  return Buffer.concat([header(entry, entry.size ?? content.length), padded]);
}

function header(entry: KitEntry, size: number): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  block.write(entry.name, 0, 100, 'utf8');
  octal(entry.mode ?? 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write(entry.type ?? '0', 156, 'latin1');
  block.write(entry.link ?? '', 157, 100, 'utf8');
  block.write('ustar\x0000', 257, 'latin1');
  block.fill(' ', 148, 156);
  octal(entry.sum ?? block.reduce((sum, byte) => sum + byte, 0), 148, 7);
  return block;
}

/** The record's length counts its own digits. */
function paxRecord([key, value]: readonly [string, string]): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  const length = bytes + String(bytes + String(bytes).length).length;
  return `${length}${rest}`;
}
