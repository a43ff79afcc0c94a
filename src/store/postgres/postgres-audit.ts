/** The audit log in PostgreSQL: the same chain as in the embedded store; see audit-chain.ts for what it shows and what it cannot. */
import { timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import type { AuditDraft, AuditEntry, AuditVerdict } from '../../model/access.ts';
import { beginning, checkChain, endOf, keptEnd, linksAfter } from '../audit-chain.ts';
import type { End } from '../audit-chain.ts';
import { AuditQueue } from '../audit-queue.ts';
import type { KeyRing } from '../key-ring.ts';
import type { AuditLog, AuditSelector } from '../store.ts';
import type { Session, Value } from './database.ts';
import { metaOf, setMeta } from './meta.ts';
import type { Writer } from './writer.ts';

/** What the audit log needs. */
export interface PostgresAuditParts {
  readonly writer: Writer;
  readonly clock: Clock;
  readonly ring: KeyRing;
}

/** The audit table. Whatever is appended within one turn of the event loop shares one commit. */
export class PostgresAudit implements AuditLog {
  readonly #parts: PostgresAuditParts;
  readonly #queue = new AuditQueue((drafts) => this.#keepAll(drafts));
  #end: End = beginning;

  constructor(parts: PostgresAuditParts) {
    this.#parts = parts;
  }

  /** Reads where the chain stands: at first, and whenever a commit's answer may have been lost. */
  async recall(): Promise<void> {
    const { writer, ring } = this.#parts;
    this.#end = endOf(ring.key, await metaOf(writer.database, 'audit'), await this.#newest());
  }

  /** Signs the end with another key; one that is not ours stays so. Within the caller's transaction. */
  async resign(session: Session, key: Uint8Array): Promise<void> {
    if (this.#end.sequence > 0) await setMeta(session, 'audit', keptEnd(key, this.#end));
  }

  append(draft: AuditDraft): Promise<void> {
    return this.#queue.append(draft);
  }

  async recent({ limit, blueprints, before = Number.MAX_SAFE_INTEGER }: AuditSelector): Promise<readonly AuditEntry[]> {
    const where = blueprints === undefined ? '' : ' AND blueprint = ANY($3::text[])';
    const values: Value[] = [before, limit, ...(blueprints === undefined ? [] : [blueprints])];
    const text = `SELECT value FROM audit WHERE sequence < $1${where} ORDER BY sequence DESC LIMIT $2`;
    const rows = await this.#parts.writer.database.query(text, values);
    return rows.map((row) => JSON.parse(String(row['value'])) as AuditEntry).reverse();
  }

  verify(): Promise<AuditVerdict> {
    const text =
      'SELECT sequence, value, hash FROM audit WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3';
    return checkChain({
      end: () => this.#end,
      rows: (after, until, limit) => this.#parts.writer.database.query(text, [after, until, limit]),
      newest: () => this.#newest(),
    });
  }

  async #keepAll(drafts: readonly AuditDraft[]): Promise<void> {
    await this.#parts.writer.write(
      (session) => this.#write(session, drafts),
      (end) => (this.#end = end),
    );
  }

  async #write(session: Session, drafts: readonly AuditDraft[]): Promise<End> {
    const { clock, ring } = this.#parts;
    const { links, end } = linksAfter(this.#end, drafts, timestamp(clock));
    for (const { sequence, blueprint, value, hash } of links)
      await session.query(putLink, [sequence, blueprint, value, hash]);
    await setMeta(session, 'audit', keptEnd(ring.key, end));
    return end;
  }

  async #newest(): Promise<number> {
    const [row] = await this.#parts.writer.database.query('SELECT max(sequence) AS newest FROM audit');
    return Number(row?.['newest'] ?? 0);
  }
}

// what stands behind the end is not ours, and must not keep us from going on
const putLink = `INSERT INTO audit (sequence, blueprint, value, hash) VALUES ($1, $2, $3, $4)
  ON CONFLICT (sequence) DO UPDATE SET blueprint = excluded.blueprint, value = excluded.value, hash = excluded.hash`;
