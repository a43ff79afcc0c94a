/** The tables of a store in PostgreSQL as they are moved, while no control plane uses it. */
import { Fault } from '../../base/fault.ts';
import { batchRows, movedMeta, tables } from '../tables.ts';
import type { Cell, Table, TableReader, TableRow } from '../tables.ts';
import type { Database, Session } from './database.ts';
import { incompleteName, notWhole, setMeta } from './meta.ts';
import { refuseUsed } from './seat.ts';
import { lockWrites } from './writer.ts';

/** All reads see one moment, and nobody writes meanwhile. */
const oneMoment = `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; ${lockWrites}`;

/** A store that is being made in a database. */
export interface PostgresTarget extends TableReader {
  put(table: Table, rows: readonly TableRow[]): Promise<void>;
}

/** Reads a store as it is at one moment, while control planes use it. */
export function snapshot<T>(database: Database, act: (reader: TableReader) => Promise<T>): Promise<T> {
  const first = 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY';
  return database.transaction((session) => act(readerOf(session)), first);
}

/** Reads a store at one moment. Faults: not-found, unavailable (control planes use it), invalid (it is not whole). */
export async function readTables<T>(database: Database, act: (reader: TableReader) => Promise<T>): Promise<T> {
  return database.transaction(async (session) => {
    await refuseUsed(session);
    const meta = await metaNames(session);
    if (meta.has(incompleteName)) throw notWhole();
    if (!meta.has('owner')) throw new Fault('not-found', 'there is no store in this database');
    return act(readerOf(session));
  }, oneMoment);
}

/**
 * Makes a store: marked as not whole first, then all of it in one transaction; `isSame` compares what can be read there
 * afterwards, and takes the mark away. Faults: exists, unavailable (control planes use it).
 */
export async function writeTables(
  database: Database,
  write: (target: PostgresTarget) => Promise<void>,
  compare: (reader: TableReader) => Promise<void>,
): Promise<void> {
  await database.transaction(async (session) => {
    await refuseNonEmpty(session);
    await setMeta(session, incompleteName, 'a store is being moved here');
  }, lockWrites);
  await database.transaction(async (session) => {
    // whoever began before the mark was there is seen now
    await refuseUsed(session);
    await write({
      ...readerOf(session),
      put: async (table, rows) => {
        await session.query(insert(table), columnsOf(table, rows));
      },
    });
  }, lockWrites);
  await database.transaction((session) => compare(readerOf(session)), oneMoment);
  await database.query('DELETE FROM meta WHERE name = $1', [incompleteName]);
}

/** What is not whole may be made anew: nothing of it was ever a store. */
async function refuseNonEmpty(session: Session): Promise<void> {
  const meta = await metaNames(session);
  if (meta.has(incompleteName)) return;
  await refuseUsed(session);
  for (const { name } of tables.filter((table) => table.name !== 'meta')) {
    const [row] = await session.query(`SELECT EXISTS (SELECT 1 FROM ${name}) AS some`);
    if (row?.['some'] !== true && !meta.has('owner')) continue;
    throw new Fault('exists', 'there is a store in this database already', { next: 'make another one: createdb NAME' });
  }
}

async function metaNames(session: Session): Promise<ReadonlySet<string>> {
  return new Set((await session.query('SELECT name FROM meta')).map(({ name }) => String(name)));
}

function readerOf(session: Session): TableReader {
  return {
    async rows(table, after) {
      const rows = await session.query(select(table, after !== null), [...(after ?? [])]);
      return rows.map((row) => table.columns.map(({ name }) => row[name] as Cell));
    },
  };
}

function select({ name, columns, keys }: Table, isBehind: boolean): string {
  const shown = columns.map((column) =>
    column.type === 'bytes' ? `encode(${column.name}, 'hex') AS ${column.name}` : column.name,
  );
  const order = columns
    .slice(0, keys)
    .map((column) => (column.type === 'text' ? `${column.name} COLLATE "C"` : column.name));
  const behind = isBehind ? ` AND (${order.join(', ')}) > (${order.map((_, i) => `$${i + 1}`).join(', ')})` : '';
  const moved = name === 'meta' ? ` AND name IN (${movedMeta.map((one) => `'${one}'`).join(', ')})` : '';
  return `SELECT ${shown.join(', ')} FROM ${name} WHERE true${moved}${behind} ORDER BY ${order.join(', ')} LIMIT ${batchRows}`;
}

function insert({ name, columns }: Table): string {
  const names = columns.map((column) => column.name);
  const types = columns.map(({ type }, i) => `$${i + 1}::${type === 'integer' ? 'bigint' : 'text'}[]`);
  const values = columns.map((column) =>
    column.type === 'bytes' ? `decode(one.${column.name}, 'hex')` : `one.${column.name}`,
  );
  return `INSERT INTO ${name} (${names.join(', ')}) SELECT ${values.join(', ')} FROM unnest(${types.join(', ')}) AS one (${names.join(', ')})`;
}

function columnsOf({ columns }: Table, rows: readonly TableRow[]): Cell[][] {
  return columns.map((_, i) => rows.map((row) => row[i] ?? null));
}
