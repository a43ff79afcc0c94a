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
import { timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import type { AuditDraft, AuditEntry, AuditVerdict } from '../../model/access.ts';
import { checkChain, endOf, keptEnd, linksAfter } from '../audit-chain.ts';
import type { End } from '../audit-chain.ts';
import { AuditQueue } from '../audit-queue.ts';
import type { AuditLog, AuditSelector } from '../store.ts';
import { attempt } from './attempt.ts';
import type { KeyRing } from '../key-ring.ts';
import type { Statements } from './statements.ts';
import type { Transactions } from './transaction.ts';

/** What the audit log of one connection needs. */
export interface SqliteAuditParts {
  readonly statements: Statements;
  readonly transactions: Transactions;
  readonly clock: Clock;
  readonly ring: KeyRing;
  /** where it is kept */
  readonly directory: string;
}

/** The audit table of one connection. */
export class SqliteAudit implements AuditLog {
  readonly #parts: SqliteAuditParts;
  readonly #queue = new AuditQueue((drafts) => this.#keepAll(drafts));
  #end: End;

  constructor(parts: SqliteAuditParts) {
    this.#parts = parts;
    this.#end = this.#endOnRecord();
  }

  append(draft: AuditDraft): Promise<void> {
    return this.#queue.append(draft);
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

  verify(): Promise<AuditVerdict> {
    const text =
      'SELECT sequence, value, hash FROM audit WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?';
    return checkChain({
      end: () => this.#end,
      rows: (after, until, limit) => attempt(() => this.#parts.statements.of(text).all(after, until, limit)),
      newest: () => attempt(() => this.#newest()),
    });
  }

  #keepAll(drafts: readonly AuditDraft[]): Promise<void> {
    return attempt(() => {
      this.#end = this.#parts.transactions.run(() => this.#write(drafts));
    }, this.#parts.directory);
  }

  #write(drafts: readonly AuditDraft[]): End {
    const { statements, clock, ring } = this.#parts;
    const at = timestamp(clock);
    // what stands behind the end is not ours, and must not keep us from going on
    const insert = statements.of('INSERT OR REPLACE INTO audit (sequence, blueprint, value, hash) VALUES (?, ?, ?, ?)');
    const { links, end } = linksAfter(this.#end, drafts, at);
    for (const { sequence, blueprint, value, hash } of links) insert.run(sequence, blueprint, value, hash);
    this.#keep(end, ring.key);
    return end;
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
