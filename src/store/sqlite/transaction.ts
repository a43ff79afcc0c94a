/** Transactions: all of it or nothing. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Tally } from './tally.ts';
import type { WriteAheadLog } from './write-ahead-log.ts';

/** What makes transactions last, where there is a disk. */
interface Lasting {
  /** counts what is changed */
  readonly tally: Tally;
  /** null while the database waits for the disk at each commit by itself (synchronous=FULL) */
  log: WriteAheadLog | null;
}

/** The transactions of one connection: nothing is changed outside of them. */
export class Transactions {
  readonly #database: DatabaseSync;
  readonly #begins: StatementSync;
  readonly #ends: StatementSync;
  readonly #lasting: Lasting | null;

  /** A store that ends with its process has nothing that makes it last. */
  constructor(database: DatabaseSync, tally: Tally | null = null) {
    this.#database = database;
    [this.#begins, this.#ends] = [database.prepare('SAVEPOINT part'), database.prepare('RELEASE part')];
    this.#lasting = tally === null ? null : { tally, log: null };
  }

  /** From here on the disk is waited for by us, and not at each commit by the database. */
  syncBy(log: WriteAheadLog): void {
    if (this.#lasting === null) return;
    this.#database.exec('PRAGMA synchronous = NORMAL');
    this.#lasting.log = log;
  }

  /** Throws when what was committed could not be brought to disk: what the database shows may never have been. */
  refuseBroken(): void {
    this.#lasting?.log?.refuseBroken();
  }

  /** Runs `act` in a transaction, committed when it returns and rolled back when it throws. On disk when it returns. */
  run<T>(act: () => T): T {
    const result = this.unsynced(act);
    this.#lasting?.log?.sync();
    this.#lasting?.tally.synced();
    return result;
  }

  /** The same, but for the disk: nobody may be told of it before `synced` has come to its end, and none is begun before. */
  unsynced<T>(act: () => T): T {
    this.refuseBroken();
    this.#database.exec('BEGIN IMMEDIATE');
    this.#lasting?.tally.begin();
    try {
      const result = act();
      this.#lasting?.tally.write();
      this.#database.exec('COMMIT');
      this.#lasting?.tally.committed();
      return result;
    } catch (error) {
      // some errors, a full disk among them, have ended the transaction already (sqlite.org/lang_transaction.html)
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** All that was committed up to here is on disk when it resolves. */
  async synced(): Promise<void> {
    await this.#lasting?.log?.synced();
    this.#lasting?.tally.synced();
  }

  /** Runs `act` within a transaction; what it changed is undone by itself when it throws, unless the whole transaction ended. */
  part<T>(act: () => T): T {
    this.#lasting?.tally.mark();
    this.#begins.run();
    try {
      const result = act();
      this.#ends.run();
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#undo();
      throw error;
    }
  }

  #undo(): void {
    this.#database.exec('ROLLBACK TO part; RELEASE part');
    this.#lasting?.tally.undo();
  }
}
