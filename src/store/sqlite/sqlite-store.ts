/**
 * The embedded store: one SQLite database in WAL mode whose log we bring to disk ourselves (write-ahead-log.ts), so that a
 * commit is there when it is answered; commits that come together wait for the disk together (commit-group.ts). No two
 * transactions stand side by side, and what a caller reads is the state after the last one that is on disk.
 *
 * A key that was removed and made again counts its versions from 1 again. That is safe for ids and tokens, which are
 * drawn at random and never used twice; whoever holds a version of a name across a removal must compare more than it.
 */
import type { DatabaseSync } from 'node:sqlite';
import { timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import type { Event, EventDraft } from '../../model/event.ts';
import { noticeOf, Notices } from '../notices.ts';
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
import { attempt, failure } from './attempt.ts';
import { backUp } from './backup.ts';
import { CommitGroup } from './commit-group.ts';
import type { KeyRing } from '../key-ring.ts';
import type { Meta } from './meta.ts';
import { SqliteAudit } from './sqlite-audit.ts';
import { SqliteEvents } from './sqlite-events.ts';
import { SqliteRecords } from './sqlite-records.ts';
import { SqliteRequests } from './sqlite-requests.ts';
import { SqliteSecrets } from './sqlite-secrets.ts';
import type { Statements } from './statements.ts';
import type { Transactions } from './transaction.ts';

/** What the opening of a store found and made. */
export interface SqliteStoreParts {
  readonly database: DatabaseSync;
  readonly statements: Statements;
  readonly transactions: Transactions;
  readonly clock: Clock;
  /** seals the secrets, signs the end of the audit log */
  readonly ring: KeyRing;
  readonly meta: Meta;
  /** where a copy may lie for a moment, for its owner's eyes only */
  readonly directory: string;
  readonly owner: string;
  /** whether there is a disk that a commit waits for */
  readonly isDurable: boolean;
  /** the database and the lock, released at close */
  readonly resources: Disposable;
}

/** A store on one SQLite connection. */
export class SqliteStore implements Store {
  readonly owner: string;
  readonly secrets: SqliteSecrets;
  readonly audit: SqliteAudit;
  readonly requests: SqliteRequests;
  readonly #parts: SqliteStoreParts;
  readonly #records: SqliteRecords;
  readonly #events: SqliteEvents;
  readonly #notices = new Notices();
  readonly #commits: CommitGroup;

  constructor(parts: SqliteStoreParts) {
    this.owner = parts.owner;
    this.#parts = parts;
    this.#records = new SqliteRecords(parts.statements);
    this.#events = new SqliteEvents(parts.statements);
    this.#commits = new CommitGroup({
      database: parts.database,
      transactions: parts.transactions,
      copies: [this.#records, this.#events],
      publish: (notice) => this.#notices.publish(notice),
      together: parts.isDurable,
      clock: parts.clock,
    });
    this.secrets = new SqliteSecrets({ ...parts, commits: this.#commits });
    this.audit = new SqliteAudit(parts);
    this.requests = new SqliteRequests(parts);
  }

  get<K extends Kind>(kind: K, key: string): Promise<Versioned<Records[K]> | undefined> {
    return this.#commits.read(this.#records.isPending(kind), () => this.#records.get(kind, key));
  }

  list<K extends Kind>(kind: K, selector: Selector = {}): Promise<readonly Versioned<Records[K]>[]> {
    return this.#commits.read(this.#records.isPending(kind), () => this.#records.list(kind, selector));
  }

  page<K extends Kind>(kind: K, selector: PageSelector): Promise<readonly Placed<Records[K]>[]> {
    return this.#commits.read(this.#records.isChanging(kind), () => this.#records.page(kind, selector));
  }

  writtenPage(kind: Kind, selector: PageSelector): Promise<WrittenPage> {
    return this.#commits.read(this.#records.isChanging(kind), () => this.#records.writtenPage(kind, selector));
  }

  async commit(changes: readonly Change[], events: readonly EventDraft[] = []): Promise<number> {
    if (changes.length + events.length === 0) return this.#events.last;
    await this.#commits
      .add(() => noticeOf(changes, this.#write(changes, events)))
      .catch((error: unknown) => failure(error, this.#parts.directory));
    return this.#events.last;
  }

  events(selector: EventSelector): Promise<readonly Event[]> {
    return this.#commits.read(this.#events.isPending, () => this.#events.after(selector));
  }

  recentEvents(selector: Omit<EventSelector, 'after'> & { readonly before?: number }): Promise<readonly Event[]> {
    return this.#commits.read(this.#events.isPending, () => this.#events.recent(selector));
  }

  firstEvent(): Promise<number> {
    return this.#commits.read(this.#events.isPending, () => this.#events.first());
  }

  forgetEvents(through: number, limit: number): Promise<number> {
    const { transactions, directory } = this.#parts;
    return attempt(() => transactions.run(() => this.#events.forget(through, limit)), directory);
  }

  subscribe(listener: (notice: Notice) => void): () => void {
    return this.#notices.subscribe(listener);
  }

  rotateKey(): Promise<void> {
    return attempt(() => {
      const { database, transactions, ring, meta } = this.#parts;
      const key = ring.prepare();
      // what was sealed with the old key is not to be found in freed pages or in the log either
      database.exec('PRAGMA secure_delete = ON');
      try {
        transactions.run(() => {
          this.secrets.reseal(key);
          this.audit.resign(key);
          this.requests.reseal(key);
          meta.rebind(key);
        });
        ring.replace(key);
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      } finally {
        database.exec('PRAGMA secure_delete = OFF');
      }
    }, this.#parts.directory);
  }

  backup(signal: AbortSignal): Promise<Backup> {
    return backUp(this.#parts, signal);
  }

  /** Closing twice is closing once. */
  async close(): Promise<void> {
    await this.#commits.finish();
    return attempt(() => this.#parts.resources[Symbol.dispose]());
  }

  #write(changes: readonly Change[], drafts: readonly EventDraft[]): readonly Event[] {
    for (const change of changes) this.#records.change(change);
    return this.#events.append(drafts, timestamp(this.#parts.clock));
  }
}
