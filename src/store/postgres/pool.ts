/** Pools of sessions with a PostgreSQL server. */
import { Pool } from 'pg';
import type { PoolConfig } from 'pg';

/**
 * A pool whose sessions may end at any time: one that does is replaced at its next use, and whoever uses it is told by its own
 * query. An error that nobody listens to would end the process, that of a session which ends after its pool included.
 */
export function openPool(settings: PoolConfig): Pool {
  const pool = new Pool(settings);
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
