/** Transactions: all of it or nothing. */
import type { DatabaseSync } from 'node:sqlite';
import type { Tally } from './tally.ts';

/** The transactions of one connection: nothing is changed outside of them. */
export class Transactions {
  readonly #database: DatabaseSync;
  readonly #tally: Tally | null;

  /** `tally` counts what is changed; a store that ends with its process has none. */
  constructor(database: DatabaseSync, tally: Tally | null = null) {
    this.#database = database;
    this.#tally = tally;
  }

  /** Runs `act` in a transaction, committed when it returns and rolled back when it throws. */
  run<T>(act: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    this.#tally?.begin();
    try {
      const result = act();
      this.#tally?.write();
      this.#database.exec('COMMIT');
      this.#tally?.committed();
      return result;
    } catch (error) {
      // some errors, a full disk among them, have ended the transaction already (sqlite.org/lang_transaction.html)
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Runs `act` within a transaction; what it changed is undone by itself when it throws, unless the whole transaction ended. */
  part<T>(act: () => T): T {
    this.#tally?.mark();
    this.#database.exec('SAVEPOINT part');
    try {
      const result = act();
      this.#database.exec('RELEASE part');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#undo();
      throw error;
    }
  }

  #undo(): void {
    this.#database.exec('ROLLBACK TO part; RELEASE part');
    this.#tally?.undo();
  }
}
