/** Transactions: all of it or nothing. */
import type { DatabaseSync } from 'node:sqlite';

/** Runs `act` in a transaction, committed when it returns and rolled back when it throws. */
export function transaction<T>(database: DatabaseSync, act: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = act();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // some errors, a full disk among them, have ended the transaction already (sqlite.org/lang_transaction.html)
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
