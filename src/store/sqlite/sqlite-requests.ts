/**
 * Changing requests that carry a key, in SQLite: that one was begun is on disk before anything is done, its answer once
 * it is known. Whoever asks again under the key then gets that answer, and nothing is done twice. Requests are kept for a
 * day, as HMACs of the store's key (a body may hold a secret); answers are sealed like secrets (I8).
 */
import { createHmac } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import { seal, unseal } from '../seal.ts';
import type { KeptAnswer, KeptRequest, RequestKey, RequestLog } from '../store.ts';
import { attempt } from './attempt.ts';
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
  readonly key: Uint8Array;
}

/** The request table of one connection. */
export class SqliteRequests implements RequestLog {
  readonly #parts: SqliteRequestsParts;

  constructor(parts: SqliteRequestsParts) {
    this.#parts = parts;
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
      const sealed = seal(this.#parts.key, nameOf(request), packed(JSON.stringify(answer)));
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
    const text = answer === null ? null : unseal(this.#parts.key, nameOf(request), answer as Uint8Array);
    return {
      at: new Date(Number(at)).toISOString(),
      isSame: digest === this.#digest(content),
      answer: text === null ? null : (JSON.parse(unpacked(text)) as KeptAnswer),
    };
  }

  #digest(content: string): string {
    return createHmac('sha256', this.#parts.key).update(`wombat request ${content}`).digest('hex');
  }
}

function nameOf({ token, key }: RequestKey): string {
  return `request ${token} ${key}`;
}

function packed(text: string): string {
  return text.length < smallCharacters ? `=${text}` : `~${deflateRawSync(text).toString('base64')}`;
}

function unpacked(text: string): string {
  return text.startsWith('=') ? text.slice(1) : inflateRawSync(Buffer.from(text.slice(1), 'base64')).toString();
}
