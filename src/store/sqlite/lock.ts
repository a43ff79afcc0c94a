/**
 * One control plane a store. The lock is an exclusive transaction on an empty database beside the store's own, held
 * for the process's life: the kernel releases it with the process, however that ends, so there is no stale lock to be
 * found after a kill -9 and no process id to be compared (fcntl(2), advisory record locking). The store's own
 * database stays readable for backups meanwhile.
 */
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { Fault } from '../../base/fault.ts';

/** How long SQLite tries before it gives up: a killed predecessor may still be on its way out. */
const patienceMs = 1000;

/** Takes the lock of a store's directory. Fault unavailable when another process (or store object) holds it. */
export function lockDirectory(directory: string): Disposable {
  const holder = new DatabaseSync(join(directory, 'store.lock'), { timeout: patienceMs });
  try {
    // without this, SQLite would leave an empty journal file behind
    holder.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    holder.close();
    throw new Fault('unavailable', `another control plane uses the store in ${directory}`, {
      object: `store ${directory}`,
      words: error instanceof Error ? error.message : undefined,
      next: 'stop it first, or give this one a directory of its own',
    });
  }
  return { [Symbol.dispose]: () => holder.close() };
}
