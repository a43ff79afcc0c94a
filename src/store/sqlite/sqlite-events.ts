/** Events in SQLite: appended with a number that counts up without gaps, read forwards from a number or backwards from the end. */
import type { Event, EventDraft } from '../../model/event.ts';
import type { EventSelector } from '../store.ts';
import type { Statements } from './statements.ts';

type Match = Omit<EventSelector, 'after'>;

/** The event table of one connection. */
export class SqliteEvents {
  readonly #statements: Statements;
  #last: number;

  constructor(statements: Statements) {
    this.#statements = statements;
    this.#last = Number(statements.of('SELECT max(sequence) AS last FROM event').get()?.['last'] ?? 0);
  }

  /** The sequence of the last event; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /**
   * Appends inside the caller's transaction. The count moves only with `committed`, so that a commit that fails leaves
   * no gap.
   */
  append(drafts: readonly EventDraft[], at: string): readonly Event[] {
    const events = drafts.map((draft, offset): Event => ({ sequence: this.#last + offset + 1, at, ...draft }));
    const statement = this.#statements.of('INSERT INTO event (sequence, blueprint, object, value) VALUES (?, ?, ?, ?)');
    for (const event of events) statement.run(event.sequence, event.blueprint, event.object, JSON.stringify(event));
    return events;
  }

  /** Says that what `append` returned is now durable. */
  committed(events: readonly Event[]): void {
    this.#last += events.length;
  }

  /** Those behind `selector.after`, oldest first. */
  after(selector: EventSelector): readonly Event[] {
    const { where, values } = conditions(selector);
    const text = `SELECT value FROM event WHERE sequence > ?${where} ORDER BY sequence LIMIT ?`;
    return this.#statements
      .of(text)
      .all(selector.after, ...values, selector.limit)
      .map(decode);
  }

  /** The newest that match, oldest of them first; of those before `before` where that is given. */
  recent(match: Match & { readonly before?: number }): readonly Event[] {
    const { where, values } = conditions(match);
    const text = `SELECT value FROM event WHERE sequence < ?${where} ORDER BY sequence DESC LIMIT ?`;
    return this.#statements
      .of(text)
      .all(match.before ?? Number.MAX_SAFE_INTEGER, ...values, match.limit)
      .map(decode)
      .reverse();
  }
}

function conditions({ blueprint, blueprints, object }: Match): { where: string; values: string[] } {
  const parts: [string, string][] = [];
  if (blueprint !== undefined) parts.push([' AND blueprint = ?', blueprint]);
  if (blueprints !== undefined)
    parts.push([' AND blueprint IN (SELECT value FROM json_each(?))', JSON.stringify(blueprints)]);
  if (object !== undefined) parts.push([' AND object = ?', object]);
  return { where: parts.map(([text]) => text).join(''), values: parts.map(([, value]) => value) };
}

function decode(row: Record<string, unknown>): Event {
  return JSON.parse(row['value'] as string) as Event;
}
