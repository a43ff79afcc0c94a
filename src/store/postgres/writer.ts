/** Writing to PostgreSQL: one transaction after another, each under the term of this control plane. */
import { Fault } from '../../base/fault.ts';
import { Slots } from '../../base/slots.ts';
import type { Database, Session } from './database.ts';
import type { Hold } from './hold.ts';

/** Everything that is written, in turn and under the hold's term. */
export class Writer {
  readonly database: Database;
  readonly #hold: Hold;
  readonly #turn = new Slots(1);
  readonly #ended = new AbortController();
  /** set when an answer was lost: what is known must be read again first */
  #stale = false;
  readonly #recall: () => Promise<void>;

  constructor(database: Database, hold: Hold, recall: () => Promise<void>) {
    this.database = database;
    this.#hold = hold;
    this.#recall = recall;
  }

  /** Runs `act` in a transaction, and `done` with its result before anybody else's turn. */
  async write<T>(act: (session: Session) => Promise<T>, done: (result: T) => void = () => undefined): Promise<T> {
    const free = await this.#turn.take(this.#ended.signal);
    try {
      if (this.#stale) await this.#recall();
      this.#stale = true;
      const result = await this.database.transaction(async (session) => {
        await this.#hold.check(session);
        return act(session);
      });
      this.#stale = false;
      done(result);
      return result;
    } finally {
      free();
    }
  }

  close(): void {
    this.#ended.abort(new Fault('unavailable', 'the store is closed'));
  }
}
