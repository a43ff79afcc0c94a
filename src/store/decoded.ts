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

interface Known {
  readonly read: Versioned<Records[Kind]>;
  readonly stamp: string | undefined;
  /** of what was parsed, characters */
  readonly size: number;
}

/**
 * Values that were parsed before: the loops read the same records over and over, and a version is never given to two
 * values of one record while it is there. What is removed is forgotten, because its versions start over. Callers share
 * what they get and must not change it.
 *
 * There is room for a number of characters. Half of it is filled, then becomes the former half, of which only what is read again
 * is kept: who goes through all that there ever was drives out what nobody reads any more, and little else.
 */
export class Decoded {
  readonly #half: number;
  #known = new Map<string, Known>();
  #former = new Map<string, Known>();
  #size = 0;

  /** @param room characters of what was parsed */
  constructor(room: number) {
    this.#half = room / 2;
  }

  of<K extends Kind>(kind: K, row: Row): Versioned<Records[K]> {
    const name = `${kind} ${row.key}`;
    const young = this.#known.get(name);
    const known = young ?? this.#former.get(name);
    if (known?.read.version === row.version && known.stamp === row.stamp) {
      if (young === undefined) this.#keep(name, known);
      return known.read as Versioned<Records[K]>;
    }
    const read = { key: row.key, version: row.version, value: JSON.parse(row.value) as Records[K] };
    this.#keep(name, { read, stamp: row.stamp, size: row.value.length });
    return read;
  }

  forget(kind: Kind, key: string): void {
    const name = `${kind} ${key}`;
    this.#size -= this.#known.get(name)?.size ?? 0;
    this.#known.delete(name);
    this.#former.delete(name);
  }

  /** What is larger than the room is read again each time. */
  #keep(name: string, known: Known): void {
    if (known.size > this.#half) return;
    this.#size += known.size - (this.#known.get(name)?.size ?? 0);
    this.#known.set(name, known);
    this.#former.delete(name);
    if (this.#size <= this.#half) return;
    this.#former = this.#known;
    this.#known = new Map();
    this.#size = 0;
  }
}
