/** Opening a store: its directory, lock, schema and key, in that order; and closing what was opened when one refuses. */
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { systemRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import { keyRingInMemory, openKeyRing } from '../key-ring.ts';
import type { Store } from '../store.ts';
import { Acknowledged, acknowledgedPath } from './acknowledged.ts';
import { attempt } from './attempt.ts';
import { lockDirectory } from './lock.ts';
import { Meta } from './meta.ts';
import { migrate } from './schema.ts';
import { checked, explained, refuseLost, refuseVanished } from './sound.ts';
import { incompletePath } from './sqlite-tables.ts';
import { SqliteStore } from './sqlite-store.ts';
import { Statements } from './statements.ts';
import { Tally, sumOf } from './tally.ts';
import { Transactions } from './transaction.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

/** What a store on disk is opened with. */
interface SqliteStoreOptions {
  /** made with mode 0700 when it is not there */
  readonly directory: string;
  /** stamps the events */
  readonly clock: Clock;
  /** draws the owner id of a new store; the machine's own randomness when absent */
  readonly random?: Random;
}

/** How long a commit waits for somebody who copies the database, milliseconds. */
const busyMs = 5000;

/** How long the log may be before it is copied into the database, pages of 4 KiB: the longer, the more of them are of later use only. */
const checkpointPages = 4000;

/**
 * Opens the store in a directory, or makes a new one there. Faults: unavailable when another control plane holds it,
 * denied when the directory or the key is open to others, invalid when a newer program wrote it.
 */
export function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { directory, clock, random = systemRandom } = options;
  return attempt(() => {
    makePrivate(directory);
    using resources = new DisposableStack();
    resources.use(lockDirectory(directory));
    const path = join(directory, 'wombat.db');
    refuseIncomplete(path);
    refuseVanished(path);
    const known = checked(makeFile(path));
    if (known !== null) refuseLost(path, known.commits);
    const database = resources.adopt(new DatabaseSync(path, { timeout: busyMs }), close);
    explained(path, () => {
      database.exec(
        `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${checkpointPages}`,
      );
      // what a part of a transaction may have to take back lies in memory, and not in a file made for it each time
      database.exec('PRAGMA temp_store = MEMORY');
      migrate(database);
    });
    const sum = known ?? { commits: 0, digest: sumOf(database) };
    const acknowledged = resources.use(new Acknowledged(acknowledgedPath(path), sum.commits));
    const transactions = new Transactions(database, new Tally(database, sum, acknowledged));
    const statements = new Statements(database);
    const meta = new Meta(statements);
    const bound = meta.boundTo();
    const ring = openKeyRing(join(directory, 'secret.key'), bound);
    if (bound === undefined) transactions.run(() => meta.bind(ring.key));
    const owner = transactions.run(() => meta.owner(random));
    transactions.syncBy(resources.use(new WriteAheadLog(path)));
    return new SqliteStore({
      ...{ statements, transactions, clock, ring, meta, directory, isDurable: true },
      owner,
      resources: resources.move(),
      database,
    });
  }, directory);
}

/** A store in memory: the same code on a database that ends with it. For tests and dry runs. */
export function openMemoryStore(clock: Clock, random: Random = systemRandom): Promise<Store> {
  return attempt(() => {
    using resources = new DisposableStack();
    const database = resources.adopt(new DatabaseSync(':memory:'), close);
    migrate(database);
    const statements = new Statements(database);
    const meta = new Meta(statements);
    const ring = keyRingInMemory();
    meta.bind(ring.key);
    return new SqliteStore({
      ...{ statements, transactions: new Transactions(database), clock, meta, ring },
      ...{ directory: tmpdir(), isDurable: false },
      owner: meta.owner(random),
      resources: resources.move(),
      database,
    });
  });
}

/** A store was being moved here, and is not: a new, empty one in its place would be taken for it. */
function refuseIncomplete(path: string): void {
  if (existsSync(path) || !existsSync(incompletePath(path))) return;
  throw new Fault('invalid', `a store was being moved to ${path}, and that did not come to its end`, {
    object: path,
    next: `move it again: wombat store migrate; or, for a new and empty store: rm ${incompletePath(path)}`,
  });
}

function close(database: DatabaseSync): void {
  database.close();
}

function makePrivate(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if ((statSync(directory).mode & 0o077) === 0) return;
  throw new Fault('denied', `${directory} holds the store, and others than its owner may look into it`, {
    object: directory,
    next: `chmod 700 ${directory}`,
  });
}

/** Makes the database's file with the mode that SQLite then gives the log beside it, too. */
function makeFile(path: string): string {
  closeSync(openSync(path, 'a', 0o600));
  return path;
}
