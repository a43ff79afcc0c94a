/**
 * The audit log in SQLite: a chain. Each entry's hash is SHA-256 of the former entry's hash and its own text, so that
 * whoever changes, removes or moves one breaks every hash behind it.
 *
 * The end of the chain (number and hash) is kept beside it under an HMAC of the store's key, which is not in the
 * database: removing the newest entries shows, and so does a chain that was computed anew by somebody who has the
 * database only. The end that is known goes on in memory; one that is missing or not ours when the store opens is never
 * made good again: the next entry follows nothing, and the check stops there for ever. What this cannot show: a log that
 * was emptied whole together with its end before anything else was written; the hash of the end, written down elsewhere,
 * shows that too.
 *
 * Appending is on disk when it resolves. Whatever is appended within one turn of the event loop shares one commit.
 */
import type { DatabaseSync } from 'node:sqlite';
import { nextTurn, timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import type { AuditDraft, AuditEntry, AuditVerdict } from '../../model/access.ts';
import { beginning, endOf, follow, keptEnd, linksAfter, verdict } from '../audit-chain.ts';
import type { End } from '../audit-chain.ts';
import type { AuditLog, AuditSelector } from '../store.ts';
import { attempt } from './attempt.ts';
import type { KeyRing } from '../key-ring.ts';
import type { Statements } from './statements.ts';
import { transaction } from './transaction.ts';

/** Entries that are checked in one turn of the event loop. */
const batch = 1000;

interface Waiting {
  readonly draft: AuditDraft;
  resolve(): void;
  reject(error: unknown): void;
}

/** What the audit log of one connection needs. */
export interface SqliteAuditParts {
  readonly database: DatabaseSync;
  readonly statements: Statements;
  readonly clock: Clock;
  readonly ring: KeyRing;
  /** where it is kept */
  readonly directory: string;
}

/** The audit table of one connection. */
export class SqliteAudit implements AuditLog {
  readonly #parts: SqliteAuditParts;
  #end: End;
  #waiting: Waiting[] = [];

  constructor(parts: SqliteAuditParts) {
    this.#parts = parts;
    this.#end = this.#endOnRecord();
  }

  append(draft: AuditDraft): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) void nextTurn().then(() => this.#flush());
      this.#waiting.push({ draft, resolve, reject });
    });
  }

  recent({ limit, blueprints, before = Number.MAX_SAFE_INTEGER }: AuditSelector): Promise<readonly AuditEntry[]> {
    return attempt(() => {
      const where = blueprints === undefined ? '' : ' AND blueprint IN (SELECT value FROM json_each(?))';
      const values = blueprints === undefined ? [] : [JSON.stringify(blueprints)];
      const text = `SELECT value FROM audit WHERE sequence < ?${where} ORDER BY sequence DESC LIMIT ?`;
      const rows = this.#parts.statements.of(text).all(before, ...values, limit);
      return rows.map(({ value }) => JSON.parse(value as string) as AuditEntry).reverse();
    });
  }

  async verify(): Promise<AuditVerdict> {
    const end = this.#end;
    let last = beginning;
    while (last.sequence < end.sequence) {
      const from = last;
      const { reached, words } = await attempt(() => this.#follow(from, end.sequence));
      if (words !== null) return verdict(reached, { sequence: reached.sequence + 1, words });
      last = reached;
      await nextTurn();
    }
    const added = this.#newest();
    if (added > this.#end.sequence)
      return verdict(last, { sequence: added, words: `entry ${added} was not written here` });
    if (last.hash === end.hash) return verdict(last, null);
    return verdict(last, { sequence: last.sequence, words: 'the end of the log was changed or removed' });
  }

  /** Goes on for a batch, and says what stopped it. */
  #follow(from: End, until: number): { reached: End; words: string | null } {
    const text =
      'SELECT sequence, value, hash FROM audit WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?';
    const rows = this.#parts.statements.of(text).all(from.sequence, until, batch);
    const { reached, words } = follow(from, rows.map(asLink));
    if (words !== null || reached.sequence === until || rows.length === batch) return { reached, words };
    return { reached, words: `entry ${reached.sequence + 1} is not there` };
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const written = attempt(() => {
      this.#end = transaction(this.#parts.database, () => this.#write(waiting.map(({ draft }) => draft)));
    }, this.#parts.directory);
    written.then(
      () => waiting.forEach(({ resolve }) => resolve()),
      (error: unknown) => waiting.forEach(({ reject }) => reject(error)),
    );
  }

  #write(drafts: readonly AuditDraft[]): End {
    const { statements, clock, ring } = this.#parts;
    const at = timestamp(clock);
    // what stands behind the end is not ours, and must not keep us from going on
    const insert = statements.of('INSERT OR REPLACE INTO audit (sequence, blueprint, value, hash) VALUES (?, ?, ?, ?)');
    const links = linksAfter(this.#end, drafts, at);
    for (const { sequence, blueprint, value, hash } of links) insert.run(sequence, blueprint, value, hash);
    const end = links.at(-1) ?? this.#end;
    this.#keep(end, ring.key);
    return { sequence: end.sequence, hash: end.hash };
  }

  /** Signs the end with another key; one that is not ours stays so. Within the caller's transaction. */
  resign(key: Uint8Array): void {
    if (this.#end.sequence > 0) this.#keep(this.#end, key);
  }

  #keep(end: End, key: Uint8Array): void {
    this.#parts.statements.of(putEnd).run(keptEnd(key, end));
  }

  #newest(): number {
    const text = 'SELECT max(sequence) AS newest FROM audit';
    return Number(this.#parts.statements.of(text).get()?.['newest'] ?? 0);
  }

  #endOnRecord(): End {
    const { statements, ring } = this.#parts;
    const kept = statements.of("SELECT value FROM meta WHERE name = 'audit'").get()?.['value'];
    return endOf(ring.key, kept, this.#newest());
  }
}

const putEnd =
  "INSERT INTO meta (name, value) VALUES ('audit', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

function asLink(row: Record<string, unknown>) {
  return { sequence: Number(row['sequence']), value: String(row['value']), hash: String(row['hash']) };
}
