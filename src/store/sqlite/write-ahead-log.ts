/**
 * The log of a database in WAL mode (sqlite.org/wal.html), brought to disk by us: SQLite itself waits for the disk only where a
 * checkpoint needs that (synchronous=NORMAL). A commit is durable once the log was synced after it. What keeps that true:
 *
 *   - Whatever of the log is written over was copied into the database before, and both were synced by SQLite: the log before the
 *     copying, the database behind it. So a sync that comes after such a checkpoint finds the commits that it is for on disk already.
 *   - The log is one file as long as the database is open; a TRUNCATE leaves it in its place.
 *   - A sync that fails is the last one: the kernel may have dropped the pages that it could not write, and the next sync would
 *     say that all is well (LWN, "PostgreSQL's fsync() surprise", 2018). Nothing is acknowledged from then on by this process.
 */
import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncToDisk } from '../../base/disk.ts';
import { Fault, wordsOf } from '../../base/fault.ts';

/** The log of the one connection that writes. */
export class WriteAheadLog implements Disposable {
  readonly #path: string;
  readonly #file: number;
  #fault: Fault | null = null;

  /** Of a database that was opened in WAL mode and read from: the log is there then. */
  constructor(database: string) {
    this.#path = `${database}-wal`;
    this.#file = openSync(this.#path, 'r');
    syncToDisk(dirname(database));
  }

  /** Throws when a sync has failed before: nothing may be written any more. */
  refuseBroken(): void {
    if (this.#fault !== null) throw this.#fault;
  }

  /** What was committed up to here is on disk when it returns. */
  sync(): void {
    this.refuseBroken();
    try {
      fdatasyncSync(this.#file);
    } catch (error) {
      throw this.#broken(error);
    }
  }

  /** The same when it resolves; others have their turn meanwhile. */
  synced(): Promise<void> {
    this.refuseBroken();
    return new Promise((resolve, reject) => {
      fdatasync(this.#file, (error) => {
        if (error === null) resolve();
        else reject(this.#broken(error));
      });
    });
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #broken(error: unknown): Fault {
    this.#fault ??= new Fault('unavailable', 'the store could not be brought to disk, and takes nothing any more', {
      object: this.#path,
      words: wordsOf(error),
      cause: error,
      next: 'look at the disk that holds the store; then start the control plane again: what was acknowledged is looked for',
    });
    return this.#fault;
  }
}
