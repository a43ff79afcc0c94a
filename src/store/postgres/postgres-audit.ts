/** The audit log in PostgreSQL: the same chain as in the embedded store; see audit-chain.ts for what it shows and what it cannot. */
import { timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import type { AuditDraft, AuditEntry, AuditVerdict } from '../../model/access.ts';
import { checkChain, endOf, keptEnd, linksAfter } from '../audit-chain.ts';
import type { End } from '../audit-chain.ts';
import { AuditQueue } from '../audit-queue.ts';
import type { KeyRing } from '../key-ring.ts';
import type { AuditLog, AuditSelector } from '../store.ts';
import type { Session, Value } from './database.ts';
import { setMeta } from './meta.ts';
import type { Standing, Writer } from './writer.ts';

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

  constructor(parts: PostgresAuditParts) {
    this.#parts = parts;
  }

  /** Signs the end with another key; one that is not ours stays so. Within the caller's transaction. */
  async resign(session: Session, key: Uint8Array, standing: Standing): Promise<void> {
    const end = endAt(this.#parts.ring.key, standing);
    if (end.sequence > 0) await setMeta(session, 'audit', keptEnd(key, end));
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

  async verify(): Promise<AuditVerdict> {
    const { database } = this.#parts.writer;
    const text =
      'SELECT sequence, value, hash FROM audit WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3';
    let known = await this.#now();
    return checkChain({
      end: () => known.end,
      rows: (after, until, limit) => database.query(text, [after, until, limit]),
      newest: async () => (known = await this.#now()).newest,
    });
  }

  async #keepAll(drafts: readonly AuditDraft[]): Promise<void> {
    await this.#parts.writer.write((session, standing) => this.#write(session, drafts, standing));
  }

  async #write(session: Session, drafts: readonly AuditDraft[], standing: Standing): Promise<void> {
    const { clock, ring } = this.#parts;
    const { links, end } = linksAfter(endAt(ring.key, standing), drafts, timestamp(clock));
    await session.query(putLinks, [
      links.map(({ sequence }) => sequence),
      links.map(({ blueprint }) => blueprint),
      links.map(({ value }) => value),
      links.map(({ hash }) => hash),
    ]);
    await setMeta(session, 'audit', keptEnd(ring.key, end));
  }

  /** Where the chain ends, and its newest entry, at one moment. */
  async #now(): Promise<{ end: End; newest: number }> {
    const text = `SELECT (SELECT max(sequence) FROM audit) AS newest, (SELECT value FROM meta WHERE name = 'audit') AS kept`;
    const [row] = await this.#parts.writer.database.query(text);
    const newest = Number(row?.['newest'] ?? 0);
    return { end: endOf(this.#parts.ring.key, row?.['kept'] ?? undefined, newest), newest };
  }
}

function endAt(key: Uint8Array, { auditEnd, lastAudit }: Standing): End {
  return endOf(key, auditEnd, lastAudit);
}

// what stands behind the end is not ours, and must not keep us from going on
const putLinks = `INSERT INTO audit (sequence, blueprint, value, hash)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
  ON CONFLICT (sequence) DO UPDATE SET blueprint = excluded.blueprint, value = excluded.value, hash = excluded.hash`;
