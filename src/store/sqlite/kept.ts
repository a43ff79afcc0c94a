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

/**
 * Some records by key, and as a list in the order of their keys, which is made when it is asked for: of the list before, and
 * what was changed since.
 */
class Shelf {
  readonly #records = new Map<string, Record>();
  #list: readonly Record[] = [];
  /** keys of what was put or removed since the list was made */
  readonly #changed = new Set<string>();

  get(key: string): Record | undefined {
    return this.#records.get(key);
  }

  put(record: Record): void {
    this.#records.set(record.key, record);
    this.#changed.add(record.key);
  }

  remove(key: string): void {
    if (this.#records.delete(key)) this.#changed.add(key);
  }

  /** Another one after each change, and the same one until then. */
  list(): readonly Record[] {
    if (this.#changed.size === 0) return this.#list;
    const changed = inOrder([...this.#changed]);
    this.#changed.clear();
    this.#list = this.#renewed(changed) ?? this.#remade(changed);
    return this.#list;
  }

  /** The list with other records in the places of those that were there already; null when some came or went. */
  #renewed(changed: readonly string[]): readonly Record[] | null {
    const list = this.#list.slice();
    for (const key of changed) {
      const record = this.#records.get(key);
      const at = placeOf(key, list);
      if (record === undefined || list[at]?.key !== key) return null;
      list[at] = record;
    }
    return list;
  }

  /** What has changed, merged into what has not. */
  #remade(changed: readonly string[]): readonly Record[] {
    const list: Record[] = [];
    let from = 0;
    for (const key of changed) {
      const at = placeOf(key, this.#list, from);
      for (; from < at; from += 1) list.push(this.#list[from] as Record);
      if (this.#list[from]?.key === key) from += 1;
      const record = this.#records.get(key);
      if (record !== undefined) list.push(record);
    }
    for (; from < this.#list.length; from += 1) list.push(this.#list[from] as Record);
    return list;
  }
}

/** Where a key is among records in order, or would be; not before `from`. */
function placeOf(key: string, list: readonly Record[], from = 0): number {
  let [low, high] = [from, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comesBefore(list[middle]?.key ?? '', key)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** As SQLite orders them, by UTF-8: code units are in that order where there are no surrogates, as in all names that users give. */
function comesBefore(one: string, other: string): boolean {
  if (!surrogates.test(one) && !surrogates.test(other)) return one < other;
  return Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0;
}

const surrogates = /[\ud800-\udfff]/;

function inOrder(keys: string[]): string[] {
  if (!keys.some((key) => surrogates.test(key))) return keys.sort();
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
