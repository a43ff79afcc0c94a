/** The tables that a store is made of, as both databases have them: what moving a store from one to the other copies. */
import { createHash } from 'node:crypto';

/** A value of a row. Bytes are in hexadecimal. */
export type Cell = string | number | null;
export type TableRow = readonly Cell[];

/** One table: its columns in their order, those of its key first. */
export interface Table {
  readonly name: 'record' | 'event' | 'secret' | 'audit' | 'request' | 'meta';
  readonly columns: readonly { readonly name: string; readonly type: 'text' | 'integer' | 'bytes' }[];
  /** how many of the columns make the key, by which rows are ordered */
  readonly keys: number;
}

const text = (...names: string[]) => names.map((name) => ({ name, type: 'text' }) as const);
const integer = (...names: string[]) => names.map((name) => ({ name, type: 'integer' }) as const);
const bytes = (...names: string[]) => names.map((name) => ({ name, type: 'bytes' }) as const);

/** In the order in which they are copied: `meta`, which makes a store of the rest, is the last. */
export const tables: readonly Table[] = [
  { name: 'record', columns: [...text('kind', 'key', 'blueprint', 'place', 'value'), ...integer('version')], keys: 2 },
  { name: 'event', columns: [...integer('sequence'), ...text('blueprint', 'object', 'value')], keys: 1 },
  { name: 'secret', columns: [...text('name'), ...bytes('sealed')], keys: 1 },
  { name: 'audit', columns: [...integer('sequence'), ...text('blueprint', 'value', 'hash')], keys: 1 },
  {
    name: 'request',
    columns: [...text('token', 'key'), ...integer('at'), ...text('digest'), ...bytes('answer')],
    keys: 2,
  },
  { name: 'meta', columns: text('name', 'value'), keys: 1 },
];

/** What a store knows about itself wherever it is; the rest of `meta` is about one database. */
export const movedMeta: readonly string[] = ['audit', 'key', 'owner', 'requests'];

/** Rows that are read or written together. */
export const batchRows = 500;

/** A store's tables, to be read at one moment. */
export interface TableReader {
  /** Rows behind a key, in their order, at most `batchRows`. */
  rows(table: Table, after: TableRow | null): Promise<readonly TableRow[]>;
}

/** All rows of a table, batch by batch. */
export async function* batches(reader: TableReader, table: Table): AsyncGenerator<readonly TableRow[]> {
  let last: TableRow | null = null;
  for (;;) {
    const rows: readonly TableRow[] = await reader.rows(table, last);
    if (rows.length > 0) yield rows;
    if (rows.length < batchRows) return;
    last = rows.at(-1)?.slice(0, table.keys) ?? null;
  }
}

/** What tells whether two stores hold the same, and how much that is. */
export interface Contents {
  /** SHA-256 over all rows in their order, hexadecimal */
  readonly digest: string;
  /** rows by table */
  readonly rows: Readonly<Record<string, number>>;
}

/** Adds up what passes by. */
export class Counted {
  readonly #hash = createHash('sha256');
  readonly #rows: Record<string, number> = {};

  add({ name }: Table, rows: readonly TableRow[]): void {
    for (const row of rows) this.#hash.update(`${name} ${JSON.stringify(row)}\n`);
    this.#rows[name] = (this.#rows[name] ?? 0) + rows.length;
  }

  contents(): Contents {
    return { digest: this.#hash.digest('hex'), rows: { ...this.#rows } };
  }
}

/** Reads everything once. */
export async function contentsOf(reader: TableReader): Promise<Contents> {
  const counted = new Counted();
  for (const table of tables) for await (const rows of batches(reader, table)) counted.add(table, rows);
  return counted.contents();
}

/** Copies everything, and says what that was. `progress` is told how many rows of a table are there. */
export async function copyTables(
  source: TableReader,
  put: (table: Table, rows: readonly TableRow[]) => Promise<void>,
  progress: (table: string, rows: number) => void = () => undefined,
): Promise<Contents> {
  const counted = new Counted();
  for (const table of tables) {
    let count = 0;
    for await (const rows of batches(source, table)) {
      counted.add(table, rows);
      await put(table, rows);
      progress(table.name, (count += rows.length));
    }
  }
  return counted.contents();
}
