/** Secrets in PostgreSQL: sealed values by name. The key is not in the database. */
import { Fault } from '../../base/fault.ts';
import { seal, unseal } from '../seal.ts';
import type { KeyRing } from '../key-ring.ts';
import type { SecretStore } from '../store.ts';
import type { Session } from './database.ts';
import { metaOf } from './meta.ts';
import type { Writer } from './writer.ts';

const upsert = `INSERT INTO secret (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed`;

/** The secret table. The key never leaves this object. */
export class PostgresSecrets implements SecretStore {
  readonly #writer: Writer;
  readonly #ring: KeyRing;

  constructor(writer: Writer, ring: KeyRing) {
    this.#writer = writer;
    this.#ring = ring;
  }

  /** Seals every value with another key. Within the caller's transaction. */
  async reseal(session: Session, key: Uint8Array): Promise<void> {
    for (const { name, sealed } of await session.query('SELECT name, sealed FROM secret')) {
      const value = unseal(this.#ring.key, String(name), sealed as Uint8Array);
      await session.query(upsert, [String(name), seal(key, String(name), value)]);
    }
  }

  put(name: string, value: string): Promise<void> {
    return this.#writer.write(async (session) => {
      await session.query(upsert, [name, seal(this.#ring.key, name, value)]);
    });
  }

  async get(name: string): Promise<string> {
    const sealed = await this.#sealed(name);
    if (sealed !== undefined) return this.#opened(name, sealed);
    throw new Fault('not-found', `there is no secret ${name}`, { object: `secret ${name}` });
  }

  async has(name: string): Promise<boolean> {
    return (await this.#sealed(name)) !== undefined;
  }

  remove(name: string): Promise<void> {
    return this.#writer.write(async (session) => {
      await session.query('DELETE FROM secret WHERE name = $1', [name]);
    });
  }

  async names(): Promise<readonly string[]> {
    const rows = await this.#writer.database.query('SELECT name FROM secret ORDER BY name');
    return rows.map((row) => String(row['name']));
  }

  /** Another control plane may have replaced the key. */
  async #opened(name: string, sealed: Uint8Array): Promise<string> {
    const { key } = this.#ring;
    try {
      return unseal(key, name, sealed);
    } catch (error) {
      this.#ring.follow((await metaOf(this.#writer.database, 'key')) ?? '');
      const again = await this.#sealed(name);
      if (this.#ring.key === key || again === undefined) throw error;
      return unseal(this.#ring.key, name, again);
    }
  }

  async #sealed(name: string): Promise<Uint8Array | undefined> {
    const [row] = await this.#writer.database.query('SELECT sealed FROM secret WHERE name = $1', [name]);
    return row?.['sealed'] as Uint8Array | undefined;
  }
}
