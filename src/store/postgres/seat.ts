/**
 * The seat: how a control plane takes part in a database. It is a session that holds an advisory lock on the number of its
 * control plane (postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS): the server releases it with the session, so
 * that one that dies is missed at once. One that hangs is found by the server's own note of when the session last asked for
 * something (pg_stat_activity.state_change), by the server's clock: nothing is written, and no clocks are compared.
 *
 *   seated --session lost--> retaking --row still there--> seated
 *                               +------ row gone: we were buried --> none, until `join`
 *
 * The session also hears what other control planes post.
 */
import type { PoolClient } from 'pg';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import type { Look, ReplicaSeen, ShareSeen } from '../shared.ts';
import type { Database, Row, Session } from './database.ts';
import { incompleteName, notWhole } from './meta.ts';

/** The locks of seats, beside the number of each. */
const seatLocks = 0x574d_4257;
/** One that asks for nothing for so long is taken for dead, milliseconds. */
const silenceMs = 2000;
/** So long after a look nobody can have ended our sessions, milliseconds: less than `silenceMs`, for the way to the server. */
const sureMs = 1500;
/** A server that was started so shortly ago may have control planes on their way back. */
const settledMs = 5000;
/** The channel on which control planes hear each other. */
export const channel = 'wombat';

/** What a seat needs. */
export interface SeatParts {
  readonly database: Database;
  /** the name of all sessions of this control plane */
  readonly name: string;
  readonly clock: Clock;
  /** called with what is posted; with null when something may have been missed */
  readonly heard: (payload: string | null) => void;
}

/** One control plane's seat. */
export class Seat {
  readonly #parts: SeatParts;
  #number: number | null = null;
  #url = '';
  #open: { readonly session: Session; readonly client: PoolClient; readonly pid: number } | undefined;
  #formerPid = 0;
  #lookedAt = -Infinity;
  #isClosed = false;

  constructor(parts: SeatParts) {
    this.#parts = parts;
  }

  get number(): number | null {
    return this.#number;
  }

  /** Takes a seat under a new number. */
  async take(): Promise<void> {
    const { session } = await this.#session();
    const [row] = await session.query("SELECT nextval('replica_number') AS number");
    const number = Number(row?.['number']);
    await session.query('SELECT pg_advisory_lock($1::integer, $2::integer)', [seatLocks, number]);
    const values = [number, this.#parts.name, this.#url, incompleteName];
    if ((await session.query(sit, values)).length === 0) throw notWhole();
    this.#number = number;
  }

  /** The seat is free; the session goes on until `close`. */
  async leave(): Promise<void> {
    await this.#parts.database.query('DELETE FROM replica WHERE number = $1', [this.#number]);
  }

  async listensAt(url: string): Promise<void> {
    this.#url = url;
    await this.#parts.database.query('UPDATE replica SET url = $2 WHERE number = $1', [this.#number, url]);
  }

  /** Whether our last look is young enough. */
  isSure(): boolean {
    return this.#number !== null && this.#parts.clock.monotonic() - this.#lookedAt < sureMs;
  }

  /** Who is there, and what they have. It takes a lost seat again, where that is still ours. */
  async look(): Promise<Look> {
    const begun = this.#parts.clock.monotonic();
    try {
      const { session } = this.#open ?? (await this.#retake());
      const rows = await session.query(replicas, [seatLocks, silenceMs, settledMs]);
      const shares = (await session.query(allShares)).map(shareOf);
      const seen = rows.map(replicaOf);
      if (!seen.some(({ number, lives }) => number === this.#number && lives)) this.#number = null;
      this.#lookedAt = begun;
      return { number: this.#number, isSettled: rows[0]?.['settled'] === true, replicas: seen, shares };
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  /** Ends all sessions of a control plane that is silent. */
  async end(number: number): Promise<void> {
    await this.#parts.database.query(endSessions, [number]);
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  async #retake() {
    const open = await this.#session();
    const { session } = open;
    if (this.#formerPid > 0)
      await session.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND application_name = $2',
        [this.#formerPid, this.#parts.name],
      );
    if (this.#number !== null)
      await session.query('SELECT pg_advisory_lock($1::integer, $2::integer)', [seatLocks, this.#number]);
    this.#parts.heard(null);
    return open;
  }

  async #session() {
    if (this.#isClosed) throw new Fault('unavailable', 'the store is closed');
    this.#drop();
    const { session, client } = await this.#parts.database.session();
    client.on('notification', ({ payload = '' }) => this.#parts.heard(payload));
    const [row] = await session.query('SELECT pg_backend_pid() AS pid');
    this.#open = { session, client, pid: Number(row?.['pid']) };
    await session.script(`LISTEN ${channel}`);
    return this.#open;
  }

  #drop(): void {
    if (this.#open === undefined) return;
    const { client, pid } = this.#open;
    this.#formerPid = pid;
    this.#open = undefined;
    client.release(true);
  }
}

/** Whether the seat of a row of `replica` is taken: for a statement with `replica` in it and the locks' class as $1. */
export const isSeated = `EXISTS (SELECT 1 FROM pg_locks AS held WHERE held.locktype = 'advisory' AND held.granted
  AND held.classid = $1::oid AND held.objid = replica.number::oid AND held.objsubid = 2
  AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database()))`;
export const seatClass = seatLocks;

/** Fault unavailable while control planes use the database. */
export async function refuseUsed(session: Session): Promise<void> {
  const used = await session.query(`SELECT number, url FROM replica WHERE ${isSeated}`, [seatLocks]);
  if (used.length === 0) return;
  const urls = used.map(({ url }) => String(url)).join(', ');
  throw new Fault('unavailable', `control planes use this database: ${urls}`, {
    next: 'stop them first: running nodes do not notice',
  });
}

const sit = `INSERT INTO replica (number, name, url)
  SELECT $1::bigint, $2::text, $3::text WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = $4) RETURNING number`;

const replicas = `
  SELECT replica.number, replica.url, replica.since, held.pid IS NOT NULL AS lives,
    coalesce(asked.state_change < clock_timestamp() - $2::integer * interval '1 millisecond', false) AS silent,
    pg_postmaster_start_time() < clock_timestamp() - $3::integer * interval '1 millisecond' AS settled
  FROM replica
  LEFT JOIN pg_locks AS held ON held.locktype = 'advisory' AND held.granted AND held.classid = $1::oid
    AND held.objid = replica.number::oid AND held.objsubid = 2
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  LEFT JOIN pg_stat_activity AS asked ON asked.pid = held.pid
  ORDER BY replica.number`;

const allShares = `SELECT name, fence, holder, extract(epoch FROM clock_timestamp() - since) * 1000 AS ms FROM share ORDER BY name`;

const endSessions = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = (SELECT name FROM replica WHERE number = $1)`;

function replicaOf(row: Row): ReplicaSeen {
  return {
    number: Number(row['number']),
    url: String(row['url']),
    since: (row['since'] as Date).toISOString(),
    lives: row['lives'] === true,
    isSilent: row['silent'] === true,
  };
}

function shareOf(row: Row): ShareSeen {
  return {
    share: String(row['name']),
    number: Number(row['fence']),
    holder: row['holder'] === null ? null : Number(row['holder']),
    sinceMs: Number(row['ms']),
  };
}
