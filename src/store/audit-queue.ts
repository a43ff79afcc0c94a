/** Entries of the audit log on their way to be kept: whatever is appended within one turn of the event loop shares one commit. */
import { nextTurn } from '../base/clock.ts';
import type { AuditDraft } from '../model/access.ts';

interface Waiting {
  readonly draft: AuditDraft;
  resolve(): void;
  reject(error: unknown): void;
}

/** What is appended and not kept yet. */
export class AuditQueue {
  readonly #keep: (drafts: readonly AuditDraft[]) => Promise<void>;
  #waiting: Waiting[] = [];

  /** `keep` makes entries durable, all of them or none. */
  constructor(keep: (drafts: readonly AuditDraft[]) => Promise<void>) {
    this.#keep = keep;
  }

  /** Durable when it resolves. */
  append(draft: AuditDraft): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) void nextTurn().then(() => this.#flush());
      this.#waiting.push({ draft, resolve, reject });
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#keep(waiting.map(({ draft }) => draft)).then(
      () => waiting.forEach(({ resolve }) => resolve()),
      (error: unknown) => waiting.forEach(({ reject }) => reject(error)),
    );
  }
}
