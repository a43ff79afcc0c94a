/** The audit log in PostgreSQL: the same chain as in the embedded store; see audit-chain.ts for what it shows and what it cannot. */
import { nextTurn, timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import type { AuditDraft, AuditEntry, AuditVerdict } from '../../model/access.ts';
import { beginning, endOf, follow, keptEnd, linksAfter, verdict } from '../audit-chain.ts';
import type { End, Link } from '../audit-chain.ts';
import type { KeyRing } from '../key-ring.ts';
import type { AuditLog, AuditSelector } from '../store.ts';
import type { Row, Session, Value } from './database.ts';
import type { Writer } from './writer.ts';

/** Entries that are checked at a time. */
const batch = 1000;

interface Waiting {
  readonly draft: AuditDraft;
  resolve(): void;
  reject(error: unknown): void;
}

/** What the audit log needs. */
export interface PostgresAuditParts {
  readonly writer: Writer;
  readonly clock: Clock;
  readonly ring: KeyRing;
}

/** The audit table. Whatever is appended within one turn of the event loop shares one commit. */
export class PostgresAudit implements AuditLog {
  readonly #parts: PostgresAuditParts;
  #end: End = beginning;
  #waiting: Waiting[] = [];

  constructor(parts: PostgresAuditParts) {
    this.#parts = parts;
  }

  /** Reads where the chain stands: at first, and whenever a commit's answer may have been lost. */
  async recall(): Promise<void> {
    const { writer, ring } = this.#parts;
    const [kept] = await writer.database.query("SELECT value FROM meta WHERE name = 'audit'");
    this.#end = endOf(ring.key, kept?.['value'], await this.#newest());
  }

  /** Signs the end with another key; one that is not ours stays so. Within the caller's transaction. */
  async resign(session: Session, key: Uint8Array): Promise<void> {
    if (this.#end.sequence > 0) await session.query(putEnd, [keptEnd(key, this.#end)]);
  }

  append(draft: AuditDraft): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) void nextTurn().then(() => this.#flush());
      this.#waiting.push({ draft, resolve, reject });
    });
  }

  async recent({ limit, blueprints, before = Number.MAX_SAFE_INTEGER }: AuditSelector): Promise<readonly AuditEntry[]> {
    const where = blueprints === undefined ? '' : ' AND blueprint = ANY($3::text[])';
    const values: Value[] = [before, limit, ...(blueprints === undefined ? [] : [blueprints])];
    const text = `SELECT value FROM audit WHERE sequence < $1${where} ORDER BY sequence DESC LIMIT $2`;
    const rows = await this.#parts.writer.database.query(text, values);
    return rows.map((row) => JSON.parse(String(row['value'])) as AuditEntry).reverse();
  }

  async verify(): Promise<AuditVerdict> {
    const end = this.#end;
    let last = beginning;
    while (last.sequence < end.sequence) {
      const { reached, words } = await this.#follow(last, end.sequence);
      if (words !== null) return verdict(reached, { sequence: reached.sequence + 1, words });
      last = reached;
    }
    const added = await this.#newest();
    if (added > this.#end.sequence)
      return verdict(last, { sequence: added, words: `entry ${added} was not written here` });
    if (last.hash === end.hash) return verdict(last, null);
    return verdict(last, { sequence: last.sequence, words: 'the end of the log was changed or removed' });
  }

  async #follow(from: End, until: number): Promise<{ reached: End; words: string | null }> {
    const text =
      'SELECT sequence, value, hash FROM audit WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3';
    const rows = await this.#parts.writer.database.query(text, [from.sequence, until, batch]);
    const { reached, words } = follow(from, rows.map(asLink));
    if (words !== null || reached.sequence === until || rows.length === batch) return { reached, words };
    return { reached, words: `entry ${reached.sequence + 1} is not there` };
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const drafts = waiting.map(({ draft }) => draft);
    this.#parts.writer
      .write((session) => this.#write(session, drafts))
      .then(
        (end) => {
          this.#end = end;
          for (const { resolve } of waiting) resolve();
        },
        (error: unknown) => waiting.forEach(({ reject }) => reject(error)),
      );
  }

  async #write(session: Session, drafts: readonly AuditDraft[]): Promise<End> {
    const { clock, ring } = this.#parts;
    const links = linksAfter(this.#end, drafts, timestamp(clock));
    for (const { sequence, blueprint, value, hash } of links)
      await session.query(putLink, [sequence, blueprint, value, hash]);
    const end = links.at(-1) ?? this.#end;
    await session.query(putEnd, [keptEnd(ring.key, end)]);
    return { sequence: end.sequence, hash: end.hash };
  }

  async #newest(): Promise<number> {
    const [row] = await this.#parts.writer.database.query('SELECT max(sequence) AS newest FROM audit');
    return Number(row?.['newest'] ?? 0);
  }
}

// what stands behind the end is not ours, and must not keep us from going on
const putLink = `INSERT INTO audit (sequence, blueprint, value, hash) VALUES ($1, $2, $3, $4)
  ON CONFLICT (sequence) DO UPDATE SET blueprint = excluded.blueprint, value = excluded.value, hash = excluded.hash`;
const putEnd = `INSERT INTO meta (name, value) VALUES ('audit', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`;

function asLink(row: Row): Omit<Link, 'blueprint'> {
  return { sequence: Number(row['sequence']), value: String(row['value']), hash: String(row['hash']) };
}
