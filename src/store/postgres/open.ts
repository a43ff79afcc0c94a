/** Opening a store in PostgreSQL: its schema, its key, and a seat among the control planes that use it. */
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { newId, systemRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import { databaseAddressFault } from '../../model/database-address.ts';
import { openKeyRing } from '../key-ring.ts';
import type { KeyRing } from '../key-ring.ts';
import { keyCheck } from '../seal.ts';
import type { SharedStore } from '../shared.ts';
import { Database } from './database.ts';
import { incompleteName, metaOf, metaOr, notWhole } from './meta.ts';
import { PostgresStore } from './postgres-store.ts';
import { migrate } from './schema.ts';
import { lockWrites } from './writer.ts';

/** What a store in PostgreSQL is opened with. */
export interface PostgresStoreOptions {
  /** `postgres://user@host:port/name`, without a password: the account's `.pgpass` has that */
  readonly url: string;
  /** where `secret.key` is: the same file for all control planes of one database */
  readonly directory: string;
  /** the name of this control plane's sessions, drawn at random */
  readonly name: string;
  readonly clock: Clock;
  readonly random?: Random;
}

/**
 * Opens the store, and takes part in it beside whoever else does. Faults: invalid for an address with a password in it or a
 * schema of a newer program, unavailable when the server cannot be reached, denied for another key.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<SharedStore> {
  const { url, name, directory, clock, random = systemRandom } = options;
  const wrong = databaseAddressFault(url);
  if (wrong !== null) throw new Fault('invalid', wrong.why, { next: wrong.next });
  const database = new Database({ url, name });
  let store: PostgresStore | undefined;
  try {
    await migrate(database);
    const ring = await ringFor(database, join(directory, 'secret.key'));
    const owner = await metaOr(database, 'owner', newId(random, 'wombat'));
    store = new PostgresStore({ database, name, clock, ring, owner, directory });
    await store.join();
    return store;
  } catch (error) {
    await (store ?? database).close();
    throw error;
  }
}

/** Control planes that start together take turns: one makes the key. */
function ringFor(database: Database, path: string): Promise<KeyRing> {
  return database.transaction(async (session) => {
    if ((await metaOf(session, incompleteName)) !== undefined) throw notWhole();
    const bound = await metaOf(session, 'key');
    const ring = openKeyRing(path, bound);
    if (bound === undefined) await metaOr(session, 'key', keyCheck(ring.key));
    return ring;
  }, lockWrites);
}
