/**
 * The way to one PostgreSQL database: a pool of sessions, transactions, and errors in the store's terms. Every session
 * carries the same name (`application_name`), by which a successor finds those of a control plane that hangs.
 */
import { types } from 'pg';
import type { Pool, PoolClient, PoolConfig } from 'pg';
import { Fault } from '../../base/fault.ts';
import { openPool } from './pool.ts';

/** A row by its columns. */
export type Row = Readonly<Record<string, unknown>>;
export type Value = string | number | Uint8Array | null | readonly (string | number | null)[];

/** One session, in a transaction or not. Statements are prepared once a session, by their text. */
export interface Session {
  query(text: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** Several statements without values. */
  script(text: string): Promise<void>;
}

/** A statement waits no longer than this for its answer, milliseconds; nor a caller for a session. */
const patienceMs = 15_000;
const sessionsMax = 8;

// bigint: sequences stay far below 2^53
types.setTypeParser(types.builtins.INT8, Number);

/** Where a database is. */
export interface DatabaseOptions {
  /** `postgres://user@host:port/name`; a password comes from the account's `.pgpass` */
  readonly url: string;
  /** the name of this control plane's sessions */
  readonly name: string;
}

/** One database. */
export class Database {
  readonly #pool: Pool;

  constructor({ url, name }: DatabaseOptions) {
    this.#pool = openPool(settings(url, name));
  }

  /** Outside any transaction. */
  query(text: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return asking(async () => (await this.#pool.query(statement(text, values))).rows as Row[]);
  }

  /** All of it or nothing, `first` sent with its beginning. When the answer to COMMIT is lost nobody knows which: Fault unavailable, as for any loss. */
  async transaction<T>(act: (session: Session) => Promise<T>, first = ''): Promise<T> {
    const client = await asking(() => this.#begun(`BEGIN; ${first}`));
    let broken: unknown;
    try {
      const result = await act(sessionOf(client));
      await asking(() => client.query('COMMIT'));
      return result;
    } catch (error) {
      broken = await client.query('ROLLBACK').then(
        () => undefined,
        (lost: unknown) => lost,
      );
      throw error;
    } finally {
      client.release(broken !== undefined);
    }
  }

  /** A session in a transaction. One that the server ended while nobody used it is found so here, where nothing is done yet: another is taken. */
  async #begun(text: string): Promise<PoolClient> {
    for (let left = sessionsMax; ; left -= 1) {
      const client = await this.#pool.connect();
      try {
        await client.query(text);
        return client;
      } catch (error) {
        client.release(true);
        if (left === 0 || !isEnded(error)) throw error;
      }
    }
  }

  /** A session of its own, outside the pool; ended by who asked for it. */
  async session(): Promise<{ session: Session; client: PoolClient }> {
    const client = await asking(() => this.#pool.connect());
    return { session: sessionOf(client), client };
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

function settings(url: string, name: string): PoolConfig {
  return {
    connectionString: url,
    application_name: name,
    keepAlive: true,
    query_timeout: patienceMs,
    idle_in_transaction_session_timeout: patienceMs,
    max: sessionsMax,
    connectionTimeoutMillis: patienceMs,
  };
}

function sessionOf(client: PoolClient): Session {
  return {
    query: (text, values = []) => asking(async () => (await client.query(statement(text, values))).rows as Row[]),
    script: (text) =>
      asking(async () => {
        await client.query(text);
      }),
  };
}

/** Prepared under a name that stands for the text: texts come from a fixed set, never from input. */
function statement(text: string, values: readonly Value[]) {
  const name = names.get(text) ?? `s${names.size}`;
  names.set(text, name);
  return { name, text, values: [...values] };
}

const names = new Map<string, string>();

/** Whether the session was ended by the server or is cut: `admin_shutdown` (postgresql.org/docs/current/errcodes-appendix.html), or what the driver says. */
function isEnded(error: unknown): boolean {
  const { code = '', message = '' } = error as { readonly code?: string; readonly message?: string };
  return ['57P01', 'ECONNRESET', 'EPIPE'].includes(code) || message.includes('Connection terminated');
}

async function asking<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw asFault(error);
  }
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const words = error instanceof Error ? error.message : String(error);
  if (/after calling end/.test(words)) return new Fault('unavailable', 'the store is closed', { words, cause: error });
  return new Fault('unavailable', 'the store cannot be used', {
    words,
    cause: error,
    next: 'look at the PostgreSQL server: does it run, is its disk full, may this account in?',
  });
}
