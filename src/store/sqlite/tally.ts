/**
 * What a database says of all that is in it: how many commits made it, and the sum of a digest of every row. Every commit
 * writes both anew. So a database that is opened shows whether it is exactly what some commit left behind: SQLite's own check
 * finds what is wrong with pages and indexes, but neither a bit that changed within a text, nor pages of two moments beside
 * each other (a checkpoint that a crash cut short, and a log that was damaged before it could be done again).
 *
 * The digest is CRC-32, which any single bit changes and which costs a tenth of what SHA-256 does: this is against damage, not
 * against people (they are the business of the audit log's chain). The sum is that of all rows, in any order, modulo 2^48:
 * whoever changes a row takes its old digest away and adds the new one. Triggers of the connection do that
 * (sqlite.org/lang_createtrigger.html, TEMP triggers), so that no statement can be forgotten, and the database's own schema
 * stays as it is.
 */
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { Acknowledged } from './acknowledged.ts';

/** Every table and its columns. */
const tables: Readonly<Record<string, readonly string[]>> = {
  record: ['kind', 'key', 'blueprint', 'place', 'version', 'value'],
  event: ['sequence', 'blueprint', 'object', 'value'],
  audit: ['sequence', 'blueprint', 'value', 'hash'],
  secret: ['name', 'sealed'],
  request: ['token', 'key', 'at', 'digest', 'answer'],
  meta: ['name', 'value'],
};

/** What sums wrap at: exact in a number, with room for one more digest. */
const modulus = 2 ** 48;

/** The row that holds the tally is not part of it. */
const ownName = 'tally';

const putTally = `UPDATE meta SET value = ? WHERE name = '${ownName}'`;

/** Commits so far, and the sum of all rows. */
export interface Sum {
  readonly commits: number;
  readonly digest: number;
}

/** The tally of one connection. */
export class Tally {
  readonly #acknowledged: Acknowledged;
  readonly #keep: StatementSync;
  #kept: Sum;
  #next: Sum;
  #isChanged = false;
  /** how many were said to be on disk */
  #told: number;
  #marked: { readonly sum: Sum; readonly isChanged: boolean };

  /** Counts from `kept` on, which is what the database holds now. */
  constructor(database: DatabaseSync, kept: Sum, acknowledged: Acknowledged) {
    this.#keep = database.prepare(putTally);
    this.#acknowledged = acknowledged;
    [this.#kept, this.#next, this.#marked] = [kept, kept, { sum: kept, isChanged: false }];
    this.#told = kept.commits;
    database.function('tally', { varargs: true }, (sign, ...row) => this.#count(sign === 1, row));
    // what a row takes the place of is deleted, and told only so
    database.exec(`PRAGMA recursive_triggers = ON; ${Object.keys(tables).map(triggersOf).join('')}`);
  }

  /** A transaction begins. */
  begin(): void {
    this.#next = this.#kept;
    this.#isChanged = false;
  }

  /** What is counted from here on can be undone by itself. */
  mark(): void {
    this.#marked = { sum: this.#next, isChanged: this.#isChanged };
  }

  /** What was counted since the mark was rolled back. */
  undo(): void {
    this.#next = this.#marked.sum;
    this.#isChanged = this.#marked.isChanged;
  }

  /** Writes what the transaction makes of it, within it. */
  write(): void {
    if (!this.#isChanged) return;
    this.#next = { ...this.#next, commits: this.#kept.commits + 1 };
    this.#keep.run(textOfSum(this.#next));
  }

  /** The transaction has ended well; whether it is on disk is another matter. */
  committed(): void {
    if (this.#isChanged) this.#kept = this.#next;
  }

  /** All transactions up to here are on disk. */
  synced(): void {
    const { commits } = this.#kept;
    if (commits !== this.#told) this.#acknowledged.write(commits);
    this.#told = commits;
  }

  #count(isAdded: boolean, row: readonly SQLOutputValue[]): null {
    const { commits, digest } = this.#next;
    this.#isChanged = true;
    this.#next = { commits, digest: summed(digest, isAdded ? digestOf(row) : -digestOf(row)) };
    return null;
  }
}

/** The sum of all rows that a database holds now. Throws what SQLite finds wrong on the way. */
export function sumOf(database: DatabaseSync): number {
  let sum = 0;
  for (const [table, columns] of Object.entries(tables)) {
    const where = table === 'meta' ? ` WHERE name <> '${ownName}'` : '';
    for (const row of database.prepare(`SELECT ${columns.join(', ')} FROM ${table}${where}`).iterate())
      sum = summed(sum, digestOf([table, ...columns.map((column) => row[column] ?? null)]));
  }
  return sum;
}

/** What a database says of itself; `new` where nothing was counted yet, null where it does not read. */
export function keptIn(database: DatabaseSync): Sum | 'new' | null {
  const kept = database.prepare('SELECT value FROM meta WHERE name = ?').get(ownName)?.['value'];
  if (kept === '') return 'new';
  const [, commits, digest] = /^(\d+) ([0-9a-f]{12})$/.exec(String(kept)) ?? [];
  return commits === undefined || digest === undefined
    ? null
    : { commits: Number(commits), digest: parseInt(digest, 16) };
}

/** Writes it down, within the caller's transaction. */
export function keepTally(database: DatabaseSync, sum: Sum): void {
  database.prepare(putTally).run(textOfSum(sum));
}

function textOfSum({ commits, digest }: Sum): string {
  return `${commits} ${digest.toString(16).padStart(12, '0')}`;
}

function summed(sum: number, digest: number): number {
  return (sum + digest + modulus) % modulus;
}

/** CRC-32 of a row: its table and columns. */
function digestOf(row: readonly SQLInputValue[]): number {
  return crc32(row.map(textOf).join('\0'));
}

function textOf(value: SQLInputValue): string {
  if (value === null) return '\u0001';
  return ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
    : String(value);
}

function triggersOf(table: string): string {
  const when = (row: string) => (table === 'meta' ? ` WHEN ${row}.name <> '${ownName}'` : '');
  const count = (sign: number, row: string) =>
    `SELECT tally(${sign}, '${table}', ${(tables[table] ?? []).map((column) => `${row}.${column}`).join(', ')});`;
  return `
    CREATE TEMP TRIGGER tally_${table}_insert AFTER INSERT ON ${table}${when('NEW')} BEGIN ${count(1, 'NEW')} END;
    CREATE TEMP TRIGGER tally_${table}_delete AFTER DELETE ON ${table}${when('OLD')} BEGIN ${count(-1, 'OLD')} END;
    CREATE TEMP TRIGGER tally_${table}_update AFTER UPDATE ON ${table}${when('NEW')}
      BEGIN ${count(-1, 'OLD')} ${count(1, 'NEW')} END;`;
}
