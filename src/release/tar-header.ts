/**
 * One 512-byte header of a tar archive (POSIX.1-2001 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar
 * Format"). GNU's magic is `ustar  ` and where ustar has a prefix it keeps other things. Numbers are octal text, or base
 * 256 where the first byte has its high bit set (GNU, for sizes from 8 GiB on).
 */
import { refused, refusedEntry } from './limits.ts';

/** What may stand in an archive; everything else is refused before it gets this far. */
export type EntryType =
  'file' | 'directory' | 'symlink' | 'hardlink' | 'long-name' | 'long-link' | 'pax' | 'pax-global';

/** A header as it stands. Its names count only when no record before it states others: then they may be cut anywhere. */
export interface TarHeader {
  /** up to the first NUL; to be read with `text` */
  readonly name: Buffer;
  readonly type: EntryType;
  readonly mode: number;
  /** bytes that follow */
  readonly size: number;
  readonly link: Buffer;
}

const types: ReadonlyMap<string, EntryType> = new Map([
  ['0', 'file'],
  ['\0', 'file'],
  ['7', 'file'],
  ['1', 'hardlink'],
  ['2', 'symlink'],
  ['5', 'directory'],
  ['L', 'long-name'],
  ['K', 'long-link'],
  ['x', 'pax'],
  ['g', 'pax-global'],
]);

const refusedTypes: ReadonlyMap<string, string> = new Map([
  ['3', 'is a character device'],
  ['4', 'is a block device'],
  ['6', 'is a named pipe'],
  ['S', 'is a sparse file, which not every tar unpacks alike'],
]);

/** Reads a header block. Fault `invalid` for a wrong checksum, a number that is none, or a kind of entry no release has. */
export function parseTarHeader(block: Buffer): TarHeader {
  checkSum(block);
  const name = joinedName(block);
  const shown = name.toString('utf8');
  const letter = String.fromCharCode(block[156] ?? 0);
  const type = types.get(letter);
  if (type === undefined)
    throw refusedEntry(shown, refusedTypes.get(letter) ?? `is of the unknown kind ${JSON.stringify(letter)}`);
  return {
    name,
    type,
    mode: number(block, 100, 8, shown),
    size: number(block, 124, 12, shown),
    link: untilNul(block.subarray(157, 257)),
  };
}

/** The sum of all bytes, the sum's own field taken as spaces; some old programs summed signed bytes. */
function checkSum(block: Buffer): void {
  const stated = octal(block.subarray(148, 156));
  if (stated !== unsignedSum(block) && stated !== signedSum(block))
    throw refused('it is no tar archive, or one of its headers is damaged (wrong checksum)');
}

const sumAsSpaces = 8 * 32;

/** Every header of an archive goes through here: a hundred thousand of them must cost little. */
function unsignedSum(block: Buffer): number {
  let sum = sumAsSpaces;
  for (let at = 0; at < 148; at++) sum += block[at] ?? 0;
  for (let at = 156; at < 512; at++) sum += block[at] ?? 0;
  return sum;
}

function signedSum(block: Buffer): number {
  return block.reduce((sum, byte, at) => (at >= 148 && at < 156 ? sum : sum + ((byte << 24) >> 24)), sumAsSpaces);
}

function joinedName(block: Buffer): Buffer {
  const name = untilNul(block.subarray(0, 100));
  const posix = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = posix ? untilNul(block.subarray(345, 500)) : Buffer.alloc(0);
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]);
}

function untilNul(field: Buffer): Buffer {
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text up to the first NUL. Fault `invalid` when it is not UTF-8: such a name would differ from tool to tool. */
export function text(field: Buffer): string {
  const bytes = untilNul(field);
  try {
    return strictUtf8.decode(bytes);
  } catch {
    const next = 'rename the file and pack the release again';
    throw refusedEntry(bytes.toString('latin1'), 'has a name that is not UTF-8', next);
  }
}

function number(block: Buffer, start: number, length: number, name: string): number {
  const field = block.subarray(start, start + length);
  const value = ((field[0] ?? 0) & 0x80) === 0 ? octal(field) : base256(field);
  if (value === null || !Number.isSafeInteger(value))
    throw refusedEntry(name, 'has a header with a number that is none');
  return value;
}

function octal(field: Buffer): number | null {
  const digits = /^ *([0-7]*)[ \0]*$/.exec(field.toString('latin1'))?.[1];
  return digits === undefined ? null : digits === '' ? 0 : parseInt(digits, 8);
}

function base256(field: Buffer): number | null {
  if (field[0] !== 0x80) return null;
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
}
