/**
 * Changing requests that carry a key, in SQLite: that one was begun is on disk before anything is done, its answer once
 * it is known. Whoever asks again under the key then gets that answer, and nothing is done twice. Requests are kept for a
 * day, as HMACs of a key that nobody else has (a body may hold a secret); answers are sealed like secrets (I8).
 */
import type { Clock } from '../../base/clock.ts';
import {
  contentDigest,
  contentKeyName,
  keptContentKey,
  keptMs,
  keptRequest,
  requestKeys,
  resealedAnswer,
  sealedAnswer,
} from '../kept-request.ts';
import type { RequestKeys } from '../kept-request.ts';
import type { KeptAnswer, KeptRequest, RequestKey, RequestLog } from '../store.ts';
import { attempt } from './attempt.ts';
import type { KeyRing } from '../key-ring.ts';
import type { Statements } from './statements.ts';
import type { Transactions } from './transaction.ts';

/** What the requests of one connection need. */
export interface SqliteRequestsParts {
  readonly statements: Statements;
  readonly transactions: Transactions;
  readonly clock: Clock;
  readonly ring: KeyRing;
  readonly directory: string;
}

/** The request table of one connection. */
export class SqliteRequests implements RequestLog {
  readonly #parts: SqliteRequestsParts;

  constructor(parts: SqliteRequestsParts) {
    this.#parts = parts;
  }

  /** Seals every answer with another key; what requests are compared by stays as it is. Within the caller's transaction. */
  reseal(fresh: Uint8Array): void {
    const { statements } = this.#parts;
    const keys = this.#keys;
    for (const { token, key, answer } of statements.of('SELECT token, key, answer FROM request').all()) {
      if (answer === null) continue;
      const request = { token: String(token), key: String(key) };
      const sealed = resealedAnswer(keys, request, answer as Uint8Array, fresh);
      statements
        .of('UPDATE request SET answer = ? WHERE token = ? AND key = ?')
        .run(sealed, request.token, request.key);
    }
    statements.of(putContentKey).run(keptContentKey(fresh, keys));
  }

  begin(request: RequestKey, content: string): Promise<KeptRequest | undefined> {
    return attempt(() => {
      const { transactions, statements, clock } = this.#parts;
      const { token, key } = request;
      return transactions.run(() => {
        statements.of('DELETE FROM request WHERE at < ?').run(clock.now() - keptMs);
        const row = statements.of('SELECT at, digest, answer FROM request WHERE token = ? AND key = ?').get(token, key);
        if (row !== undefined) return keptRequest(this.#keys, request, content, row);
        const insert = 'INSERT INTO request (token, key, at, digest) VALUES (?, ?, ?, ?)';
        statements.of(insert).run(token, key, clock.now(), contentDigest(this.#keys, content));
        return undefined;
      });
    }, this.#parts.directory);
  }

  settle(request: RequestKey, answer: KeptAnswer, content?: string): Promise<void> {
    return attempt(() => {
      const { token, key } = request;
      const sealed = sealedAnswer(this.#keys, request, answer);
      const digest = content === undefined ? null : contentDigest(this.#keys, content);
      const text = 'UPDATE request SET answer = ?, digest = coalesce(?, digest) WHERE token = ? AND key = ?';
      const { transactions, statements } = this.#parts;
      transactions.run(() => statements.of(text).run(sealed, digest, token, key));
    }, this.#parts.directory);
  }

  forget({ token, key }: RequestKey): Promise<void> {
    const text = 'DELETE FROM request WHERE token = ? AND key = ?';
    const { transactions, statements, directory } = this.#parts;
    return attempt(() => void transactions.run(() => statements.of(text).run(token, key)), directory);
  }

  get #keys(): RequestKeys {
    const { statements, ring } = this.#parts;
    const kept = statements.of('SELECT value FROM meta WHERE name = ?').get(contentKeyName)?.['value'];
    return requestKeys(ring.key, kept as string | undefined);
  }
}

const putContentKey =
  "INSERT INTO meta (name, value) VALUES ('requests', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
