/**
 * A copy of the database while it is used, by SQLite's own means (sqlite.org/backup.html): what is written meanwhile by this
 * connection is in the copy, and the copy is of one moment. It is checked before the first byte of it leaves.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync, backup } from 'node:sqlite';
import { Fault, wordsOf } from '../../base/fault.ts';
import type { Backup } from '../store.ts';

/** Pages that are copied in one turn of the event loop: about four megabytes. */
const pagesATurn = 1000;

/** Copies a database into a file of its own, to be read from there. */
export async function backUp(database: DatabaseSync, directory: string, signal: AbortSignal): Promise<Backup> {
  const folder = await mkdtemp(join(directory, 'backup-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'wombat.db');
    await backup(database, path, { rate: pagesATurn });
    signal.throwIfAborted();
    await chmod(path, 0o600);
    makeWhole(path);
    const sha256 = await digestOf(path, signal);
    return { contentType: 'application/vnd.sqlite3', sha256, chunks: () => chunksOf(path, remove) };
  } catch (error) {
    await remove();
    if (error instanceof Fault || signal.aborted) throw error;
    throw new Fault('unavailable', 'the store could not be copied', {
      words: wordsOf(error),
      next: 'look at the disk that holds the store: is it full?',
    });
  }
}

/** Makes the copy one file without a log beside it, and checks all of it. Fault unknown when it is not sound. */
function makeWhole(path: string): void {
  const copy = new DatabaseSync(path);
  try {
    copy.exec('PRAGMA journal_mode = DELETE');
    const fault = faultIn(copy);
    if (fault !== null) throw new Fault('unknown', 'the copy of the store is not sound', { words: fault });
  } finally {
    copy.close();
  }
}

/** What SQLite finds wrong with a database; null when it is sound. */
export function faultIn(database: DatabaseSync): string | null {
  const rows = database.prepare('PRAGMA integrity_check').all();
  const words = rows.map((row) => String(row['integrity_check']));
  return words.length === 1 && words[0] === 'ok' ? null : words.slice(0, 5).join('; ');
}

async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

async function* chunksOf(path: string, remove: () => Promise<void>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
  } finally {
    await remove();
  }
}
