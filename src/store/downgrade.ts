/** Takes the schema of a store one version back, for the program before this one; while no control plane uses it. */
import { Fault } from '../base/fault.ts';
import { newId } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import { databaseAddressFault } from '../model/database-address.ts';
import { Database } from './postgres/database.ts';
import { downgradePostgres } from './postgres/schema.ts';
import { downgradeSqlite } from './sqlite/downgrade.ts';

/** Which store: that of the directory, or that of a PostgreSQL database. */
export interface Downgrade {
  readonly directory: string;
  readonly url: string | undefined;
  readonly random: Random;
}

/** Answers the version that it has now. Faults: not-found, unavailable (a control plane uses it), invalid. */
export async function downgradeStore({ directory, url, random }: Downgrade): Promise<number> {
  if (url === undefined) return downgradeSqlite(directory);
  const wrong = databaseAddressFault(url);
  if (wrong !== null) throw new Fault('invalid', wrong.why, { next: wrong.next });
  const database = new Database({ url, name: newId(random, 'wombat-downgrade') });
  try {
    return await downgradePostgres(database);
  } finally {
    await database.close();
  }
}
