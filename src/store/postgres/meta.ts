/** Single values by name, in PostgreSQL: what a store knows about itself. */
import { Fault } from '../../base/fault.ts';
import type { Session } from './database.ts';

/** Where statements go: into a transaction, or to the database outside of any. */
type Asked = Pick<Session, 'query'>;

/** The value of that name; undefined where there is none. */
export async function metaOf(asked: Asked, name: string): Promise<string | undefined> {
  const [row] = await asked.query('SELECT value FROM meta WHERE name = $1', [name]);
  return row === undefined ? undefined : String(row['value']);
}

/** Has the value of that name be this one. */
export async function setMeta(asked: Asked, name: string, value: string): Promise<void> {
  const text = 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
  await asked.query(text, [name, value]);
}

/** The value of that name, which is the one given where there was none. */
export async function metaOr(asked: Asked, name: string, fresh: string): Promise<string> {
  const text = 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING';
  await asked.query(text, [name, fresh]);
  return (await metaOf(asked, name)) ?? fresh;
}

/** The name of the mark of a database into which a store is being moved: until it is gone there is no store. */
export const incompleteName = 'incomplete';

/** The fault of a database into which a store was moved, and not to the end. */
export function notWhole(): Fault {
  return new Fault('invalid', 'a store was being moved into this database, and that did not come to its end', {
    next: 'move it again: wombat store migrate. The store it comes from is as it was',
  });
}
