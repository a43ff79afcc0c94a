/** Opening a store in PostgreSQL: its schema, its key, and the turn to act, for which one may have to wait. */
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { newId, systemRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import { databaseAddressFault } from '../../model/database-address.ts';
import { openKeyRing } from '../key-ring.ts';
import type { KeyRing } from '../key-ring.ts';
import { keyCheck } from '../seal.ts';
import type { Store } from '../store.ts';
import { Database } from './database.ts';
import { Hold } from './hold.ts';
import { metaOf, metaOr } from './meta.ts';
import { PostgresStore } from './postgres-store.ts';
import { migrate } from './schema.ts';

/** What a store in PostgreSQL is opened with. */
export interface PostgresStoreOptions {
  /** `postgres://user@host:port/name`, without a password: the account's `.pgpass` has that */
  readonly url: string;
  /** where `secret.key` is: the same file for all control planes of one database */
  readonly directory: string;
  readonly clock: Clock;
  readonly random?: Random;
  /** gives up waiting for the turn to act */
  readonly signal: AbortSignal;
  /** called once when another control plane acts, and this one stands by */
  readonly onWaiting: () => void;
  /** called once when another control plane acts instead */
  readonly onLost: (why: Fault) => void;
}

/**
 * Opens the store, and waits until no other control plane acts on it. Faults: invalid for an address with a password in it or
 * a schema of a newer program, unavailable when the server cannot be reached, denied for another key.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { url, directory, clock, random = systemRandom, signal, onWaiting, onLost } = options;
  const wrong = databaseAddressFault(url);
  if (wrong !== null) throw new Fault('invalid', wrong.why, { next: wrong.next });
  const database = new Database({ url, name: newId(random, 'wombat') });
  let store: PostgresStore | undefined;
  const hold = new Hold({ database, clock, regained: async () => store?.recall(), waiting: onWaiting });
  try {
    await migrate(database);
    await hold.take(signal);
    const ring = await ringFor(database, join(directory, 'secret.key'));
    const owner = await metaOr(database, 'owner', newId(random, 'wombat'));
    store = new PostgresStore({ database, hold, clock, ring, owner });
    await store.recall();
    hold.onLost(onLost);
    return store;
  } catch (error) {
    hold.close();
    await database.close();
    throw error;
  }
}

async function ringFor(database: Database, path: string): Promise<KeyRing> {
  const bound = await metaOf(database, 'key');
  const ring = openKeyRing(path, bound);
  if (bound === undefined) await metaOr(database, 'key', keyCheck(ring.key));
  return ring;
}
