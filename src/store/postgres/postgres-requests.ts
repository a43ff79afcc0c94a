/** Changing requests that carry a key, in PostgreSQL; see kept-request.ts for how they are kept. */
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
import type { KeyRing } from '../key-ring.ts';
import type { KeptAnswer, KeptRequest, RequestKey, RequestLog } from '../store.ts';
import type { Session } from './database.ts';
import { metaOf, setMeta } from './meta.ts';
import type { Writer } from './writer.ts';

/** What the requests need. */
export interface PostgresRequestsParts {
  readonly writer: Writer;
  readonly clock: Clock;
  readonly ring: KeyRing;
}

/** The request table. */
export class PostgresRequests implements RequestLog {
  readonly #parts: PostgresRequestsParts;

  constructor(parts: PostgresRequestsParts) {
    this.#parts = parts;
  }

  /** Seals every answer with another key; what requests are compared by stays as it is. Within the caller's transaction. */
  async reseal(session: Session, fresh: Uint8Array): Promise<void> {
    const keys = await this.#keys(session);
    for (const { token, key, answer } of await session.query('SELECT token, key, answer FROM request')) {
      if (answer === null) continue;
      const request = { token: String(token), key: String(key) };
      const sealed = resealedAnswer(keys, request, answer as Uint8Array, fresh);
      const update = 'UPDATE request SET answer = $3 WHERE token = $1 AND key = $2';
      await session.query(update, [request.token, request.key, sealed]);
    }
    await setMeta(session, contentKeyName, keptContentKey(fresh, keys));
  }

  begin(request: RequestKey, content: string): Promise<KeptRequest | undefined> {
    const { writer, clock } = this.#parts;
    const { token, key } = request;
    return writer.write(async (session) => {
      const keys = await this.#keys(session);
      await session.query('DELETE FROM request WHERE at < $1', [clock.now() - keptMs]);
      const select = 'SELECT at, digest, answer FROM request WHERE token = $1 AND key = $2';
      const [row] = await session.query(select, [token, key]);
      if (row !== undefined) return keptRequest(keys, request, content, row);
      const insert = 'INSERT INTO request (token, key, at, digest) VALUES ($1, $2, $3, $4)';
      await session.query(insert, [token, key, clock.now(), contentDigest(keys, content)]);
      return undefined;
    });
  }

  settle(request: RequestKey, answer: KeptAnswer, content?: string): Promise<void> {
    const text = 'UPDATE request SET answer = $3, digest = coalesce($4, digest) WHERE token = $1 AND key = $2';
    return this.#parts.writer.write(async (session) => {
      const keys = await this.#keys(session);
      const digest = content === undefined ? null : contentDigest(keys, content);
      await session.query(text, [request.token, request.key, sealedAnswer(keys, request, answer), digest]);
    });
  }

  forget({ token, key }: RequestKey): Promise<void> {
    const text = 'DELETE FROM request WHERE token = $1 AND key = $2';
    return this.#parts.writer.write(async (session) => {
      await session.query(text, [token, key]);
    });
  }

  async #keys(session: Session): Promise<RequestKeys> {
    return requestKeys(this.#parts.ring.key, await metaOf(session, contentKeyName));
  }
}
