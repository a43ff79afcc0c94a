/**
 * A copy of the database while it is used, by SQLite's own means (sqlite.org/backup.html): what is written meanwhile by this
 * connection is in the copy, and the copy is of one moment. It is checked before the first byte of it leaves.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync, backup } from 'node:sqlite';
import { timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault, wordsOf } from '../../base/fault.ts';
import type { Backup } from '../store.ts';
import { backupNotePath, checked } from './sound.ts';

/** Pages that are copied in one turn of the event loop: about four megabytes. */
const pagesATurn = 1000;

/** What is copied, and where the copy may lie for a moment. */
interface Copied {
  readonly database: DatabaseSync;
  readonly directory: string;
  readonly clock: Clock;
}

/** Copies a database into a file of its own, to be read from there. */
export async function backUp({ database, directory, clock }: Copied, signal: AbortSignal): Promise<Backup> {
  const folder = await mkdtemp(join(directory, 'backup-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'wombat.db');
    await backup(database, path, { rate: pagesATurn });
    signal.throwIfAborted();
    await chmod(path, 0o600);
    makeWhole(path);
    const sha256 = await digestOf(path, signal);
    const note = () => noteBackup(database.location(), `made at ${timestamp(clock)}, sha256 ${sha256}`);
    return { contentType: 'application/vnd.sqlite3', sha256, chunks: () => chunksOf(path, note, remove) };
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
  } finally {
    copy.close();
  }
  try {
    checked(path);
  } catch (error) {
    const words = error instanceof Fault ? error.detail.words : wordsOf(error);
    throw new Fault('unknown', 'the copy of the store is not sound', { words });
  }
}

/** Whoever has to put a backup in the place of a damaged store is told which is the newest. */
async function noteBackup(of: string | null, text: string): Promise<void> {
  if (of === null) return;
  // nobody loses a backup because of its note
  await writeFile(backupNotePath(of), `${text}\n`, { mode: 0o600 }).catch(() => undefined);
}

async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** `done` is told when all of it was read, `remove` in any case. */
async function* chunksOf(
  path: string,
  done: () => Promise<void>,
  remove: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
    await done();
  } finally {
    await remove();
  }
}
