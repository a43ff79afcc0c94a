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
import type { Table, TableRow } from '../tables.ts';
import { backupNotePath, checked } from './sound.ts';
import { newTables } from './sqlite-tables.ts';

/** Pages that are copied in one turn of the event loop: about four megabytes. */
const pagesATurn = 1000;

/** How often a copy is begun that meets commits: each takes its own luck. */
const triesMax = 20;

/** What is copied, and where the copy may lie for a moment. */
interface Copied {
  readonly database: DatabaseSync;
  readonly directory: string;
  readonly clock: Clock;
}

/** Copies a database into a file of its own, to be read from there. */
export function backUp({ database, directory, clock }: Copied, signal: AbortSignal): Promise<Backup> {
  const copy = async (path: string) => {
    await copied(database, path, signal);
    await chmod(path, 0o600);
    makeWhole(path);
  };
  const note = (sha256: string) => noteBackup(database.location(), `made at ${timestamp(clock)}, sha256 ${sha256}`);
  return handedOut({ directory, copy, note }, signal);
}

/**
 * SQLite's copy, begun anew when it meets a commit in the middle of a step: Node takes that for the end, and tells it as
 * what the connection says of itself by then, which is no error, or that it is busy or locked (sqlite.org/c3ref/backup_finish.html).
 */
async function copied(database: DatabaseSync, path: string, signal: AbortSignal): Promise<void> {
  for (let left = triesMax; ; left -= 1) {
    try {
      await backup(database, path, { rate: pagesATurn });
      signal.throwIfAborted();
      return;
    } catch (error) {
      if (signal.aborted || left <= 1 || !/not an error|locked|busy/.test(wordsOf(error))) throw error;
      await rm(path, { force: true });
    }
  }
}

/** The same of a store that is somewhere else: `copy` reads it into tables of ours. */
export function backUpTables(
  directory: string,
  copy: (put: (table: Table, rows: readonly TableRow[]) => void) => Promise<void>,
  signal: AbortSignal,
): Promise<Backup> {
  const write = async (path: string) => {
    using made = newTables(path);
    await copy(made.put);
    made.close();
    refuseUnsound(path);
  };
  return handedOut({ directory, copy: write, note: () => Promise.resolve() }, signal);
}

/** How a copy is made, and who is told that it was taken. */
interface Copying {
  readonly directory: string;
  copy(path: string): Promise<void>;
  note(sha256: string): Promise<void>;
}

async function handedOut({ directory, copy, note }: Copying, signal: AbortSignal): Promise<Backup> {
  const folder = await mkdtemp(join(directory, 'backup-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'wombat.db');
    await copy(path);
    const sha256 = await digestOf(path, signal);
    return { contentType: 'application/vnd.sqlite3', sha256, chunks: () => chunksOf(path, () => note(sha256), remove) };
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
  refuseUnsound(path);
}

/** Fault unknown when a copy is not sound. */
function refuseUnsound(path: string): void {
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
