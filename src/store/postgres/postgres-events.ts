/** Events in PostgreSQL: numbered without gaps by the one control plane that acts, so the numbers need no sequence. */
import type { Event, EventDraft } from '../../model/event.ts';
import type { EventSelector } from '../store.ts';
import type { Database, Row, Session, Value } from './database.ts';

type Match = Omit<EventSelector, 'after'>;

/** The event table. */
export class PostgresEvents {
  readonly #database: Database;
  #last = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The sequence of the last event; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Reads where the numbers stand: at first, and whenever a commit's answer may have been lost. */
  async recall(): Promise<void> {
    const [row] = await this.#database.query('SELECT max(sequence) AS last FROM event');
    this.#last = Number(row?.['last'] ?? 0);
  }

  /** Appends inside the caller's transaction. The count moves only with `committed`: a commit that fails leaves no gap. */
  async append(session: Session, drafts: readonly EventDraft[], at: string): Promise<readonly Event[]> {
    const events = drafts.map((draft, offset): Event => ({ sequence: this.#last + offset + 1, at, ...draft }));
    for (const event of events)
      await session.query('INSERT INTO event (sequence, blueprint, object, value) VALUES ($1, $2, $3, $4)', [
        ...[event.sequence, event.blueprint, event.object],
        JSON.stringify(event),
      ]);
    return events;
  }

  /** Says that what `append` returned is now durable. */
  committed(events: readonly Event[]): void {
    this.#last += events.length;
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
