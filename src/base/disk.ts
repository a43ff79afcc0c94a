/** Full disks: how they show in what is thrown, and what to say of one. */
import { statfsSync } from 'node:fs';
import { Fault, wordsOf } from './fault.ts';

/** What is left on the disk of a path, bytes, for those who are not root. */
export interface Room {
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

/** The room on the disk that holds `path`. Throws what statfs(2) says. */
export function roomOn(path: string): Room {
  const { bavail, blocks, bsize } = statfsSync(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
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
    return roomOn(path);
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
