/**
 * Records held in memory beside the database, for kinds that the loops read over and over. The lock makes this process the
 * only one that writes, so what is held is what is there: it is changed when a commit has ended well, and never before.
 */
import { blueprintOf } from '../blueprint-of.ts';
import type { Row } from '../decoded.ts';
import type { Change, Kind, Records, Selector, Versioned } from '../store.ts';

type Record = Versioned<Records[Kind]>;

/** Kinds that are held. Plans are large and revisions many; both are read by key. */
const heldKinds: ReadonlySet<Kind> = new Set([
  'node',
  'run',
  'machine',
  'blueprint',
  'provider',
  'domain',
  'release',
  'proof',
  'rollout',
  'quarantine',
  'rotation',
  'operation',
]);

/** Whether records of that kind are held. */
export function isHeld(kind: Kind): boolean {
  return heldKinds.has(kind);
}

/** Some records by key, and as a list in the order of their keys, which is made when it is asked for. */
class Shelf {
  readonly #records = new Map<string, Record>();
  /** in order; null while a key was added or removed since */
  #keys: string[] | null = null;
  #list: readonly Record[] | null = null;

  get(key: string): Record | undefined {
    return this.#records.get(key);
  }

  put(record: Record): void {
    if (!this.#records.has(record.key)) this.#keys = null;
    this.#records.set(record.key, record);
    this.#list = null;
  }

  remove(key: string): void {
    if (!this.#records.delete(key)) return;
    this.#keys = null;
    this.#list = null;
  }

  list(): readonly Record[] {
    this.#keys ??= inOrder([...this.#records.keys()]);
    this.#list ??= this.#keys.map((key) => this.#records.get(key) as Record);
    return this.#list;
  }
}

/** As SQLite orders them, by UTF-8: code units are in that order where there are no surrogates, as in all names that users give. */
function inOrder(keys: string[]): string[] {
  if (!keys.some((key) => /[\ud800-\udfff]/.test(key))) return keys.sort();
  return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

const none: readonly Record[] = [];

/** The records of one kind. */
export class Kept {
  readonly #all = new Shelf();
  readonly #ofBlueprints = new Map<string, Shelf>();
  /** the blueprint of each record by its key, where it has one */
  readonly #blueprints = new Map<string, string>();
  readonly #kind: Kind;

  constructor(kind: Kind, rows: readonly Row[]) {
    this.#kind = kind;
    for (const { key, version, value } of rows) this.#put({ key, version, value: JSON.parse(value) as Records[Kind] });
  }

  get(key: string): Record | undefined {
    return this.#all.get(key);
  }

  /** In the order of their keys. The list is shared: nobody may change it. */
  list({ blueprint, keyPrefix }: Selector): readonly Record[] {
    const found = blueprint === undefined ? this.#all.list() : (this.#ofBlueprints.get(blueprint)?.list() ?? none);
    return keyPrefix === undefined ? found : found.filter(({ key }) => key.startsWith(keyPrefix));
  }

  /** A change that has been committed; `text` is what was written. */
  apply(change: Change, text: string): void {
    if ('put' in change) {
      const version = (this.#all.get(change.key)?.version ?? 0) + 1;
      this.#put({ key: change.key, version, value: JSON.parse(text) as Records[Kind] });
    } else this.#remove(change.key);
  }

  #put(record: Record): void {
    const blueprint = blueprintOf(this.#kind, record.value as never);
    const before = this.#blueprints.get(record.key);
    if (before !== undefined && before !== blueprint) this.#ofBlueprints.get(before)?.remove(record.key);
    this.#all.put(record);
    if (blueprint === null) return void this.#blueprints.delete(record.key);
    this.#blueprints.set(record.key, blueprint);
    const shelf = this.#ofBlueprints.get(blueprint) ?? new Shelf();
    this.#ofBlueprints.set(blueprint, shelf);
    shelf.put(record);
  }

  #remove(key: string): void {
    const blueprint = this.#blueprints.get(key);
    this.#all.remove(key);
    this.#blueprints.delete(key);
    if (blueprint !== undefined) this.#ofBlueprints.get(blueprint)?.remove(key);
  }
}
