/** The tables of a SQLite store as they are moved: read from a store that nobody holds, written into a file of its own. */
import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue } from 'node:sqlite';
import { syncToDisk } from '../../base/disk.ts';
import { Fault } from '../../base/fault.ts';
import { batchRows, movedMeta } from '../tables.ts';
import type { Cell, Table, TableReader, TableRow } from '../tables.ts';
import { acknowledgedPath } from './acknowledged.ts';
import { lockDirectory } from './lock.ts';
import { migrate } from './schema.ts';
import { checked, refuseLost } from './sound.ts';

/** A store to be read, its lock held until it is closed. */
export interface SqliteSource extends TableReader, Disposable {}

/** Where a store is made, its lock held until it is closed. It is there once it is finished, and not before. */
export interface SqliteTarget extends TableReader, Disposable {
  put(table: Table, rows: readonly TableRow[]): void;
  finish(): void;
}

/** Opens a store for reading only. Faults: not-found, unavailable (a control plane holds it), invalid (damaged, or of another schema). */
export function sqliteSource(directory: string): SqliteSource {
  const path = join(directory, 'wombat.db');
  if (!existsSync(path)) throw new Fault('not-found', `there is no store in ${directory}`, { object: directory });
  using resources = new DisposableStack();
  resources.use(lockDirectory(directory));
  const known = checked(path);
  if (known === null)
    throw new Fault('invalid', `the store in ${directory} has the schema of an older program`, {
      object: directory,
      next: 'start the control plane on it once, which brings it forward, and stop it again',
    });
  refuseLost(path, known.commits);
  const database = resources.adopt(new DatabaseSync(path, { readOnly: true }), (opened) => opened.close());
  const held = resources.move();
  return {
    rows: (table, after) => Promise.resolve(rowsOf(database, table, after)),
    [Symbol.dispose]: () => held.dispose(),
  };
}

/** Makes a store beside its place. Faults: exists, unavailable. What a former try left is taken away. */
export function sqliteTarget(directory: string): SqliteTarget {
  const path = join(directory, 'wombat.db');
  using resources = new DisposableStack();
  resources.use(lockDirectory(directory));
  if (existsSync(path) || existsSync(acknowledgedPath(path)))
    throw new Fault('exists', `there is a store in ${directory} already`, {
      object: directory,
      next: 'move it away with the files that begin with its name (wombat.db*), or take another --directory with secret.key and releases in it',
    });
  const draft = incompletePath(path);
  removeDraft(draft);
  const made = resources.use(newTables(draft));
  const held = resources.move();
  return {
    rows: made.rows,
    put: made.put,
    finish() {
      made.close();
      syncToDisk(draft);
      renameSync(draft, path);
      syncToDisk(directory);
    },
    [Symbol.dispose]: () => held.dispose(),
  };
}

/** A store's file that is being made. */
interface NewTables extends TableReader, Disposable {
  put(table: Table, rows: readonly TableRow[]): void;
  /** To be called before the file is used; closing twice is closing once. */
  close(): void;
}

/** Makes an empty store in a file of its own, which must not be there. */
export function newTables(path: string): NewTables {
  closeSync(openSync(path, 'wx', 0o600));
  const database = new DatabaseSync(path);
  const close = (): void => {
    if (database.isOpen) database.close();
  };
  database.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL');
  migrate(database);
  return {
    rows: (table, after) => Promise.resolve(rowsOf(database, table, after)),
    put: (table, rows) => putRows(database, table, rows),
    close,
    [Symbol.dispose]: close,
  };
}

/** Where a store is while it is made: what is found there is not whole. */
export function incompletePath(path: string): string {
  return `${path}.incomplete`;
}

function removeDraft(draft: string): void {
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${draft}${end}`, { force: true });
}

function rowsOf(database: DatabaseSync, table: Table, after: TableRow | null): TableRow[] {
  const names = table.columns.map(({ name }) => name);
  const keys = names.slice(0, table.keys);
  const behind = after === null ? [] : [`(${keys.join(', ')}) > (${keys.map(() => '?').join(', ')})`];
  const moved = table.name === 'meta' ? [`name IN (${movedMeta.map((name) => `'${name}'`).join(', ')})`] : [];
  const where = [...behind, ...moved].map((part) => ` AND ${part}`).join('');
  const statement = database.prepare(
    `SELECT ${names.join(', ')} FROM ${table.name} WHERE true${where} ORDER BY ${keys.join(', ')} LIMIT ${batchRows}`,
  );
  return statement.all(...(after ?? [])).map((row) => names.map((name) => cellOf(row[name])));
}

function cellOf(value: unknown): Cell {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : (value as Cell);
}

function putRows(database: DatabaseSync, { name, columns }: Table, rows: readonly TableRow[]): void {
  const statement = database.prepare(
    `INSERT INTO ${name} (${columns.map((column) => column.name).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  database.exec('BEGIN IMMEDIATE');
  for (const row of rows)
    statement.run(
      ...row.map((cell, i): SQLInputValue =>
        columns[i]?.type === 'bytes' && cell !== null ? Buffer.from(String(cell), 'hex') : cell,
      ),
    );
  database.exec('COMMIT');
}
