/** Values of records, parsed once. */
import type { Kind, Records, Versioned } from './store.ts';

/** A record as it is kept. */
export interface Row {
  readonly key: string;
  readonly version: number;
  readonly value: string;
  /** what tells two values of one version apart, where versions may have started over unheard */
  readonly stamp?: string;
}

const decodedMax = 50_000;

/**
 * Values that were parsed before: the loops read the same records over and over, and a version is never given to two
 * values of one record while it is there. What is removed is forgotten, because its versions start over. Callers share
 * what they get and must not change it.
 */
export class Decoded {
  readonly #known = new Map<string, { readonly read: Versioned<Records[Kind]>; readonly stamp: string | undefined }>();

  of<K extends Kind>(kind: K, row: Row): Versioned<Records[K]> {
    const name = `${kind} ${row.key}`;
    const known = this.#known.get(name);
    if (known?.read.version === row.version && known.stamp === row.stamp) return known.read as Versioned<Records[K]>;
    const read = { key: row.key, version: row.version, value: JSON.parse(row.value) as Records[K] };
    if (this.#known.size >= decodedMax) this.#known.clear();
    this.#known.set(name, { read, stamp: row.stamp });
    return read;
  }

  forget(kind: Kind, key: string): void {
    this.#known.delete(`${kind} ${key}`);
  }
}
