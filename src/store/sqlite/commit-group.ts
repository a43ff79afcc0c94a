/**
 * Commits that come at nearly the same time, made durable together: the disk is waited for once for all of them. Each is still
 * all of it or nothing, in the order in which they came, and is answered when it is durable. What is read meanwhile is the
 * state before them: nobody acts on what may be gone after a failure of the power. While the disk is waited for, other work is
 * done and further commits gather; as long as the disk took last they gather at least, several times as long where many come.
 *
 *   idle -> gathering -> writing (within one turn) -> syncing -> idle, or gathering
 */
import type { DatabaseSync } from 'node:sqlite';
import { nextTurn } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import type { Notice } from '../store.ts';
import { attempt } from './attempt.ts';
import type { Transactions } from './transaction.ts';

/** Writes, and says what was written; null for what nobody is told of. */
type Write = () => Notice | null;

interface Waiting {
  readonly write: Write;
  resolve(): void;
  reject(error: unknown): void;
}

/** What became of one commit within the transaction. */
type Part = { readonly notice: Notice | null } | { readonly error: unknown };

/** Who holds a copy of what is written. */
interface Copy {
  /** What is written from here on can be undone by itself. */
  mark(): void;
  /** What was written since the mark was rolled back. */
  undo(): void;
  /** The transaction has ended: what was written is so from now on, or was never so. */
  ended(well: boolean): void;
}

/** What commits are made with. */
interface CommitGroupParts {
  readonly database: DatabaseSync;
  readonly transactions: Transactions;
  readonly copies: readonly Copy[];
  /** told of each commit once it is durable, in their order */
  readonly publish: (notice: Notice) => void;
  /** whether they are made together; each at once where there is no disk to wait for */
  readonly together: boolean;
  readonly clock: Clock;
}

/** The longest that a commit waits for others, milliseconds. */
const longestWaitMs = 20;
/** Where so many came together, many are on their way: the next ones wait for so many times as long as the disk took. */
const crowd = 12;
const crowdPatience = 4;

/** The commits of one connection. */
export class CommitGroup {
  readonly #parts: CommitGroupParts;
  #waiting: Waiting[] = [];
  /** Ends, well or not, when what was written is on disk and answered; null when nothing is on its way there. */
  #syncing: Promise<void> | null = null;
  /** before which none is begun, monotonic milliseconds */
  #notBefore = 0;

  constructor(parts: CommitGroupParts) {
    this.#parts = parts;
  }

  /** Durable when it resolves. */
  add(write: Write): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      if (!this.#parts.together) this.#flush();
      else if (this.#waiting.length === 1 && this.#syncing === null) this.#schedule();
    });
  }

  /**
   * Reads; where the database shows what is still on its way to the disk (`isPending`), once it is there. Rejects when something
   * never came there: what the database shows may never have been.
   */
  read<T>(isPending: boolean, act: () => T): Promise<T> {
    const surely = () => {
      this.#parts.transactions.refuseBroken();
      return act();
    };
    return isPending && this.#syncing !== null ? this.#syncing.then(() => attempt(surely)) : attempt(surely);
  }

  /** Writes what waits at once, and comes to its end when all of it is on disk. */
  async finish(): Promise<void> {
    while (this.#waiting.length > 0 || this.#syncing !== null) {
      this.#flush();
      await this.#syncing;
    }
  }

  #schedule(): void {
    const { clock } = this.#parts;
    const waitMs = this.#notBefore - clock.monotonic();
    if (waitMs > 0) clock.after(waitMs, () => this.#flush());
    else void nextTurn().then(() => this.#flush());
  }

  /** Commits what waits, now; what comes while the disk is waited for is committed behind that. */
  #flush(): void {
    if (this.#waiting.length === 0 || this.#syncing !== null) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    const began = this.#parts.clock.monotonic();
    try {
      const parts = this.#parts.transactions.unsynced(() =>
        waiting.length === 1
          ? waiting.map(({ write }) => ({ notice: write() }))
          : waiting.map((one) => this.#part(one)),
      );
      if (this.#parts.together) this.#syncing = this.#sync(waiting, parts, began);
      else this.#done(waiting, parts);
    } catch (error) {
      this.#failed(waiting, error);
    }
  }

  async #sync(waiting: readonly Waiting[], parts: readonly Part[], began: number): Promise<void> {
    try {
      await this.#parts.transactions.synced();
      const ended = this.#parts.clock.monotonic();
      const patience = waiting.length < crowd ? 1 : crowdPatience;
      this.#notBefore = ended + Math.min(longestWaitMs, patience * (ended - began));
      this.#syncing = null;
      this.#done(waiting, parts);
    } catch (error) {
      this.#syncing = null;
      this.#failed(waiting, error);
    }
    if (this.#waiting.length > 0) this.#schedule();
  }

  #done(waiting: readonly Waiting[], parts: readonly Part[]): void {
    this.#ended(true);
    parts.forEach((part, at) => this.#settle(waiting[at], part));
  }

  #failed(waiting: readonly Waiting[], error: unknown): void {
    this.#ended(false);
    for (const { reject } of waiting) reject(error);
  }

  #settle(waiting: Waiting | undefined, part: Part): void {
    if ('error' in part) {
      waiting?.reject(part.error);
      return;
    }
    if (part.notice !== null) this.#parts.publish(part.notice);
    waiting?.resolve();
  }

  #ended(well: boolean): void {
    for (const copy of this.#parts.copies) copy.ended(well);
  }

  /** One that fails is undone by itself; what ends the whole transaction, as a full disk does, is thrown. */
  #part({ write }: Waiting): Part {
    const { database, transactions, copies } = this.#parts;
    for (const copy of copies) copy.mark();
    try {
      return { notice: transactions.part(write) };
    } catch (error) {
      if (!database.isTransaction) throw error;
      for (const copy of copies) copy.undo();
      return { error };
    }
  }
}
