/** Changing requests that carry a key, in PostgreSQL; see kept-request.ts for how they are kept. */
import type { Clock } from '../../base/clock.ts';
import { contentDigest, keptMs, keptRequest, sealedAnswer } from '../kept-request.ts';
import type { KeptAnswer, KeptRequest, RequestKey, RequestLog } from '../store.ts';
import type { Row } from './database.ts';
import type { Writer } from './writer.ts';

/** What the requests need. */
export interface PostgresRequestsParts {
  readonly writer: Writer;
  readonly clock: Clock;
  readonly key: Uint8Array;
}

/** The request table. */
export class PostgresRequests implements RequestLog {
  readonly #parts: PostgresRequestsParts;

  constructor(parts: PostgresRequestsParts) {
    this.#parts = parts;
  }

  begin(request: RequestKey, content: string): Promise<KeptRequest | undefined> {
    const { writer, clock, key: storeKey } = this.#parts;
    const { token, key } = request;
    return writer.write(async (session) => {
      await session.query('DELETE FROM request WHERE at < $1', [clock.now() - keptMs]);
      const select = 'SELECT at, digest, answer FROM request WHERE token = $1 AND key = $2';
      const [row] = await session.query(select, [token, key]);
      if (row !== undefined) return keptRequest(storeKey, request, content, asRow(row));
      const insert = 'INSERT INTO request (token, key, at, digest) VALUES ($1, $2, $3, $4)';
      await session.query(insert, [token, key, clock.now(), contentDigest(storeKey, content)]);
      return undefined;
    });
  }

  settle(request: RequestKey, answer: KeptAnswer, content?: string): Promise<void> {
    const { writer, key: storeKey } = this.#parts;
    const sealed = sealedAnswer(storeKey, request, answer);
    const digest = content === undefined ? null : contentDigest(storeKey, content);
    const text = 'UPDATE request SET answer = $3, digest = coalesce($4, digest) WHERE token = $1 AND key = $2';
    return writer.write(
      async (session) => void (await session.query(text, [request.token, request.key, sealed, digest])),
    );
  }

  forget({ token, key }: RequestKey): Promise<void> {
    const text = 'DELETE FROM request WHERE token = $1 AND key = $2';
    return this.#parts.writer.write(async (session) => void (await session.query(text, [token, key])));
  }
}

function asRow({ at, digest, answer }: Row) {
  return { at: Number(at), digest: String(digest), answer: answer as Uint8Array | null };
}
