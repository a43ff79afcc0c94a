/** Disks: how a full one shows in what is thrown, what to say of it, and when something is on one. */
import { closeSync, constants, fsyncSync, openSync, statfsSync } from 'node:fs';
import { Fault, wordsOf } from './fault.ts';

/** What is left on a disk, bytes, for those who are not root. */
interface Room {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Less than this is none: a database that cannot grow by a page says now that the disk is full, now that it failed. */
const nothingBytes = 256 * 1024;
/** when it may be asked again: somebody has to make room first */
const retryAfterMs = 10_000;
/** SQLite's result codes (sqlite.org/rescode.html) */
const sqliteFull = 13;
const sqliteInputOutput = 10;

/** Brings a file to disk, or the names in a directory: one that was moved is there for good only then. */
export function syncToDisk(path: string): void {
  const file = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * The fault to tell when `error` means that the disk below `path` is full: what could not be done (`what`: `the archive
 * cannot be written`), where, how much is free, and what to do; null when it means something else.
 */
export function fullDiskFault(error: unknown, path: string, what: string): Fault | null {
  const room = roomIfThere(path);
  if (!meansFull(error, room)) return null;
  const figures = room === null ? '' : ` (${megabytes(room.freeBytes)} of ${megabytes(room.totalBytes)} MB are free)`;
  return new Fault('unavailable', `${what}: the disk that holds ${path} is full${figures}`, {
    object: `disk of ${path}`,
    words: wordsOf(error),
    next: `make room on it (df -h ${path}), then do it again; what was acknowledged before is there`,
    retryAfterMs,
    cause: error,
  });
}

function roomIfThere(path: string): Room | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(path);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return null;
  }
}

function meansFull(error: unknown, room: Room | null): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return true;
  const result = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
  return result === sqliteFull || (result === sqliteInputOutput && room !== null && room.freeBytes < nothingBytes);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0);
}
