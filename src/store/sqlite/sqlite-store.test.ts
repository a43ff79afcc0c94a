import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { sampleNode } from '../../../test/kit/records.ts';
import { collect } from '../../../test/kit/collect.ts';
import { storeConformance } from '../../../test/kit/store-conformance.ts';
import { createHash } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import { openMemoryStore, openSqliteStore, restoreSqliteStore } from '../store.ts';
import type { Store } from '../store.ts';
import { migrate, migrateBack, migrations } from './schema.ts';

const root = mkdtempSync(join(tmpdir(), 'wombat-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
const newDirectory = (): string => join(root, `store-${++count}`);
const openAt = (directory: string) => openSqliteStore({ directory, clock: systemClock });

let last = '';
storeConformance('SQLite on disk', {
  open: () => openAt((last = newDirectory())),
  reopen: () => openAt(last),
});
storeConformance('SQLite in memory', { open: () => openMemoryStore(systemClock) });

describe('who may open a store', () => {
  test('a second opener is refused until the first has closed', async () => {
    const directory = newDirectory();
    const first = await openAt(directory);
    await expect(openAt(directory)).rejects.toMatchObject({ code: 'unavailable', detail: { next: /stop it/ } });
    await first.close();
    await (await openAt(directory)).close();
  });

  test('directory, key and database are the owner’s alone', async () => {
    const directory = newDirectory();
    const store = await openAt(directory);
    await store.commit([{ put: 'node', key: 'n-1', value: sampleNode(1), expect: 0 }]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const file of ['secret.key', 'wombat.db', 'wombat.db-wal'])
      expect([file, statSync(join(directory, file)).mode & 0o777]).toEqual([file, 0o600]);
    await store.close();
    expect(readdirSync(directory).sort()).toEqual(['secret.key', 'store.lock', 'wombat.db', 'wombat.db-commits']);
  });

  test.each([
    ['secret.key', 0o640, 'chmod 600'],
    ['', 0o750, 'chmod 700'],
  ])('%s open to others is refused with the command that closes it', async (file, mode, command) => {
    const directory = newDirectory();
    await (await openAt(directory)).close();
    chmodSync(join(directory, file), mode);
    const next = `${command} ${join(directory, file).replace(/\/$/, '')}`;
    await expect(openAt(directory)).rejects.toMatchObject({ code: 'denied', detail: { next } });
    chmodSync(join(directory, file), mode & 0o700);
    await (await openAt(directory)).close();
  });
});

describe('the key', () => {
  test('no secret value is in any file', async () => {
    const directory = newDirectory();
    const store = await openAt(directory);
    await store.secrets.put('token', 'canary-4c1d');
    for (const file of readdirSync(directory))
      expect(readFileSync(join(directory, file)).includes('canary-4c1d')).toBe(false);
    await store.close();
  });

  test('a lost key is not replaced by another', async () => {
    const directory = newDirectory();
    await (await openAt(directory)).close();
    rmSync(join(directory, 'secret.key'));
    await expect(openAt(directory)).rejects.toMatchObject({ code: 'not-found' });
    expect(readdirSync(directory)).not.toContain('secret.key');
  });

  test.each([
    ['another key', 32, 'denied'],
    ['a cut one', 31, 'invalid'],
  ])('%s is refused', async (_, length, code) => {
    const directory = newDirectory();
    await (await openAt(directory)).close();
    writeFileSync(join(directory, 'secret.key'), Buffer.alloc(length, 7));
    await expect(openAt(directory)).rejects.toMatchObject({ code });
  });

  test('a sealed value moved to another name does not open', async () => {
    const directory = newDirectory();
    const store = await openAt(directory);
    await store.secrets.put('a', 'value');
    const other = new DatabaseSync(join(directory, 'wombat.db'));
    other.exec("UPDATE secret SET name = 'b'");
    other.close();
    await expect(store.secrets.get('b')).rejects.toMatchObject({ code: 'denied' });
    await store.close();
  });
});

describe('another key', () => {
  const draft = { token: 'me', method: 'POST', path: '/x', operation: 'x', blueprint: null, status: 200 };

  /** A store with a secret and an entry, and the two keys: that of before and that of now. */
  async function rotated() {
    const directory = newDirectory();
    const store = await openAt(directory);
    await store.secrets.put('a', 'value');
    await store.audit.append(draft);
    const path = join(directory, 'secret.key');
    const before = readFileSync(path);
    const sealedBefore = sealedIn(directory);
    await store.rotateKey();
    return { directory, store, path, before, now: readFileSync(path), sealedBefore };
  }

  function sealedIn(directory: string): Buffer {
    const database = new DatabaseSync(join(directory, 'wombat.db'), { readOnly: true });
    const row = database.prepare("SELECT sealed FROM secret WHERE name = 'a'").get();
    database.close();
    return Buffer.from(row?.['sealed'] as Uint8Array);
  }

  test('takes the place of the file, and what was sealed with the old one is in no file any more', async () => {
    const { directory, store, before, now, sealedBefore } = await rotated();
    expect(now).not.toEqual(before);
    expect(statSync(join(directory, 'secret.key')).mode & 0o777).toBe(0o600);
    for (const file of readdirSync(directory))
      expect([file, readFileSync(join(directory, file)).includes(sealedBefore)]).toEqual([file, false]);
    await store.close();
    const again = await openAt(directory);
    expect(await again.secrets.get('a')).toBe('value');
    expect(await again.audit.verify()).toMatchObject({ sound: 1, broken: null });
    await again.close();
    expect(readdirSync(directory).sort()).toEqual(['secret.key', 'store.lock', 'wombat.db', 'wombat.db-commits']);
  });

  test('a death before all was sealed with it leaves the old one', async () => {
    const { directory, store, path, now } = await rotated();
    await store.close();
    writeFileSync(`${path}.next`, Buffer.alloc(32, 7), { mode: 0o600 });
    const again = await openAt(directory);
    expect(await again.secrets.get('a')).toBe('value');
    expect(readFileSync(path)).toEqual(now);
    expect(readdirSync(directory)).not.toContain('secret.key.next');
    await again.close();
  });

  test('a death between the sealing and the file is made good', async () => {
    const { directory, store, path, before, now } = await rotated();
    await store.close();
    writeFileSync(`${path}.next`, now, { mode: 0o600 });
    writeFileSync(path, before);
    const again = await openAt(directory);
    expect(await again.secrets.get('a')).toBe('value');
    expect(readFileSync(path)).toEqual(now);
    await again.close();
  });
});

describe('backups', () => {
  const goOn = new AbortController().signal;

  async function saved(store: Store): Promise<string> {
    const { sha256, chunks } = await store.backup(goOn);
    const bytes = Buffer.concat(await collect(chunks()));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    const file = join(root, `backup-${++count}.db`);
    writeFileSync(file, bytes);
    return file;
  }

  async function putNodes(store: Store, from: number, to: number): Promise<void> {
    for (let n = from; n <= to; n += 1)
      await store.commit([{ put: 'node', key: `n-${n}`, value: sampleNode(n), expect: 0 }]);
  }

  test('are of one moment, also while there is writing, and hold no key', async () => {
    const directory = newDirectory();
    const store = await openAt(directory);
    await store.secrets.put('a', 'canary-51aa');
    await putNodes(store, 1, 400);
    const [file] = await Promise.all([saved(store), putNodes(store, 401, 500)]);
    const bytes = readFileSync(file);
    expect(bytes.includes(readFileSync(join(directory, 'secret.key')))).toBe(false);
    expect(bytes.includes('canary-51aa')).toBe(false);
    expect(readdirSync(directory).filter((name) => name.startsWith('backup-'))).toEqual([]);
    await store.close();
    const elsewhere = newDirectory();
    expect(restoreSqliteStore({ file, directory: elsewhere, replaces: false })).toMatchObject({ hasKey: false });
    await expect(openAt(elsewhere)).rejects.toMatchObject({ code: 'not-found' });
    writeFileSync(join(elsewhere, 'secret.key'), readFileSync(join(directory, 'secret.key')), { mode: 0o600 });
    const again = await openAt(elsewhere);
    const nodes = await again.list('node');
    expect(nodes.length).toBeGreaterThanOrEqual(400);
    expect(await again.secrets.get('a')).toBe('canary-51aa');
    expect([again.owner, await again.audit.verify()]).toMatchObject([store.owner, { broken: null }]);
    await again.close();
  });

  test('are not put in the place of a store that is held, or that nobody said to replace', async () => {
    const directory = newDirectory();
    const store = await openAt(directory);
    await putNodes(store, 1, 1);
    const file = await saved(store);
    await putNodes(store, 2, 2);
    const restore = (replaces: boolean) => restoreSqliteStore({ file, directory, replaces });
    expect(() => restore(true)).toThrow(/another control plane uses/);
    await store.close();
    expect(() => restore(false)).toThrow(/there is a store/);
    expect(restore(true)).toMatchObject({ hasKey: true, aside: expect.stringMatching(/before-restore$/) });
    const again = await openAt(directory);
    expect((await again.list('node')).map(({ key }) => key)).toEqual(['n-1']);
    await again.close();
  });

  test('what is none, is cut, or belongs to another key is refused, and what was there stays', async () => {
    const directory = newDirectory();
    const store = await openAt(directory);
    await putNodes(store, 1, 300);
    const file = await saved(store);
    await store.close();
    const cut = join(root, 'cut.db');
    writeFileSync(cut, readFileSync(file).subarray(0, 20_000));
    const none = join(root, 'none.db');
    writeFileSync(none, 'nothing of the kind');
    for (const wrong of [cut, none, join(root, 'is-not-there.db')])
      expect(() => restoreSqliteStore({ file: wrong, directory, replaces: true })).toThrow(Fault);
    const other = newDirectory();
    await (await openAt(other)).close();
    expect(() => restoreSqliteStore({ file, directory: other, replaces: true })).toThrow(/not the key/);
    expect(readdirSync(other).sort()).toEqual(['secret.key', 'store.lock', 'wombat.db', 'wombat.db-commits']);
    await (await openAt(directory)).close();
  });
});

describe('migrations', () => {
  const versionOf = (database: DatabaseSync) => database.prepare('PRAGMA user_version').get()?.['user_version'];

  test('are applied once each, in order, from wherever the store is', () => {
    const database = new DatabaseSync(':memory:');
    migrate(database, ['CREATE TABLE one (x)']);
    migrate(database, ['not sql: applied already', 'ALTER TABLE one RENAME TO two', 'INSERT INTO two VALUES (3)']);
    expect(versionOf(database)).toBe(3);
    expect(database.prepare('SELECT x FROM two').all()).toEqual([{ x: 3 }]);
  });

  test('one that fails leaves the version before it', () => {
    const database = new DatabaseSync(':memory:');
    expect(() => migrate(database, ['CREATE TABLE one (x)', 'CREATE TABLE two (x); nonsense'])).toThrow(/nonsense/);
    expect(versionOf(database)).toBe(1);
    expect(() => database.prepare('SELECT * FROM two')).toThrow(/no such table/);
  });

  test('one version back the program before opens it, and the newest brings it forward again', () => {
    const database = new DatabaseSync(':memory:');
    migrate(database);
    expect(() => migrate(database, migrations.slice(0, -1))).toThrow(/wombat store downgrade|schema version/);
    expect(migrateBack(database)).toBe(migrations.length - 1);
    migrate(database, migrations.slice(0, -1));
    expect(() => migrateBack(database)).toThrow(/no way back/);
    migrate(database);
    expect(versionOf(database)).toBe(migrations.length);
  });

  test('a newer store and a foreign database are refused', () => {
    const newer = new DatabaseSync(':memory:');
    migrate(newer, ['CREATE TABLE one (x)', 'CREATE TABLE two (x)']);
    expect(() => migrate(newer, ['CREATE TABLE one (x)'])).toThrow(/schema version 2; this program knows .* up to 1/);
    const foreign = new DatabaseSync(':memory:');
    foreign.exec('PRAGMA user_version = 1');
    expect(() => migrate(foreign)).toThrow(/not a store of this program/);
  });
});

/** Commits one node after another and says each number once its commit is answered. */
const writer = `
  import { systemClock } from './src/base/clock.ts';
  import { openSqliteStore } from './src/store/store.ts';
  import { sampleNode } from './test/kit/records.ts';
  import { writeSync } from 'node:fs';
  const store = await openSqliteStore({ directory: process.argv[1], clock: systemClock });
  const event = { level: 'info', kind: 'node', object: 'n', blueprint: null, what: 'made', words: '' };
  for (let n = 1; ; n++) {
    await store.commit([{ put: 'node', key: 'n-' + n, value: sampleNode(n), expect: 0 }], [event]);
    await store.audit.append({ token: 'ci', method: 'POST', path: '/' + n, operation: 'x', blueprint: null, status: 200 });
    writeSync(1, n + '\\n');
  }`;

async function killedAfter(directory: string, commits: number): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, directory], {
    cwd: join(import.meta.dirname, '../../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acknowledged = 0;
  for await (const line of createInterface(child.stdout)) {
    acknowledged = Number(line);
    if (acknowledged === commits) child.kill('SIGKILL');
  }
  return acknowledged;
}

const numbers = (count: number) => Array.from({ length: count }, (_, offset) => offset + 1);

test.each([1, 40, 300])(
  'killed with -9 after %i answers: every answered commit is there, whole, and the lock is free',
  async (commits) => {
    const directory = newDirectory();
    const acknowledged = await killedAfter(directory, commits);
    const store = await openAt(directory);
    const nodes = await store.list('node');
    expect(acknowledged).toBeGreaterThanOrEqual(commits);
    expect([acknowledged, acknowledged + 1]).toContain(nodes.length);
    for (let n = 1; n <= acknowledged; n++) expect((await store.get('node', `n-${n}`))?.value).toEqual(sampleNode(n));
    const entries = await store.audit.recent({ limit: 1_000_000 });
    expect(entries.slice(0, acknowledged).map(({ path }) => path)).toEqual(numbers(acknowledged).map((n) => `/${n}`));
    expect(await store.audit.verify()).toMatchObject({ sound: entries.length, broken: null });
    const events = await store.events({ after: 0, limit: 1_000_000 });
    expect(events.map(({ sequence }) => sequence)).toEqual(nodes.map((_, offset) => offset + 1));
    await store.close();
  },
);
