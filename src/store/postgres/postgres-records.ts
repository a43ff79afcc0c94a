/** Records in PostgreSQL: reading them, and one change of a commit by compare-and-set. */
import { blueprintOf } from '../blueprint-of.ts';
import { conflictOf } from '../conflict.ts';
import { Decoded } from '../decoded.ts';
import { placeOf } from '../place-of.ts';
import type { Change, Kind, PageSelector, Placed, Records, Selector, Versioned } from '../store.ts';
import type { Database, Row, Session, Value } from './database.ts';

/** For all that the loops read: 10,000 nodes are some 20 million; characters. */
const roomForRead = 128 * 1024 * 1024;

/** The record table. Values are parsed, not validated, as in the embedded store, and for the same reason. */
export class PostgresRecords {
  readonly #database: Database;
  readonly #decoded = new Decoded(roomForRead);

  constructor(database: Database) {
    this.#database = database;
  }

  async get<K extends Kind>(kind: K, key: string): Promise<Versioned<Records[K]> | undefined> {
    const text = 'SELECT key, version, value, xmin::text AS stamp FROM record WHERE kind = $1 AND key = $2';
    const [row] = await this.#database.query(text, [kind, key]);
    return row === undefined ? undefined : this.#decoded.of<K>(kind, asRow(row));
  }

  async list<K extends Kind>(kind: K, selector: Selector): Promise<readonly Versioned<Records[K]>[]> {
    const match = new Conditions(kind);
    if (selector.blueprint !== undefined) match.add((at) => `blueprint = ${at}`, selector.blueprint);
    if (selector.keyPrefix !== undefined) {
      match.add((at) => `key >= ${at}`, selector.keyPrefix);
      match.add((at) => `key < ${at}`, `${selector.keyPrefix}\u{10ffff}`);
    }
    const text = `SELECT key, version, value, xmin::text AS stamp FROM record WHERE ${match.where} ORDER BY key`;
    const rows = await this.#database.query(text, match.values);
    return rows.map((row) => this.#decoded.of<K>(kind, asRow(row)));
  }

  async page<K extends Kind>(kind: K, selector: PageSelector): Promise<readonly Placed<Records[K]>[]> {
    const { after, blueprint, seenBy, backwards = false, limit } = selector;
    const match = new Conditions(kind);
    if (after !== undefined)
      match.addPair((place, key) => `(place, key) ${backwards ? '<' : '>'} (${place}, ${key})`, after);
    if (blueprint !== undefined) match.add((at) => `blueprint = ${at}`, blueprint);
    if (seenBy !== undefined && seenBy !== null)
      match.add((at) => `(blueprint IS NULL OR blueprint = ANY(${at}::text[]))`, seenBy);
    const order = backwards ? 'place DESC, key DESC' : 'place, key';
    const text = `SELECT key, version, value, xmin::text AS stamp, place FROM record WHERE ${match.where} ORDER BY ${order} LIMIT ${match.next(limit)}`;
    const rows = await this.#database.query(text, match.values);
    return rows.map((row) => ({
      ...this.#decoded.of<K>(kind, asRow(row)),
      place: [String(row['place']), String(row['key'])],
    }));
  }

  /** Makes one change inside the caller's transaction. Fault conflict when the record is not as expected. */
  async change(session: Session, change: Change): Promise<void> {
    const done = 'put' in change ? await put(session, change) : await remove(session, change);
    if ('remove' in change) this.#decoded.forget(change.remove, change.key);
    if (done) return;
    const kind = 'put' in change ? change.put : change.remove;
    throw conflictOf(change, await versionOf(session, kind, change.key));
  }
}

async function put(session: Session, change: Extract<Change, { put: Kind }>): Promise<boolean> {
  const { put: kind, key, expect, value } = change;
  const values = [kind, key, blueprintOf(kind, value), placeOf(kind, value), JSON.stringify(value)];
  if (expect !== null && expect > 0) return (await session.query(update, [...values, expect])).length > 0;
  return (await session.query(expect === 0 ? insert : insertOrUpdate, values)).length > 0;
}

async function remove(
  session: Session,
  { remove: kind, key, expect }: Extract<Change, { remove: Kind }>,
): Promise<boolean> {
  if (expect === 0) return (await versionOf(session, kind, key)) === undefined;
  const text =
    'DELETE FROM record WHERE kind = $1 AND key = $2 AND ($3::integer IS NULL OR version = $3) RETURNING key';
  const rows = await session.query(text, [kind, key, expect]);
  return expect === null || rows.length > 0;
}

async function versionOf(session: Session, kind: Kind, key: string): Promise<number | undefined> {
  const [row] = await session.query('SELECT version FROM record WHERE kind = $1 AND key = $2', [kind, key]);
  return row === undefined ? undefined : Number(row['version']);
}

const into = 'INSERT INTO record (kind, key, blueprint, place, version, value) VALUES ($1, $2, $3, $4, 1, $5)';
const insert = `${into} ON CONFLICT (kind, key) DO NOTHING RETURNING key`;
const insertOrUpdate = `${into} ON CONFLICT (kind, key) DO UPDATE
  SET version = record.version + 1, blueprint = excluded.blueprint, place = excluded.place, value = excluded.value RETURNING key`;
const update = `UPDATE record SET version = version + 1, blueprint = $3, place = $4, value = $5
  WHERE kind = $1 AND key = $2 AND version = $6 RETURNING key`;

/** The transaction that wrote a row tells it from one of another control plane's that was removed and made again. */
function asRow(row: Row) {
  return {
    key: String(row['key']),
    version: Number(row['version']),
    value: String(row['value']),
    stamp: String(row['stamp']),
  };
}

/** The conditions of a list and their values, numbered as they come. */
class Conditions {
  readonly values: Value[];
  readonly #parts = ['kind = $1'];

  constructor(kind: Kind) {
    this.values = [kind];
  }

  get where(): string {
    return this.#parts.join(' AND ');
  }

  next(value: Value): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  add(write: (at: string) => string, value: Value): void {
    this.#parts.push(write(this.next(value)));
  }

  addPair(write: (one: string, other: string) => string, [one, other]: readonly [string, string]): void {
    this.#parts.push(write(this.next(one), this.next(other)));
  }
}
