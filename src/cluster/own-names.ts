/**
 * The names by which we attach to nodes (I6). A name that a node has heard stays in its atom table for good, so there are
 * four of them in all and none is ever made up. A node takes two handshakes under one name at the same time for a quarrel and
 * ends one of them without a word: whoever of us wants to attach takes a name that nobody of us uses at that node.
 */
import { faultCodeOf } from '../base/fault.ts';

/** The names we go by. We do not listen: the host part resolves nowhere (RFC 2606, `.invalid`). */
export const ownNames = [
  'wombat-0@control.invalid',
  'wombat-1@control.invalid',
  'wombat-2@control.invalid',
  'wombat-3@control.invalid',
] as const;

/** Something that stands until it is closed. */
export interface Attached {
  onClose(listener: () => void): void;
}

/** Which of the names are in use at which node, by us. */
export class NamesInUse {
  readonly all: readonly string[];
  readonly #used = new Map<string, Set<string>>();

  constructor(all: readonly string[]) {
    this.all = all;
  }

  /**
   * Attaches under the first name that nobody of us uses at the node, and that the node lets in: the next is tried where it
   * says that the name is taken. The name is ours until the connection has ended. Undefined when none is left.
   */
  async attach<T extends Attached>(nodeId: string, connect: (name: string) => Promise<T>): Promise<T | undefined> {
    for (const name of this.all) {
      if (!this.#take(nodeId, name)) continue;
      try {
        const attached = await connect(name);
        attached.onClose(() => this.#give(nodeId, name));
        return attached;
      } catch (error) {
        this.#give(nodeId, name);
        if (faultCodeOf(error) !== 'conflict') throw error;
      }
    }
    return undefined;
  }

  /** Takes a name at a node; false when one of us has it already. */
  #take(nodeId: string, name: string): boolean {
    const used = this.#used.get(nodeId) ?? new Set();
    if (used.has(name)) return false;
    this.#used.set(nodeId, used.add(name));
    return true;
  }

  /** Gives it back. */
  #give(nodeId: string, name: string): void {
    const used = this.#used.get(nodeId);
    used?.delete(name);
    if (used?.size === 0) this.#used.delete(nodeId);
  }
}
