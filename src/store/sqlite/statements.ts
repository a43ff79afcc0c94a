/** Prepared statements, kept for the life of the connection: preparing costs more than running most of them. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** One connection's statements by their text. */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The statement of that text, prepared at its first use. Texts come from a fixed set, never from input. */
  of(text: string): StatementSync {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    this.#prepared.set(text, statement);
    return statement;
  }
}
