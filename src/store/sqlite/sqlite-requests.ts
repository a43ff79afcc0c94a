/**
 * Changing requests that carry a key, in SQLite: that one was begun is on disk before anything is done, its answer once
 * it is known. Whoever asks again under the key then gets that answer, and nothing is done twice. Requests are kept for a
 * day, as HMACs of a key that nobody else has (a body may hold a secret); answers are sealed like secrets (I8).
 */
import { createHmac } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import { seal, unseal } from '../seal.ts';
import type { KeptAnswer, KeptRequest, RequestKey, RequestLog } from '../store.ts';
import { attempt } from './attempt.ts';
import type { KeyRing } from './key-ring.ts';
import type { Statements } from './statements.ts';
import { transaction } from './transaction.ts';

/** How long an answer is kept, milliseconds. */
const keptMs = 24 * 3_600_000;

/** Plans of large clusters are megabytes, and shrink to a tenth. */
const smallCharacters = 2_000;

/** What the requests of one connection need. */
export interface SqliteRequestsParts {
  readonly database: DatabaseSync;
  readonly statements: Statements;
  readonly clock: Clock;
  readonly ring: KeyRing;
}

/** The request table of one connection. */
export class SqliteRequests implements RequestLog {
  readonly #parts: SqliteRequestsParts;

  constructor(parts: SqliteRequestsParts) {
    this.#parts = parts;
  }

  /** Seals every answer with another key; what requests are compared by stays as it is. Within the caller's transaction. */
  reseal(fresh: Uint8Array): void {
    const { statements, ring } = this.#parts;
    for (const { token, key, answer } of statements.of('SELECT token, key, answer FROM request').all()) {
      if (answer === null) continue;
      const name = nameOf({ token: String(token), key: String(key) });
      const sealed = seal(fresh, name, unseal(ring.key, name, answer as Uint8Array));
      statements
        .of('UPDATE request SET answer = ? WHERE token = ? AND key = ?')
        .run(sealed, token as string, key as string);
    }
    const sealed = seal(fresh, digestName, Buffer.from(this.#digestKey).toString('hex'));
    statements.of(putDigestKey).run(Buffer.from(sealed).toString('base64'));
  }

  begin(request: RequestKey, content: string): Promise<KeptRequest | undefined> {
    return attempt(() => {
      const { database, statements, clock } = this.#parts;
      const { token, key } = request;
      return transaction(database, () => {
        statements.of('DELETE FROM request WHERE at < ?').run(clock.now() - keptMs);
        const row = statements.of('SELECT at, digest, answer FROM request WHERE token = ? AND key = ?').get(token, key);
        if (row !== undefined) return this.#kept(request, content, row);
        const insert = 'INSERT INTO request (token, key, at, digest) VALUES (?, ?, ?, ?)';
        statements.of(insert).run(token, key, clock.now(), this.#digest(content));
        return undefined;
      });
    });
  }

  settle(request: RequestKey, answer: KeptAnswer, content?: string): Promise<void> {
    return attempt(() => {
      const { token, key } = request;
      const sealed = seal(this.#parts.ring.key, nameOf(request), packed(JSON.stringify(answer)));
      const digest = content === undefined ? null : this.#digest(content);
      const text = 'UPDATE request SET answer = ?, digest = coalesce(?, digest) WHERE token = ? AND key = ?';
      this.#parts.statements.of(text).run(sealed, digest, token, key);
    });
  }

  forget({ token, key }: RequestKey): Promise<void> {
    return attempt(() => {
      this.#parts.statements.of('DELETE FROM request WHERE token = ? AND key = ?').run(token, key);
    });
  }

  #kept(request: RequestKey, content: string, row: Record<string, unknown>): KeptRequest {
    const { at, digest, answer } = row;
    const text = answer === null ? null : unseal(this.#parts.ring.key, nameOf(request), answer as Uint8Array);
    return {
      at: new Date(Number(at)).toISOString(),
      isSame: digest === this.#digest(content),
      answer: text === null ? null : (JSON.parse(unpacked(text)) as KeptAnswer),
    };
  }

  #digest(content: string): string {
    return createHmac('sha256', this.#digestKey).update(content).digest('hex');
  }

  /** It follows from the store's first key, and goes on when that is replaced. */
  get #digestKey(): Uint8Array {
    const { statements, ring } = this.#parts;
    const kept = statements.of('SELECT value FROM meta WHERE name = ?').get(digestName)?.['value'];
    if (kept === undefined) return createHmac('sha256', ring.key).update('wombat requests').digest();
    return Buffer.from(unseal(ring.key, digestName, Buffer.from(String(kept), 'base64')), 'hex');
  }
}

const digestName = 'requests';
const putDigestKey =
  "INSERT INTO meta (name, value) VALUES ('requests', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

function nameOf({ token, key }: RequestKey): string {
  return `request ${token} ${key}`;
}

function packed(text: string): string {
  return text.length < smallCharacters ? `=${text}` : `~${deflateRawSync(text).toString('base64')}`;
}

function unpacked(text: string): string {
  return text.startsWith('=') ? text.slice(1) : inflateRawSync(Buffer.from(text.slice(1), 'base64')).toString();
}
