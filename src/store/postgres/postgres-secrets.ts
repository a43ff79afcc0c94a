/** Secrets in PostgreSQL: sealed values by name. The key is not in the database. */
import { Fault } from '../../base/fault.ts';
import { seal, unseal } from '../seal.ts';
import type { SecretStore } from '../store.ts';
import type { Writer } from './writer.ts';

const upsert = `INSERT INTO secret (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed`;

/** The secret table. The key never leaves this object. */
export class PostgresSecrets implements SecretStore {
  readonly #writer: Writer;
  readonly #key: Uint8Array;

  constructor(writer: Writer, key: Uint8Array) {
    this.#writer = writer;
    this.#key = key;
  }

  put(name: string, value: string): Promise<void> {
    const sealed = seal(this.#key, name, value);
    return this.#writer.write(async (session) => void (await session.query(upsert, [name, sealed])));
  }

  async get(name: string): Promise<string> {
    const sealed = await this.#sealed(name);
    if (sealed !== undefined) return unseal(this.#key, name, sealed);
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

  async #sealed(name: string): Promise<Uint8Array | undefined> {
    const [row] = await this.#writer.database.query('SELECT sealed FROM secret WHERE name = $1', [name]);
    return row?.['sealed'] as Uint8Array | undefined;
  }
}
