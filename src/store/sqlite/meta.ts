/** What a store knows about itself: its owner id and which key its secrets are sealed with. */
import { newId } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import { Fault } from '../../base/fault.ts';
import { keyCheck } from '../seal.ts';
import type { Statements } from './statements.ts';

/** The meta table of one connection. */
export class Meta {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** The owner id, drawn when the store is new. */
  owner(random: Random): string {
    const known = this.#get('owner');
    if (known !== undefined) return known;
    const owner = newId(random, 'wombat');
    this.#set('owner', owner);
    return owner;
  }

  /** The owner id of a store that is not new. Fault invalid when it has none. */
  knownOwner(): string {
    const owner = this.#get('owner');
    if (owner !== undefined) return owner;
    throw new Fault('invalid', 'the database is not a store of this program');
  }

  /** What is kept of the key to which the store is bound; undefined before its first. */
  boundTo(): string | undefined {
    return this.#get('key');
  }

  /** Binds the store to its first key. */
  bind(key: Uint8Array): void {
    this.#set('key', keyCheck(key));
  }

  /** Binds the store to another key. Within the caller's transaction. */
  rebind(key: Uint8Array): void {
    this.#statements.of("UPDATE meta SET value = ? WHERE name = 'key'").run(keyCheck(key));
  }

  #get(name: string): string | undefined {
    return this.#statements.of('SELECT value FROM meta WHERE name = ?').get(name)?.['value'] as string | undefined;
  }

  #set(name: string, value: string): void {
    this.#statements.of('INSERT INTO meta (name, value) VALUES (?, ?)').run(name, value);
  }
}
