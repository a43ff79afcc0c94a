/**
 * The names by which we attach to nodes (I6). A name that a node has heard stays in its atom table for good, so there are
 * four of them in all and none is ever made up. A node takes two handshakes under one name at the same time for a quarrel and
 * ends one of them without a word: whoever of us wants to attach takes a name that nobody of us uses at that node.
 */

/** The names we go by. We do not listen: the host part resolves nowhere (RFC 2606, `.invalid`). */
export const ownNames = [
  'wombat-0@control.invalid',
  'wombat-1@control.invalid',
  'wombat-2@control.invalid',
  'wombat-3@control.invalid',
] as const;

/** Which of the names are in use at which node, by us. */
export class NamesInUse {
  readonly all: readonly string[];
  readonly #used = new Map<string, Set<string>>();

  constructor(all: readonly string[]) {
    this.all = all;
  }

  /** Takes a name at a node; false when one of us has it already. */
  take(nodeId: string, name: string): boolean {
    const used = this.#used.get(nodeId) ?? new Set();
    if (used.has(name)) return false;
    this.#used.set(nodeId, used.add(name));
    return true;
  }

  /** Gives it back. */
  give(nodeId: string, name: string): void {
    const used = this.#used.get(nodeId);
    used?.delete(name);
    if (used?.size === 0) this.#used.delete(nodeId);
  }
}
