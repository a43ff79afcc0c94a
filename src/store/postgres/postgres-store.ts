/**
 * The store in PostgreSQL, for several control planes at once (see seat.ts and postgres-shares.ts). Writes go one after another
 * (writer.ts); reads go beside them and see the last commit that was answered. Durable by the server's `synchronous_commit`,
 * which is left as it is configured. Nothing is remembered between writes: whoever has the turn reads where the store stands.
 *
 * When a commit's answer is lost nobody knows whether it was made: it rejects as unavailable.
 */
import { timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import type { Event, EventDraft } from '../../model/event.ts';
import type { KeyRing } from '../key-ring.ts';
import { noticeOf, Notices } from '../notices.ts';
import { keyCheck } from '../seal.ts';
import { backUpTables } from '../sqlite/backup.ts';
import { copyTables } from '../tables.ts';
import type { Table, TableRow } from '../tables.ts';
import type {
  Backup,
  Change,
  EventSelector,
  Kind,
  Notice,
  PageSelector,
  Placed,
  Records,
  Selector,
  Store,
  Versioned,
  WrittenPage,
} from '../store.ts';
import type { Fence, Look, Posted, ReplicaSeen, SharedStore } from '../shared.ts';
import { heard, tellCommit, tellPosted } from './bulletin.ts';
import type { Message } from './bulletin.ts';
import type { Database, Session } from './database.ts';
import { setMeta } from './meta.ts';
import { PostgresAudit } from './postgres-audit.ts';
import { PostgresEvents } from './postgres-events.ts';
import { PostgresRecords } from './postgres-records.ts';
import { PostgresRequests } from './postgres-requests.ts';
import { PostgresSecrets } from './postgres-secrets.ts';
import { snapshot } from './postgres-tables.ts';
import { PostgresShares } from './postgres-shares.ts';
import { Seat } from './seat.ts';
import { Writer } from './writer.ts';
import type { Standing } from './writer.ts';

/** What the opening of a store found and made. */
export interface PostgresStoreParts {
  readonly database: Database;
  /** the name of this control plane's sessions */
  readonly name: string;
  readonly clock: Clock;
  /** seals the secrets, signs the end of the audit log */
  readonly ring: KeyRing;
  readonly owner: string;
  /** where a copy may lie for a moment, for its owner's eyes only */
  readonly directory: string;
}

/** What all views of one store have together. */
interface Common {
  readonly seat: Seat;
  readonly records: PostgresRecords;
  readonly events: PostgresEvents;
  readonly notices: Notices;
  readonly posts: Set<(posted: Posted | null) => void>;
  /** what was heard of other control planes, in its order */
  hearing: Promise<void>;
  closed: Promise<void> | undefined;
}

/** A store in one PostgreSQL database, or a view of it under a fence. */
export class PostgresStore implements SharedStore {
  readonly owner: string;
  readonly secrets: PostgresSecrets;
  readonly audit: PostgresAudit;
  readonly requests: PostgresRequests;
  readonly #parts: PostgresStoreParts;
  readonly #common: Common;
  readonly #writer: Writer;
  readonly #shares: PostgresShares;

  constructor(parts: PostgresStoreParts, view?: { readonly common: Common; readonly writer: Writer }) {
    const { database, name, clock, ring } = parts;
    this.owner = parts.owner;
    this.#parts = parts;
    this.#writer = view?.writer ?? new Writer(database, (bound) => bound !== undefined && ring.follow(bound));
    this.#common = view?.common ?? {
      seat: new Seat({ database, name, clock, heard: (payload) => this.#heard(payload) }),
      records: new PostgresRecords(database),
      events: new PostgresEvents(database),
      notices: new Notices(),
      posts: new Set(),
      hearing: Promise.resolve(),
      closed: undefined,
    };
    this.audit = new PostgresAudit({ writer: this.#writer, clock, ring });
    this.requests = new PostgresRequests({ writer: this.#writer, clock, ring });
    this.secrets = new PostgresSecrets(this.#writer, ring);
    this.#shares = new PostgresShares(this.#common.seat, (act) => this.#writeWith(act));
  }

  under(fence: Fence, onRefused: () => void): Store {
    const writer = this.#writer.under({ ...fence, onRefused });
    return new PostgresStore(this.#parts, { common: this.#common, writer });
  }

  look(): Promise<Look> {
    return this.#common.seat.look();
  }

  join(): Promise<void> {
    return this.#common.seat.take();
  }

  leave(): Promise<void> {
    return this.#common.seat.leave();
  }

  listensAt(url: string): Promise<void> {
    return this.#common.seat.listensAt(url);
  }

  isSure(): boolean {
    return this.#common.seat.isSure();
  }

  take(share: string): Promise<Fence | undefined> {
    return this.#shares.take(share);
  }

  giveBack(fence: Fence, isOver: boolean): Promise<void> {
    return this.#shares.giveBack(fence, isOver);
  }

  bury(replica: ReplicaSeen): Promise<readonly string[]> {
    return this.#shares.bury(replica);
  }

  post(posted: Posted): Promise<void> {
    return tellPosted(this.#parts.database, this.#parts.name, posted);
  }

  onPosted(listener: (posted: Posted | null) => void): () => void {
    this.#common.posts.add(listener);
    return () => void this.#common.posts.delete(listener);
  }

  get<K extends Kind>(kind: K, key: string): Promise<Versioned<Records[K]> | undefined> {
    return this.#common.records.get(kind, key);
  }

  list<K extends Kind>(kind: K, selector: Selector = {}): Promise<readonly Versioned<Records[K]>[]> {
    return this.#common.records.list(kind, selector);
  }

  page<K extends Kind>(kind: K, selector: PageSelector): Promise<readonly Placed<Records[K]>[]> {
    return this.#common.records.page(kind, selector);
  }

  async writtenPage(kind: Kind, selector: PageSelector): Promise<WrittenPage> {
    const { limit } = selector;
    const found = await this.page(kind, { ...selector, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const text = Buffer.from(shown.map(({ value }) => JSON.stringify(value)).join(','));
    return { text, next: found.length > limit ? (shown.at(-1)?.place ?? null) : null };
  }

  async commit(changes: readonly Change[], events: readonly EventDraft[] = []): Promise<number> {
    if (changes.length + events.length === 0) return this.#common.events.last();
    const { last } = await this.#writer.write(
      (session, standing) => this.#write({ session, standing }, changes, events),
      ({ written }) => this.#common.notices.publish(noticeOf(changes, written)),
    );
    return last;
  }

  events(selector: EventSelector): Promise<readonly Event[]> {
    return this.#common.events.after(selector);
  }

  recentEvents(selector: Omit<EventSelector, 'after'> & { readonly before?: number }): Promise<readonly Event[]> {
    return this.#common.events.recent(selector);
  }

  firstEvent(): Promise<number> {
    return this.#common.events.first();
  }

  forgetEvents(through: number, limit: number): Promise<number> {
    return this.#writer.write((session) => this.#common.events.forget(session, through, limit));
  }

  subscribe(listener: (notice: Notice) => void): () => void {
    return this.#common.notices.subscribe(listener);
  }

  async rotateKey(): Promise<void> {
    const { ring } = this.#parts;
    await this.#writer.write(
      async (session, standing) => {
        const key = ring.prepare();
        await this.secrets.reseal(session, key);
        await this.audit.resign(session, key, standing);
        await this.requests.reseal(session, key);
        await setMeta(session, 'key', keyCheck(key));
        return key;
      },
      (key) => ring.replace(key),
    );
  }

  /** A SQLite store like any other backup: it is restored into a directory, and moved from there into another database. */
  backup(signal: AbortSignal): Promise<Backup> {
    const { database, directory } = this.#parts;
    const copy = (put: (table: Table, rows: readonly TableRow[]) => void) =>
      snapshot(database, async (reader) => {
        await copyTables(reader, (table, rows) => {
          signal.throwIfAborted();
          put(table, rows);
          return Promise.resolve();
        });
      });
    return backUpTables(directory, copy, signal);
  }

  /** Closing twice is closing once. */
  close(): Promise<void> {
    this.#common.closed ??= this.#close();
    return this.#common.closed;
  }

  async #close(): Promise<void> {
    this.#writer.close();
    this.#common.seat.close();
    await this.#common.hearing;
    await this.#parts.database.close();
  }

  async #write(
    { session, standing }: { readonly session: Session; readonly standing: Standing },
    changes: readonly Change[],
    drafts: readonly EventDraft[],
  ): Promise<{ written: readonly Event[]; last: number }> {
    for (const change of changes) await this.#common.records.change(session, change);
    const at = timestamp(this.#parts.clock);
    const written = await this.#common.events.append(session, drafts, { at, standing });
    await tellCommit(session, this.#parts.name, noticeOf(changes, written));
    return { written, last: standing.lastEvent + written.length };
  }

  /** A write that is no commit of records, and its events. */
  async #writeWith<T>(
    act: (session: Session) => Promise<{ readonly result: T; readonly events: readonly EventDraft[] }>,
  ): Promise<T> {
    const { result } = await this.#writer.write(
      async (session, standing) => {
        const { result, events } = await act(session);
        const { written } = await this.#write({ session, standing }, [], events);
        return { result, written };
      },
      ({ written }) => this.#common.notices.publish(noticeOf([], written)),
    );
    return result;
  }

  /** What others tell, one after another; after a gap nobody knows what was missed. */
  #heard(payload: string | null): void {
    const { posts } = this.#common;
    if (payload === null) {
      for (const listener of posts) listener(null);
      return;
    }
    const message = heard(payload, this.#parts.name);
    if (message === undefined) return;
    if ('topic' in message) for (const listener of posts) listener(message);
    else this.#common.hearing = this.#common.hearing.then(() => this.#publish(message)).catch(() => undefined);
  }

  async #publish({ changes, events }: Extract<Message, { changes: unknown }>): Promise<void> {
    const { after = 0, count = 0 } = events ?? {};
    const read = count === 0 ? [] : await this.#common.events.after({ after, limit: count });
    this.#common.notices.publish({ changes, events: read });
  }
}
