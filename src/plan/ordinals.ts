/** Ordinals: the number in a node's name. Never used twice in a family, and never one that makes a name that is taken. */
import type { Node } from '../model/node.ts';

/** The first free ordinal of a family: behind the one on record, and behind every node there is. */
export function nextOrdinal(blueprint: string, family: string, recorded: number, nodes: readonly Node[]): number {
  return nodes.reduce(
    (next, node) => (node.blueprint === blueprint && node.family === family ? Math.max(next, node.ordinal + 1) : next),
    recorded,
  );
}

/** Gives out the ordinals of one family. */
export class Ordinals {
  #next: number;
  readonly #taken: ReadonlySet<string>;

  /** `taken` are the names of nodes of other blueprints. */
  constructor(first: number, taken: ReadonlySet<string>) {
    this.#next = first;
    this.#taken = taken;
  }

  /** The ordinal that `kept` has, or else the next one; `skipped` are the names that others have. */
  next(
    nameOf: (ordinal: number) => string,
    kept: Pick<Node, 'ordinal'> | null,
  ): { readonly ordinal: number; readonly skipped: readonly string[] } {
    const skipped: string[] = [];
    let ordinal = kept?.ordinal ?? this.#next++;
    while (this.#taken.has(nameOf(ordinal))) {
      skipped.push(nameOf(ordinal));
      ordinal = this.#next++;
    }
    return { ordinal, skipped };
  }
}
