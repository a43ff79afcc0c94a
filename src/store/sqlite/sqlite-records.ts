/** Records in SQLite: reading them, and one change of a commit by compare-and-set. */
import type { Fault } from '../../base/fault.ts';
import { blueprintOf } from '../blueprint-of.ts';
import { conflictOf } from '../conflict.ts';
import { Decoded } from '../decoded.ts';
import type { Row } from '../decoded.ts';
import { placeOf } from '../place-of.ts';
import { isHeld, Kept } from './kept.ts';
import type { Change, Kind, PageSelector, Placed, Records, Selector, Versioned, WrittenPage } from '../store.ts';
import type { Statements } from './statements.ts';

/** For kinds that are not held: documents in force (some kilobytes each), and what somebody just looks at; characters. */
const roomForRead = 1024 * 1024;

interface PlacedRow extends Row {
  readonly place: string;
}

/**
 * The record table of one connection. Values are parsed, not validated, on their way out: nobody but this program
 * writes them (the lock sees to that), the compiler checks what is written, and migrations change what is stored.
 * Validating would double the cost of reading (10,000 nodes: 45 ms to read and parse, as much again to validate), which
 * the loops would pay at every turn; the conformance suite validates that each kind comes back as it went in.
 */
export class SqliteRecords {
  readonly #statements: Statements;
  readonly #decoded = new Decoded(roomForRead);
  readonly #kept = new Map<Kind, Kept>();
  /** changes of the transaction under way to records that are held */
  #changed: { readonly change: Change; readonly text: string }[] = [];
  #marked = 0;
  /** kinds of which the transaction under way has changed some */
  readonly #changing = new Set<Kind>();

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Whether the database shows changes of that kind whose transaction has not ended. */
  isChanging(kind: Kind): boolean {
    return this.#changing.has(kind);
  }

  /** Whether `get` and `list` would answer such changes: what is held answers the state before them. */
  isPending(kind: Kind): boolean {
    return this.#changing.has(kind) && !this.#kept.has(kind);
  }

  /** What is changed from here on can be undone by itself. */
  mark(): void {
    this.#marked = this.#changed.length;
  }

  /** What was changed since the mark was rolled back. */
  undo(): void {
    this.#changed.length = this.#marked;
  }

  /** The transaction has ended, well or not: what it changed is so from now on, or was never so. */
  ended(well: boolean): void {
    const changed = this.#changed;
    this.#changed = [];
    this.#changing.clear();
    if (!well) return;
    for (const { change, text } of changed)
      this.#kept.get('put' in change ? change.put : change.remove)?.apply(change, text);
  }

  #held(kind: Kind): Kept | undefined {
    if (!isHeld(kind)) return undefined;
    const known = this.#kept.get(kind);
    if (known !== undefined) return known;
    const rows = this.#statements.of('SELECT key, version, value FROM record WHERE kind = ?').all(kind);
    const kept = new Kept(kind, rows as unknown as Row[]);
    this.#kept.set(kind, kept);
    return kept;
  }

  get<K extends Kind>(kind: K, key: string): Versioned<Records[K]> | undefined {
    const held = this.#held(kind);
    if (held !== undefined) return held.get(key) as Versioned<Records[K]> | undefined;
    const row = this.#statements.of('SELECT key, version, value FROM record WHERE kind = ? AND key = ?').get(kind, key);
    return row === undefined ? undefined : this.#decoded.of<K>(kind, row as unknown as Row);
  }

  list<K extends Kind>(kind: K, selector: Selector): readonly Versioned<Records[K]>[] {
    const held = this.#held(kind);
    if (held !== undefined) return held.list(selector) as readonly Versioned<Records[K]>[];
    const { where, values } = conditions(selector);
    const text = `SELECT key, version, value FROM record WHERE kind = ?${where} ORDER BY key`;
    const rows = this.#statements.of(text).all(kind, ...values) as unknown as Row[];
    return rows.map((row) => this.#decoded.of<K>(kind, row));
  }

  page<K extends Kind>(kind: K, selector: PageSelector): readonly Placed<Records[K]>[] {
    const { where, values, order } = pageConditions(selector);
    const held = this.#held(kind);
    // what is held is not read once more: which ones, and in what order, is said by the index alone
    const columns = held === undefined ? 'key, version, value, place' : 'key, place';
    const text = `SELECT ${columns} FROM record WHERE kind = ?${where} ORDER BY ${order} LIMIT ?`;
    const rows = this.#statements.of(text).all(kind, ...values, selector.limit) as unknown as PlacedRow[];
    if (held !== undefined)
      return rows.flatMap(({ key, place }) => {
        const record = held.get(key) as Versioned<Records[K]> | undefined;
        return record === undefined ? [] : [{ ...record, place: [place, key] as const }];
      });
    return rows.map((row) => ({ ...this.#decoded.of<K>(kind, row), place: [row.place, row.key] }));
  }

  writtenPage(kind: Kind, selector: PageSelector): WrittenPage {
    const { where, values, order } = pageConditions(selector);
    const from = `FROM record WHERE kind = ?${where} ORDER BY ${order}`;
    // by the index alone: the last of a full page, and whether one stands behind it
    const ends = this.#statements.of(`SELECT place, key ${from} LIMIT 2 OFFSET ?`);
    const [last, behind] = ends.all(kind, ...values, Math.max(0, selector.limit - 1)) as unknown as PlacedRow[];
    const text = `SELECT CAST(group_concat(value, ',') AS BLOB) AS text FROM (SELECT value ${from} LIMIT ?)`;
    const found = this.#statements.of(text).get(kind, ...values, selector.limit);
    return {
      text: (found?.['text'] as Uint8Array | null | undefined) ?? new Uint8Array(0),
      next: last === undefined || behind === undefined ? null : [last.place, last.key],
    };
  }

  /** Makes one change inside the caller's transaction. Fault conflict when the record is not as expected. */
  change(change: Change): void {
    this.#changing.add('put' in change ? change.put : change.remove);
    const done = 'put' in change ? this.#put(change) : this.#remove(change);
    if (!done) throw this.#conflict(change);
    if ('remove' in change && this.#kept.has(change.remove)) this.#changed.push({ change, text: '' });
  }

  #put(change: Extract<Change, { put: Kind }>): boolean {
    const { put: kind, key, expect } = change;
    const blueprint = blueprintOf(kind, change.value);
    const [place, value] = [placeOf(kind, change.value), JSON.stringify(change.value)];
    if (this.#kept.has(kind)) this.#changed.push({ change, text: value });
    if (expect !== null && expect > 0) return this.#run(update, blueprint, place, value, kind, key, expect);
    return this.#run(expect === 0 ? insert : insertOrUpdate, kind, key, blueprint, place, value);
  }

  #remove(change: Extract<Change, { remove: Kind }>): boolean {
    const { remove: kind, key, expect } = change;
    this.#decoded.forget(kind, key);
    if (expect === 0) return this.#version(kind, key) === undefined;
    if (expect !== null)
      return this.#run('DELETE FROM record WHERE kind = ? AND key = ? AND version = ?', kind, key, expect);
    this.#run('DELETE FROM record WHERE kind = ? AND key = ?', kind, key);
    return true;
  }

  /** True when a row was changed. */
  #run(text: string, ...values: (string | number | null)[]): boolean {
    return this.#statements.of(text).run(...values).changes !== 0;
  }

  #version(kind: Kind, key: string): number | undefined {
    const row = this.#statements.of('SELECT version FROM record WHERE kind = ? AND key = ?').get(kind, key);
    return row === undefined ? undefined : Number(row['version']);
  }

  #conflict(change: Change): Fault {
    return conflictOf(change, this.#version('put' in change ? change.put : change.remove, change.key));
  }
}

const into = 'INSERT INTO record (kind, key, blueprint, place, version, value) VALUES (?, ?, ?, ?, 1, ?)';
const insert = `${into} ON CONFLICT (kind, key) DO NOTHING`;
const insertOrUpdate = `${into} ON CONFLICT (kind, key) DO UPDATE
  SET version = version + 1, blueprint = excluded.blueprint, place = excluded.place, value = excluded.value`;
const update = `UPDATE record SET version = version + 1, blueprint = ?, place = ?, value = ?
  WHERE kind = ? AND key = ? AND version = ?`;

/** A prefix is a range of keys: all that follow it, up to itself with the greatest character there is behind it. */
function conditions(selector: Selector): { where: string; values: string[] } {
  const { blueprint, keyPrefix } = selector;
  const parts: [string, string[]][] = [];
  if (blueprint !== undefined) parts.push([' AND blueprint = ?', [blueprint]]);
  if (keyPrefix !== undefined) parts.push([' AND key >= ? AND key < ?', [keyPrefix, `${keyPrefix}\u{10ffff}`]]);
  return { where: parts.map(([text]) => text).join(''), values: parts.flatMap(([, values]) => values) };
}

function pageConditions(selector: PageSelector): { where: string; values: string[]; order: string } {
  const { after, blueprint, seenBy, backwards = false } = selector;
  const parts: [string, readonly string[]][] = [];
  if (after !== undefined) parts.push([` AND (place, key) ${backwards ? '<' : '>'} (?, ?)`, after]);
  if (blueprint !== undefined) parts.push([' AND blueprint = ?', [blueprint]]);
  if (seenBy !== undefined && seenBy !== null)
    parts.push([' AND (blueprint IS NULL OR blueprint IN (SELECT value FROM json_each(?)))', [JSON.stringify(seenBy)]]);
  return {
    where: parts.map(([text]) => text).join(''),
    values: parts.flatMap(([, values]) => values),
    order: backwards ? 'place DESC, key DESC' : 'place, key',
  };
}
