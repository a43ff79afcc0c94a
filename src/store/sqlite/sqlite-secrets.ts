/** Secrets in SQLite: sealed values by name. */
import { Fault } from '../../base/fault.ts';
import { seal, unseal } from '../seal.ts';
import type { SecretStore } from '../store.ts';
import { failure } from './attempt.ts';
import type { CommitGroup } from './commit-group.ts';
import type { KeyRing } from '../key-ring.ts';
import type { Statements } from './statements.ts';

const upsert =
  'INSERT INTO secret (name, sealed) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed';

/** What the secrets of one connection need. */
interface SqliteSecretsParts {
  readonly statements: Statements;
  readonly commits: CommitGroup;
  readonly ring: KeyRing;
  readonly directory: string;
}

/** So many are held as they were opened: whoever starts a node or speaks to one asks for its cookie. */
const knownMost = 2_000;

/** The secret table of one connection. The key never leaves this object. */
export class SqliteSecrets implements SecretStore {
  readonly #known = new Map<string, string>();
  readonly #statements: Statements;
  readonly #commits: CommitGroup;
  /** writes that are not on disk yet */
  #writing = 0;
  readonly #ring: KeyRing;
  readonly #directory: string;

  constructor({ statements, commits, ring, directory }: SqliteSecretsParts) {
    this.#statements = statements;
    this.#commits = commits;
    this.#ring = ring;
    this.#directory = directory;
  }

  /** Seals every value with another key. Within the caller's transaction. */
  reseal(key: Uint8Array): void {
    const rows = this.#statements.of('SELECT name, sealed FROM secret').all();
    for (const row of rows) {
      const name = nameOf(row);
      const value = unseal(this.#ring.key, name, row['sealed'] as Uint8Array);
      this.#statements.of(upsert).run(name, seal(key, name, value));
    }
  }

  put(name: string, value: string): Promise<void> {
    return this.#write(name, () => this.#statements.of(upsert).run(name, seal(this.#ring.key, name, value)));
  }

  get(name: string): Promise<string> {
    return this.#commits.read(this.#writing > 0, () => {
      const value = this.#known.get(name) ?? this.#opened(name);
      if (value !== undefined) return value;
      throw new Fault('not-found', `there is no secret ${name}`, { object: `secret ${name}` });
    });
  }

  has(name: string): Promise<boolean> {
    return this.#commits.read(this.#writing > 0, () => this.#sealed(name) !== undefined);
  }

  remove(name: string): Promise<void> {
    return this.#write(name, () => this.#statements.of('DELETE FROM secret WHERE name = ?').run(name));
  }

  names(): Promise<readonly string[]> {
    return this.#commits.read(this.#writing > 0, () =>
      this.#statements.of('SELECT name FROM secret ORDER BY name').all().map(nameOf),
    );
  }

  /** Beside the commits of others, all of it on disk when it resolves. */
  async #write(name: string, act: () => void): Promise<void> {
    this.#writing += 1;
    try {
      await this.#commits.add(() => {
        act();
        this.#known.delete(name);
        return null;
      });
    } catch (error) {
      await failure(error, this.#directory);
    } finally {
      this.#known.delete(name);
      this.#writing -= 1;
    }
  }

  #opened(name: string): string | undefined {
    const sealed = this.#sealed(name);
    if (sealed === undefined) return undefined;
    const value = unseal(this.#ring.key, name, sealed);
    if (this.#known.size >= knownMost) this.#known.clear();
    this.#known.set(name, value);
    return value;
  }

  #sealed(name: string): Uint8Array | undefined {
    return this.#statements.of('SELECT sealed FROM secret WHERE name = ?').get(name)?.['sealed'] as
      Uint8Array | undefined;
  }
}

function nameOf(row: Record<string, unknown>): string {
  return row['name'] as string;
}
