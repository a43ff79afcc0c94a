/**
 * Events in PostgreSQL: numbered without gaps by whoever has the turn to write, so the numbers need no sequence. Beside each
 * stands under which number of which share of the work it was written: what shows afterwards that nobody wrote out of turn.
 */
import type { Event, EventDraft } from '../../model/event.ts';
import type { EventSelector } from '../store.ts';
import type { Database, Row, Session, Value } from './database.ts';
import type { Standing } from './writer.ts';

type Match = Omit<EventSelector, 'after'>;

/** The event table. */
export class PostgresEvents {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The sequence of the last event; 0 before the first. */
  async last(): Promise<number> {
    const [row] = await this.#database.query('SELECT max(sequence) AS last FROM event');
    return Number(row?.['last'] ?? 0);
  }

  /** The sequence of the oldest one; 0 before the first. */
  async first(): Promise<number> {
    const [row] = await this.#database.query('SELECT min(sequence) AS first FROM event');
    return Number(row?.['first'] ?? 0);
  }

  /** Deletes inside the caller's transaction; never the newest, from which numbers go on. */
  async forget(session: Session, through: number, limit: number): Promise<number> {
    const text = `WITH gone AS (DELETE FROM event WHERE sequence IN
      (SELECT sequence FROM event WHERE sequence <= $1 AND sequence < (SELECT max(sequence) FROM event) ORDER BY sequence LIMIT $2)
      RETURNING 1) SELECT count(*) AS count FROM gone`;
    const [row] = await session.query(text, [through, limit]);
    return Number(row?.['count'] ?? 0);
  }

  /** Appends inside the caller's transaction. */
  async append(
    session: Session,
    drafts: readonly EventDraft[],
    { at, standing }: { readonly at: string; readonly standing: Standing },
  ): Promise<readonly Event[]> {
    const { lastEvent, fence } = standing;
    const events = drafts.map((draft, offset): Event => ({ sequence: lastEvent + offset + 1, at, ...draft }));
    if (events.length > 0)
      await session.query(insertAll, [
        events.map(({ sequence }) => sequence),
        events.map(({ blueprint }) => blueprint),
        events.map(({ object }) => object),
        events.map((event) => JSON.stringify(event)),
        ...[fence?.share ?? null, fence?.number ?? null],
      ]);
    return events;
  }

  /** Those behind `selector.after`, oldest first. */
  async after(selector: EventSelector): Promise<readonly Event[]> {
    const { where, values } = conditions(selector, 'sequence > $1', selector.after);
    const text = `SELECT value FROM event WHERE ${where} ORDER BY sequence LIMIT $2`;
    return (await this.#database.query(text, values)).map(decode);
  }

  /** The newest that match, oldest of them first; of those before `before` where that is given. */
  async recent(match: Match & { readonly before?: number }): Promise<readonly Event[]> {
    const { where, values } = conditions(match, 'sequence < $1', match.before ?? Number.MAX_SAFE_INTEGER);
    const text = `SELECT value FROM event WHERE ${where} ORDER BY sequence DESC LIMIT $2`;
    return (await this.#database.query(text, values)).map(decode).reverse();
  }
}

/** One statement for all of a commit: each would cost a way to the server and back. */
const insertAll = `INSERT INTO event (sequence, blueprint, object, value, share, fence)
  SELECT one.*, $5::text, $6::bigint FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS one`;

function conditions({ blueprint, blueprints, object, limit }: Match, first: string, from: number) {
  const values: Value[] = [from, limit];
  const parts = [first];
  const add = (value: Value, write: (at: string) => string): void => {
    values.push(value);
    parts.push(write(`$${values.length}`));
  };
  if (blueprint !== undefined) add(blueprint, (at) => `blueprint = ${at}`);
  if (blueprints !== undefined) add(blueprints, (at) => `blueprint = ANY(${at}::text[])`);
  if (object !== undefined) add(object, (at) => `object = ${at}`);
  return { where: parts.join(' AND '), values };
}

function decode(row: Row): Event {
  return JSON.parse(String(row['value'])) as Event;
}
