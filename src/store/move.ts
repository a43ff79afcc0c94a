/**
 * Moves a store from one database to another, both ways between SQLite and PostgreSQL, while no control plane uses either. The
 * source is only read. The target is a store once all of it was read again and is the same; whatever stops us before that leaves
 * something that says that it is not whole, which `wombat up` refuses and the next try makes anew.
 *
 *   the key (secret.key) and the releases stay in the directory, which is the same for both
 */
import { join } from 'node:path';
import { Fault } from '../base/fault.ts';
import { newId } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import type { AuditVerdict } from '../model/access.ts';
import { databaseAddressFault } from '../model/database-address.ts';
import { checkChain, endOf } from './audit-chain.ts';
import { readKey } from './key-file.ts';
import { keyCheck } from './seal.ts';
import { Database } from './postgres/database.ts';
import { readTables, writeTables } from './postgres/postgres-tables.ts';
import { migrate } from './postgres/schema.ts';
import { sqliteSource, sqliteTarget } from './sqlite/sqlite-tables.ts';
import { batches, contentsOf, copyTables, tables } from './tables.ts';
import type { Contents, Table, TableReader, TableRow } from './tables.ts';

/** Which way. */
export interface Move {
  /** with the SQLite store, or for it; `secret.key` is in it */
  readonly directory: string;
  /** of the PostgreSQL database, without a password */
  readonly url: string;
  readonly to: 'postgres' | 'sqlite';
  readonly random: Random;
  /** called now and then with how many rows of a table are there */
  readonly progress: (table: string, rows: number) => void;
}

/** What was moved. */
export interface Moved extends Contents {
  readonly audit: AuditVerdict;
}

/**
 * Moves. Faults: not-found (no store, no key), exists (the target is one), unavailable (a control plane uses one of them), denied (the
 * key is another store's), invalid (the source is damaged, or what was written is not what was read).
 */
export async function moveStore(move: Move): Promise<Moved> {
  const wrong = databaseAddressFault(move.url);
  if (wrong !== null) throw new Fault('invalid', wrong.why, { next: wrong.next });
  const key = readKey(join(move.directory, 'secret.key'));
  if (key === undefined)
    throw new Fault('not-found', `there is no secret.key in ${move.directory}`, {
      object: move.directory,
      next: 'put it there: without it nothing of the secrets can be read, before or after',
    });
  const database = new Database({ url: move.url, name: newId(move.random, 'wombat-move') });
  try {
    await migrate(database);
    return move.to === 'postgres' ? await toPostgres(move, database, key) : await toSqlite(move, database, key);
  } finally {
    await database.close();
  }
}

async function toPostgres(move: Move, database: Database, key: Uint8Array): Promise<Moved> {
  using source = sqliteSource(move.directory);
  await refuseOtherKey(source, key);
  let read: Contents | undefined;
  let moved: Moved | undefined;
  await writeTables(
    database,
    async (target) => void (read = await copyTables(source, (table, rows) => target.put(table, rows), move.progress)),
    async (reader) => void (moved = await compared(reader, read, { source, key })),
  );
  return whole(moved);
}

function toSqlite(move: Move, database: Database, key: Uint8Array): Promise<Moved> {
  return readTables(database, async (source) => {
    await refuseOtherKey(source, key);
    using target = sqliteTarget(move.directory);
    const put = (table: Table, rows: readonly TableRow[]) => {
      target.put(table, rows);
      return Promise.resolve();
    };
    const read = await copyTables(source, put, move.progress);
    const moved = await compared(target, read, { source, key });
    target.finish();
    return moved;
  });
}

/** What was written is read again; and its audit log is as sound as the one that was read. */
async function compared(
  reader: TableReader,
  read: Contents | undefined,
  { source, key }: { readonly source: TableReader; readonly key: Uint8Array },
): Promise<Moved> {
  const written = await contentsOf(reader);
  if (read?.digest !== written.digest) throw new Fault('invalid', 'what was written is not what was read');
  const [audit, before] = [await auditOf(reader, key), await auditOf(source, key)];
  if (JSON.stringify(audit) !== JSON.stringify(before))
    throw new Fault('invalid', 'the audit log that was written is not as sound as the one that was read');
  return { ...written, audit };
}

async function auditOf(reader: TableReader, key: Uint8Array): Promise<AuditVerdict> {
  const audit = tables.find(({ name }) => name === 'audit');
  const rows: Record<string, unknown>[] = [];
  if (audit !== undefined)
    for await (const batch of batches(reader, audit))
      for (const [sequence, , value, hash] of batch) rows.push({ sequence, value, hash });
  const newest = Number(rows.at(-1)?.['sequence'] ?? 0);
  const end = endOf(key, await metaValue(reader, 'audit'), newest);
  return checkChain({
    end: () => end,
    rows: (after, until, limit) =>
      Promise.resolve(
        rows.filter(({ sequence }) => Number(sequence) > after && Number(sequence) <= until).slice(0, limit),
      ),
    newest: () => Promise.resolve(newest),
  });
}

async function refuseOtherKey(source: TableReader, key: Uint8Array): Promise<void> {
  if ((await metaValue(source, 'key')) === keyCheck(key)) return;
  throw new Fault('denied', 'the secret.key there is not the one that sealed the secrets of this store', {
    next: 'put the secret.key that belongs to the store in its place',
  });
}

async function metaValue(reader: TableReader, wanted: string): Promise<string | undefined> {
  const meta = tables.find(({ name }) => name === 'meta');
  const rows = meta === undefined ? [] : await reader.rows(meta, null);
  const value = rows.find(([name]) => name === wanted)?.[1];
  return typeof value === 'string' ? value : undefined;
}

function whole(moved: Moved | undefined): Moved {
  if (moved === undefined) throw new Fault('unknown', 'the store was not compared');
  return moved;
}
