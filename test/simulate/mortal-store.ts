/**
 * The store as a life of the control plane sees it: the real one, over a database that outlives every life. A life that
 * begins opens it anew, so that nothing is remembered but what was written.
 */
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { Fault } from '../../src/base/fault.ts';
import type { EventDraft } from '../../src/model/event.ts';
import type { Random } from '../../src/base/random.ts';
import { newId } from '../../src/base/random.ts';
import { keyRingInMemory } from '../../src/store/key-ring.ts';
import type { KeyRing } from '../../src/store/key-ring.ts';
import { Meta } from '../../src/store/sqlite/meta.ts';
import { migrate } from '../../src/store/sqlite/schema.ts';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { Statements } from '../../src/store/sqlite/statements.ts';
import { Transactions } from '../../src/store/sqlite/transaction.ts';
import type { Change, Kind, Notice, PageSelector, Store } from '../../src/store/store.ts';
import { clockOf } from './timeline.ts';
import { HeldSecrets } from './login-keys.ts';
import type { Life, Lives } from './life.ts';

/** A record as it lies on the disk. */
interface StoredRow {
  readonly version: number;
  readonly value: string;
}

/** A disk on which a store lies. */
export class Disk {
  readonly owner: string;
  /** the secrets that lie on it */
  readonly held = new HeldSecrets();
  readonly #database = new DatabaseSync(':memory:');
  readonly #row: StatementSync;
  readonly #ring: KeyRing;
  readonly #lives: Lives;
  /** the one that lies on it now: the store holds in memory what is on its disk, so that there is one at a time */
  #store: SqliteStore | null = null;

  constructor(lives: Lives, chance: Random) {
    this.#lives = lives;
    this.owner = newId(chance, 'wombat');
    migrate(this.#database);
    this.#row = this.#database.prepare('SELECT version, value FROM record WHERE kind = ? AND key = ?');
    this.#ring = keyRingInMemory();
    new Meta(new Statements(this.#database)).bind(this.#ring.key);
  }

  /** The store, opened anew. */
  open(): Store {
    const { timeline } = this.#lives;
    const statements = new Statements(this.#database);
    this.#store = new SqliteStore({
      database: this.#database,
      statements,
      transactions: new Transactions(this.#database),
      meta: new Meta(statements),
      directory: '/nowhere',
      clock: clockOf(timeline, () => false),
      ring: this.#ring,
      owner: this.owner,
      isDurable: false,
      resources: { [Symbol.dispose]: () => undefined },
    });
    return this.#store;
  }

  /** The store as it is opened at the moment. */
  get store(): Store {
    return this.#store ?? this.open();
  }

  /** The rows of those records, as they lie there: not what the store holds of them in memory. */
  rows(changes: readonly Change[]): readonly (StoredRow | undefined)[] {
    return changes.map((change) => {
      const found = this.#row.get('put' in change ? change.put : change.remove, change.key);
      return found === undefined ? undefined : { version: Number(found['version']), value: String(found['value']) };
    });
  }

  /** All text that lies on it, sealed values left out. */
  text(): string {
    const rows = ['record', 'event', 'audit'].flatMap((table) =>
      this.#database.prepare(`SELECT value FROM ${table}`).all(),
    );
    return rows.map(({ value }) => String(value)).join('\n');
  }
}

/** What is told of writes: before they are tried, and when they were made. */
export interface StoreWitness {
  committing(changes: readonly Change[], events: readonly EventDraft[]): void;
  committed(changes: readonly Change[]): void;
  /** a commit did not do what it said */
  broken(words: string): void;
  sealed(name: string, value: string): void;
  /** a secret is about to go */
  forgetting(name: string): void;
}

type Way = <T>(act: () => Promise<T>) => Promise<T>;

/** What lies between a control plane and its store. */
export interface Road {
  /** whether it takes time: a network, not a file */
  isFar(): boolean;
  /** how long the next way takes then, milliseconds */
  slowMs(): number;
  /** whether nothing arrives there */
  isCut(): boolean;
}

/** The way there and back, each as long as it happens to be. */
function over(life: Life, road: Road): Way {
  return wayOf(road, async (act) => {
    await passed(life, road, 1);
    if (road.isCut()) throw unanswered();
    const answer = await act();
    await passed(life, road, 1);
    return answer;
  });
}

/** What only reads is as old as its way back is long: the way there tells nothing more. */
function answeredOver(life: Life, road: Road): Way {
  return wayOf(road, async (act) => {
    if (road.isCut()) throw unanswered();
    const answer = await act();
    await passed(life, road, 2);
    return answer;
  });
}

/** A file is asked at once. */
function wayOf({ isFar, isCut }: Road, far: Way): Way {
  return (act) => (isFar() || isCut() ? far(act) : act());
}

async function passed({ timeline }: Life, { isFar, slowMs }: Road, times: number): Promise<void> {
  if (isFar()) await timeline.pause(times * slowMs());
}

function unanswered(): Fault {
  return new Fault('unavailable', 'the database does not answer');
}

/** The store within a life: writes are crossings, and a dead life hears of nothing any more. */
export function mortalStore(disk: Disk, life: Life, witness: StoreWitness, road: Road): Store {
  const store = disk.open();
  const away = over(life, road);
  const asked = answeredOver(life, road);
  let commits = 0;
  const { secrets } = store;
  const seen: Partial<Store> = {
    get: (kind, key) => life.look(() => asked(() => store.get(kind, key))),
    list: <K extends Kind>(kind: K, selector = {}) => life.look(() => asked(() => store.list(kind, selector))),
    page: <K extends Kind>(kind: K, selector: PageSelector) => life.look(() => store.page(kind, selector)),
    events: (selector) => life.look(() => store.events(selector)),
    recentEvents: (selector) => life.look(() => store.recentEvents(selector)),
    commit: (changes, events = []) =>
      life.cross(commitWords(changes, events), () =>
        away(async () => {
          witness.committing(changes, events);
          // what was sent arrives, also when its sender is dead
          const { answer, check } = committed(disk, changes, events);
          const isRepeated = (commits += 1) % repeatedEvery === 0;
          const again = isRepeated ? repeated(disk, changes) : null;
          const wrong = (await check) ?? (await again);
          if (wrong !== null) witness.broken(wrong);
          const sequence = await answer;
          witness.committed(changes);
          return sequence;
        }),
      ),
    subscribe: (listener) =>
      store.subscribe((notice: Notice) => {
        if (!life.isDead) listener(notice);
      }),
    secrets: {
      get: (name) => life.look(() => secrets.get(name)),
      has: (name) => life.look(() => secrets.has(name)),
      names: () => life.look(() => secrets.names()),
      remove: (name) =>
        life.cross(`secret - ${name}`, () => {
          witness.forgetting(name);
          disk.held.remove(name);
          return secrets.remove(name);
        }),
      put: (name, value) =>
        life.cross(`secret + ${name}`, () => {
          witness.sealed(name, value);
          disk.held.put(name, value);
          return secrets.put(name, value);
        }),
    },
    close: () => Promise.resolve(),
  };
  // whatever else a store can do is done as it is
  return Object.setPrototypeOf(seen, store) as Store;
}

/**
 * A commit, and what is wrong with it: it is acknowledged when every record is of the version that it expects, and then all of
 * it lies on the disk and is read so; else it is refused, and nothing of it lies there. The store does what it is asked at
 * once, so that nobody comes in between.
 */
function committed(disk: Disk, changes: readonly Change[], events: readonly EventDraft[]) {
  const { store } = disk;
  const before = disk.rows(changes);
  const answer = store.commit(changes, events);
  const after = disk.rows(changes);
  const stale = changes.find(({ expect }, at) => expect !== null && expect !== (before[at]?.version ?? 0));
  const read = Promise.all(
    changes.map((change) => store.get('put' in change ? change.put : change.remove, change.key)),
  );
  const check = answer.then(
    async () => {
      if (stale !== undefined) return `a commit was acknowledged, and ${stale.key} was of another version`;
      const found = await read;
      const at = changes.findIndex((change, index) => !isDone(change, after[index], found[index]));
      return at < 0 ? null : `a commit was acknowledged, and ${changes[at]?.key ?? ''} is not as it says`;
    },
    () => {
      if (stale === undefined) return 'a commit was refused, and every record was of the version that it expects';
      const at = changes.findIndex((_, index) => before[index]?.version !== after[index]?.version);
      return at < 0 ? null : `a commit was refused, and ${changes[at]?.key ?? ''} was written`;
    },
  );
  return { answer, check };
}

function isDone(change: Change, row: StoredRow | undefined, read: { readonly value: unknown } | undefined): boolean {
  if (!('put' in change)) return row === undefined && read === undefined;
  const written = JSON.stringify(change.value);
  return row?.value === written && JSON.stringify(read?.value) === written;
}

/** Every so many commits one is sent a second time, as by somebody who was paused and goes on. */
const repeatedEvery = 8;

/**
 * A commit that was made comes once more, behind a write that would be well by itself; what is wrong with what becomes of
 * that. One that expects no version cannot be told from a new one, and is left out.
 */
async function repeated(disk: Disk, changes: readonly Change[]): Promise<string | null> {
  const isStale = changes.some((change) => change.expect !== null && ('put' in change || change.expect > 0));
  const [release] = isStale ? await disk.store.list('release') : [];
  if (release === undefined || changes.some(({ key }) => key === release.key)) return null;
  const well = { put: 'release', key: release.key, value: release.value, expect: release.version } as const;
  const { answer, check } = committed(disk, [well, ...changes], []);
  answer.catch(() => undefined);
  return check;
}

function commitWords(changes: readonly Change[], events: readonly { object: string; what: string; words: string }[]) {
  const written = changes.map((change) =>
    'put' in change ? `${change.put} ${change.key}${phaseOf(change.value)}` : `-${change.remove} ${change.key}`,
  );
  return `commit ${written.join(', ')}${events.map(({ object, what, words }) => ` [${object} ${what}: ${words}]`).join('')}`;
}

function phaseOf(value: object): string {
  if (!('state' in value) || typeof value.state !== 'object' || value.state === null) return '';
  return 'phase' in value.state ? ` ${String(value.state.phase)}` : '';
}
