/**
 * Whether a database is exactly what some commit of ours left behind. Whoever opens one asks first: a store that is damaged is
 * refused, with what is wrong in SQLite's words and the way back, before anything is read from it or written to it.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fullDiskFault } from '../../base/disk.ts';
import { Fault, wordsOf } from '../../base/fault.ts';
import { readAcknowledged, acknowledgedPath } from './acknowledged.ts';
import { isCurrent, migrate } from './schema.ts';
import { keptIn, sumOf } from './tally.ts';
import type { Sum } from './tally.ts';

/** SQLite's results that say nothing of what is in the file (sqlite.org/rescode.html): busy, locked, readonly, full, cantopen. */
const elsewhere: readonly number[] = [5, 6, 8, 13, 14];

/** Fault invalid when there was a store here, and its database is gone or empty: SQLite would make a new one without a word. */
export function refuseVanished(path: string): void {
  if (!existsSync(acknowledgedPath(path)) || (existsSync(path) && statSync(path).size > 0)) return;
  const count = readAcknowledged(acknowledgedPath(path));
  throw damaged(
    path,
    `it is ${existsSync(path) ? 'empty' : 'gone'}, and held ${count ?? 'an unknown number of'} commits`,
  );
}

/**
 * Looks at all of a database, and changes nothing: not even the log beside it is written back, so that what is damaged stays
 * as it was found. Answers its sum, null where it is older than tallies; Fault invalid when it is damaged, or no store that this
 * program can read.
 */
export function checked(path: string): Sum | null {
  return explained(path, () => {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const words = faultIn(database);
      if (words !== null) throw damaged(path, words);
      // all of a young store is in its log: without it there is nothing left, as if there had never been anything
      if (schemaOf(database) === '[]') refuseLost(path, 0);
      return isCurrent(database) ? tallied(database, path) : null;
    } finally {
      database.close();
    }
  });
}

function tallied(database: DatabaseSync, path: string): Sum {
  if (schemaOf(database) !== ownSchema()) throw damaged(path, 'its tables are not those of this program');
  const [kept, digest] = [keptIn(database), sumOf(database)];
  if (kept === null) throw damaged(path, 'its tally does not read');
  if (kept !== 'new' && kept.digest !== digest) throw damaged(path, 'what is in it is not what was written');
  return kept === 'new' ? { commits: 0, digest } : kept;
}

/** Fault invalid when commits are missing that were acknowledged. */
export function refuseLost(path: string, commits: number): void {
  const beside = acknowledgedPath(path);
  const acknowledged = readAcknowledged(beside);
  if (acknowledged === null)
    throw new Fault('invalid', `${beside} is damaged`, {
      object: beside,
      words: 'it does not say how many commits were acknowledged',
      next: `the database itself is sound and holds ${commits}: compare with what you know, then rm ${beside}, or put a backup in its place: ${restoreCommand(path)}`,
    });
  if (acknowledged !== undefined && acknowledged > commits)
    throw damaged(
      path,
      `${acknowledged} commits were acknowledged, ${commits} are left: its log (${basename(path)}-wal) is damaged or gone`,
    );
}

/** What SQLite finds wrong with a database; null when it is sound. */
function faultIn(database: DatabaseSync): string | null {
  const rows = database.prepare('PRAGMA integrity_check').all();
  const words = rows.map((row) => String(row['integrity_check']));
  return words.length === 1 && words[0] === 'ok' ? null : words.slice(0, 5).join('; ');
}

/** The fault of a store that is not what was written, `words` SQLite's or ours. */
export function damaged(path: string, words: string): Fault {
  return new Fault('invalid', `the store ${path} is damaged`, {
    object: path,
    words,
    next: `look at the disk, then put the newest backup in its place (${newestBackup(path)}): ${restoreCommand(path)}; the damaged store stays beside it`,
  });
}

/** Where the moment of the last backup is kept: what a damaged store could not tell. */
export function backupNotePath(path: string): string {
  return `${path}-backup`;
}

function newestBackup(path: string): string {
  try {
    return readFileSync(backupNotePath(path), 'utf8').trim().slice(0, 200);
  } catch {
    return 'none is known to have been made';
  }
}

function restoreCommand(path: string): string {
  return `wombat restore FILE --directory ${dirname(path)} --replace`;
}

/** Whatever SQLite throws at a database that is opened is told as damage, unless it says something of the disk or of others. */
export function explained<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof Fault) throw error;
    const result = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
    if (elsewhere.includes(result) || fullDiskFault(error, dirname(path), '') !== null) throw error;
    throw damaged(path, wordsOf(error));
  }
}

function schemaOf(database: DatabaseSync): string {
  const rows = database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all();
  return JSON.stringify(rows);
}

function ownSchema(): string {
  const fresh = new DatabaseSync(':memory:');
  try {
    migrate(fresh);
    return schemaOf(fresh);
  } finally {
    fresh.close();
  }
}
