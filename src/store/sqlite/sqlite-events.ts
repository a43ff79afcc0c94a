/** Events in SQLite: appended with a number that counts up without gaps, read forwards from a number or backwards from the end. */
import type { Event, EventDraft } from '../../model/event.ts';
import type { EventSelector } from '../store.ts';
import type { Statements } from './statements.ts';

type Match = Omit<EventSelector, 'after'>;

/** The event table of one connection. */
export class SqliteEvents {
  readonly #statements: Statements;
  #last: number;
  /** how many the transaction under way has appended, and had when it was marked */
  #appended = 0;
  #marked = 0;

  constructor(statements: Statements) {
    this.#statements = statements;
    this.#last = Number(statements.of('SELECT max(sequence) AS last FROM event').get()?.['last'] ?? 0);
  }

  /** The sequence of the last event; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Whether the database shows events whose transaction has not ended. */
  get isPending(): boolean {
    return this.#appended > 0;
  }

  /**
   * Appends inside the caller's transaction. The count moves only when that has ended well, so that a commit that fails
   * leaves no gap.
   */
  append(drafts: readonly EventDraft[], at: string): readonly Event[] {
    const before = this.#last + this.#appended;
    const events = drafts.map((draft, offset): Event => ({ sequence: before + offset + 1, at, ...draft }));
    const statement = this.#statements.of('INSERT INTO event (sequence, blueprint, object, value) VALUES (?, ?, ?, ?)');
    for (const event of events) statement.run(event.sequence, event.blueprint, event.object, JSON.stringify(event));
    this.#appended += events.length;
    return events;
  }

  /** What is appended from here on can be undone by itself. */
  mark(): void {
    this.#marked = this.#appended;
  }

  /** What was appended since the mark was rolled back. */
  undo(): void {
    this.#appended = this.#marked;
  }

  /** The transaction has ended, well or not. */
  ended(well: boolean): void {
    if (well) this.#last += this.#appended;
    this.#appended = 0;
    this.#marked = 0;
  }

  /** The sequence of the oldest one; 0 before the first. */
  first(): number {
    return Number(this.#statements.of('SELECT min(sequence) AS first FROM event').get()?.['first'] ?? 0);
  }

  /** Deletes within the caller's transaction; never the newest, from which numbers go on. */
  forget(through: number, limit: number): number {
    const text = `DELETE FROM event WHERE sequence IN
      (SELECT sequence FROM event WHERE sequence <= ? AND sequence < ? ORDER BY sequence LIMIT ?)`;
    return Number(this.#statements.of(text).run(through, this.#last, limit).changes);
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
