/**
 * The store in PostgreSQL, for control planes that stand by for each other: one acts, and every commit of it says its term
 * (see hold.ts). Commits go one after another, so that events are numbered and heard in their order; reads go beside them and
 * see the last commit that was answered. Durable by the server's `synchronous_commit`, which is left as it is configured.
 *
 * When a commit's answer is lost nobody knows whether it was made: it rejects as unavailable, and what is known of numbers
 * and the audit chain is read again before the next one.
 */
import { timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import type { Event, EventDraft } from '../../model/event.ts';
import { Fault } from '../../base/fault.ts';
import type { KeyRing } from '../key-ring.ts';
import { noticeOf, Notices } from '../notices.ts';
import { keyCheck } from '../seal.ts';
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
} from '../store.ts';
import type { Database, Session } from './database.ts';
import type { Hold } from './hold.ts';
import { setMeta } from './meta.ts';
import { PostgresAudit } from './postgres-audit.ts';
import { PostgresEvents } from './postgres-events.ts';
import { PostgresRecords } from './postgres-records.ts';
import { PostgresRequests } from './postgres-requests.ts';
import { PostgresSecrets } from './postgres-secrets.ts';
import { Writer } from './writer.ts';

/** What the opening of a store found and made. */
export interface PostgresStoreParts {
  readonly database: Database;
  readonly hold: Hold;
  readonly clock: Clock;
  /** seals the secrets, signs the end of the audit log */
  readonly ring: KeyRing;
  readonly owner: string;
}

/** A store in one PostgreSQL database. */
export class PostgresStore implements Store {
  readonly owner: string;
  readonly secrets: PostgresSecrets;
  readonly audit: PostgresAudit;
  readonly requests: PostgresRequests;
  readonly #parts: PostgresStoreParts;
  readonly #writer: Writer;
  readonly #records: PostgresRecords;
  readonly #events: PostgresEvents;
  readonly #notices = new Notices();
  #closed: Promise<void> | undefined;

  constructor(parts: PostgresStoreParts) {
    const { database, hold, clock, ring } = parts;
    this.owner = parts.owner;
    this.#parts = parts;
    this.#writer = new Writer(database, hold, () => this.recall());
    this.#records = new PostgresRecords(database);
    this.#events = new PostgresEvents(database);
    this.audit = new PostgresAudit({ writer: this.#writer, clock, ring });
    this.requests = new PostgresRequests({ writer: this.#writer, clock, ring });
    this.secrets = new PostgresSecrets(this.#writer, ring);
  }

  /** Reads anew what is remembered between commits. */
  async recall(): Promise<void> {
    await this.#events.recall();
    await this.audit.recall();
  }

  get<K extends Kind>(kind: K, key: string): Promise<Versioned<Records[K]> | undefined> {
    return this.#records.get(kind, key);
  }

  list<K extends Kind>(kind: K, selector: Selector = {}): Promise<readonly Versioned<Records[K]>[]> {
    return this.#records.list(kind, selector);
  }

  page<K extends Kind>(kind: K, selector: PageSelector): Promise<readonly Placed<Records[K]>[]> {
    return this.#records.page(kind, selector);
  }

  async commit(changes: readonly Change[], events: readonly EventDraft[] = []): Promise<number> {
    if (changes.length + events.length === 0) return this.#events.last;
    await this.#writer.write(
      (session) => this.#write(session, changes, events),
      (written) => {
        this.#events.committed(written);
        this.#notices.publish(noticeOf(changes, written));
      },
    );
    return this.#events.last;
  }

  events(selector: EventSelector): Promise<readonly Event[]> {
    return this.#events.after(selector);
  }

  recentEvents(selector: Omit<EventSelector, 'after'> & { readonly before?: number }): Promise<readonly Event[]> {
    return this.#events.recent(selector);
  }

  subscribe(listener: (notice: Notice) => void): () => void {
    return this.#notices.subscribe(listener);
  }

  rotateKey(): Promise<void> {
    const { ring } = this.#parts;
    const key = ring.prepare();
    return this.#writer.write(
      async (session) => {
        await this.secrets.reseal(session, key);
        await this.audit.resign(session, key);
        await this.requests.reseal(session, key);
        await setMeta(session, 'key', keyCheck(key));
      },
      () => ring.replace(key),
    );
  }

  /** PostgreSQL has its own tools for that, and knows how to go back to any moment. */
  backup(): Promise<Backup> {
    const next = 'back the database up with pg_dump, and keep secret.key apart from it';
    return Promise.reject(new Fault('invalid', 'a store in PostgreSQL is backed up by its own tools', { next }));
  }

  /** Closing twice is closing once. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#writer.close();
    this.#parts.hold.close();
    await this.#parts.database.close();
  }

  async #write(session: Session, changes: readonly Change[], drafts: readonly EventDraft[]): Promise<readonly Event[]> {
    for (const change of changes) await this.#records.change(session, change);
    return this.#events.append(session, drafts, timestamp(this.#parts.clock));
  }
}
