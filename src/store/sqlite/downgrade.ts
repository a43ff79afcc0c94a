/** Takes the schema of a SQLite store one version back. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '../../base/fault.ts';
import { acknowledgedPath } from './acknowledged.ts';
import { lockDirectory } from './lock.ts';
import { migrateBack } from './schema.ts';
import { checked, refuseLost } from './sound.ts';

/** Answers the version that it has now. Faults: not-found, unavailable (a control plane uses it), invalid (damaged, or not the newest). */
export function downgradeSqlite(directory: string): number {
  const path = join(directory, 'wombat.db');
  if (!existsSync(path)) throw new Fault('not-found', `there is no store in ${directory}`, { object: directory });
  using _lock = lockDirectory(directory);
  const sum = checked(path);
  if (sum !== null) refuseLost(path, sum.commits);
  const database = new DatabaseSync(path);
  try {
    const version = migrateBack(database);
    // the program before does not count: what it writes would look lost
    rmSync(acknowledgedPath(path), { force: true });
    return version;
  } finally {
    database.close();
  }
}
