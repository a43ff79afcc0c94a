/**
 * The hold: which of several control planes on one database acts. It is a session that has an advisory lock
 * (postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS): the server releases it with the session, so that a
 * control plane that dies is succeeded at once. Who holds it draws a new term (a number in the database, counted up), and
 * every commit says its term: the server refuses one of an earlier term, so that a control plane that was stopped in the
 * middle of something and goes on later does no harm (the fence).
 *
 *   waiting --lock is free--> holding --session lost--> regaining --term is still ours--> holding
 *      |                                                   +------- somebody else's ----> lost (for good)
 *      +--holder silent for `silenceMs`: its sessions are ended, then the lock is free
 *
 * The holder asks something of its session every `beatMs`. The server itself notes when that was
 * (pg_stat_activity.state_change), by its own clock: nothing is written, and no clocks are compared.
 */
import type { PoolClient } from 'pg';
import { sleep } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import type { Database, Session } from './database.ts';
import { metaOf } from './meta.ts';

/** The lock that stands for acting on a database. */
const actingLock = 0x574d_4255;
const beatMs = 500;
const silenceMs = 2000;
const retryMs = 250;

type State = 'waiting' | 'holding' | 'regaining' | 'lost' | 'closed';

/** What a hold needs. */
export interface HoldParts {
  readonly database: Database;
  readonly clock: Clock;
  /** called when the hold is had anew: somebody's last commit may have been ours or not */
  readonly regained: () => Promise<void>;
  /** called once when somebody else acts, and one has to wait */
  readonly waiting: () => void;
}

/** One control plane's hold on its database. */
export class Hold {
  readonly #parts: HoldParts;
  readonly #ended = new AbortController();
  #state: State = 'waiting';
  #term = 0;
  #client: PoolClient | undefined;
  #lost: ((why: Fault) => void)[] = [];

  constructor(parts: HoldParts) {
    this.#parts = parts;
  }

  /** Waits until nobody else acts on the database, then takes the next term. Rejects when `signal` aborts. */
  async take(signal: AbortSignal): Promise<void> {
    const until = AbortSignal.any([signal, this.#ended.signal]);
    if (!(await this.#tryLock())) {
      this.#parts.waiting();
      await this.#lock(until);
    }
    this.#term = await this.#newTerm();
    this.#state = 'holding';
    void this.#beat();
  }

  /** Within a commit, before anything else: Fault conflict when a later term has begun, unavailable while nobody knows. */
  async check(session: Session): Promise<void> {
    if (this.#state === 'lost') throw fenced();
    if (this.#state !== 'holding')
      throw new Fault('unavailable', 'the connection to the database is being made anew', { retryAfterMs: retryMs });
    const [row] = await session.query("SELECT value FROM meta WHERE name = 'term' FOR SHARE");
    if (Number(row?.['value']) !== this.#term) {
      this.#lose();
      throw fenced();
    }
  }

  /** Calls once when another control plane acts instead of this one. */
  onLost(listener: (why: Fault) => void): void {
    this.#lost.push(listener);
  }

  /** Lets go. */
  close(): void {
    this.#state = 'closed';
    this.#ended.abort();
    this.#drop();
  }

  async #lock(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const locked = await this.#tryLock().catch(() => false);
      if (locked) return;
      await sleep(this.#parts.clock, retryMs, signal);
    }
  }

  async #tryLock(): Promise<boolean> {
    const { session, client } = await this.#parts.database.session();
    try {
      const [row] = await session.query('SELECT pg_try_advisory_lock($1) AS mine', [actingLock]);
      if (row?.['mine'] === true) {
        this.#client = client;
        return true;
      }
      await session.query(endSilent, [actingLock, silenceMs]);
    } catch (error) {
      client.release(true);
      throw error;
    }
    client.release();
    return false;
  }

  async #newTerm(): Promise<number> {
    const text = `INSERT INTO meta (name, value) VALUES ('term', '1')
      ON CONFLICT (name) DO UPDATE SET value = (meta.value::bigint + 1)::text RETURNING value`;
    const [row] = await this.#parts.database.query(text);
    return Number(row?.['value']);
  }

  /** Keeps the session awake, and takes the lock again when the session ended; until it is closed or lost. */
  async #beat(): Promise<void> {
    while (!this.#isOver()) {
      await this.#rest(beatMs);
      const isAlive = await this.#client?.query('SELECT 1').then(
        () => true,
        () => false,
      );
      if (isAlive === false && !this.#isOver()) await this.#regain();
    }
  }

  async #regain(): Promise<void> {
    this.#state = 'regaining';
    this.#drop();
    while (!this.#isOver() && !(await this.#tryRegain().catch(() => false))) {
      this.#drop();
      await this.#rest(retryMs);
    }
  }

  /** True when it is known who acts. */
  async #tryRegain(): Promise<boolean> {
    const isLocked = await this.#tryLock();
    const term = await metaOf(this.#parts.database, 'term');
    if (Number(term) !== this.#term) {
      this.#lose();
      return true;
    }
    if (!isLocked) return false;
    await this.#parts.regained();
    this.#state = 'holding';
    return true;
  }

  #isOver(): boolean {
    return this.#ended.signal.aborted;
  }

  async #rest(ms: number): Promise<void> {
    await sleep(this.#parts.clock, ms, this.#ended.signal).catch(() => undefined);
  }

  #drop(): void {
    this.#client?.release(true);
    this.#client = undefined;
  }

  #lose(): void {
    if (this.#state === 'lost') return;
    this.#state = 'lost';
    this.#ended.abort();
    this.#drop();
    for (const listener of this.#lost) listener(fenced());
  }
}

/** Ends all sessions of a holder that has said nothing for too long: those that carry the name of the one with the lock. */
const endSilent = `
  SELECT pg_terminate_backend(other.pid)
  FROM pg_locks AS held
  JOIN pg_stat_activity AS holder ON holder.pid = held.pid
  JOIN pg_stat_activity AS other ON other.application_name = holder.application_name AND other.datname = holder.datname
  WHERE held.locktype = 'advisory' AND held.granted AND (held.classid::bigint << 32) + held.objid::bigint = $1
    AND holder.datname = current_database()
    AND holder.state_change < clock_timestamp() - $2 * interval '1 millisecond'`;

function fenced(): Fault {
  return new Fault('conflict', 'another control plane acts on this database now', {
    next: 'this one does nothing more: start it again, and it waits for its turn',
  });
}
