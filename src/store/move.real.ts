import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { collect } from '../../test/kit/collect.ts';
import { sampleNode } from '../../test/kit/records.ts';
import { noPostgres, realPostgres } from '../../test/kit/real-postgres.ts';
import type { RealPostgres } from '../../test/kit/real-postgres.ts';
import { systemClock } from '../base/clock.ts';
import { sha256Of } from '../base/sha256.ts';
import { seededRandom, systemRandom } from '../base/random.ts';
import { downgradeStore, moveStore, openPostgresStore, openSqliteStore, restoreSqliteStore } from './store.ts';
import type { Store } from './store.ts';

const why = noPostgres();
if (why !== null) {
  process.stdout.write(`moving stores is left out: ${why}\n`);
  test.skip(`moving stores is left out: ${why}`);
}

/** What is written into a store: any text that a key, a name, a value or words can have. */
const word = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map((text) => text.replaceAll('\0', '0'));
const wares = fc.record({
  nodes: fc.uniqueArray(word, { maxLength: 40 }),
  events: fc.array(fc.tuple(word, word), { maxLength: 40 }),
  secrets: fc.dictionary(word, fc.string({ unit: 'binary' }), { maxKeys: 8 }),
  audited: fc.array(word, { maxLength: 12 }),
  requests: fc.uniqueArray(word, { maxLength: 8 }),
});
type Wares = typeof wares extends fc.Arbitrary<infer T> ? T : never;

async function fill(store: Store, { nodes, events, secrets, audited, requests }: Wares): Promise<void> {
  for (const [ordinal, key] of nodes.entries()) {
    await store.commit([{ put: 'node', key, value: sampleNode(ordinal), expect: 0 }]);
    if (ordinal % 3 === 0) await store.commit([{ put: 'node', key, value: sampleNode(ordinal + 1), expect: 1 }]);
  }
  const drafts = events.map(([object, words], i) => {
    return {
      level: 'info',
      kind: 'node',
      object,
      blueprint: i % 2 === 0 ? 'ants' : null,
      what: 'seen',
      words,
    } as const;
  });
  await store.commit([], drafts);
  for (const [name, value] of Object.entries(secrets)) await store.secrets.put(name, value);
  for (const path of audited) await store.audit.append({ ...auditDraft, path });
  for (const key of requests) {
    await store.requests.begin({ token: 'ci', key }, 'a body');
    if (key.length % 2 === 0) await store.requests.settle({ token: 'ci', key }, { status: 200, body: { key } });
  }
}

const auditDraft = { token: 'ci', method: 'PUT', operation: 'apply', blueprint: 'ants', status: 200 };

/** Everything that a store answers. */
async function readOut(store: Store, { secrets, requests }: Wares) {
  const values = await Promise.all(Object.keys(secrets).map((name) => store.secrets.get(name)));
  const answers = await Promise.all(requests.map((key) => store.requests.begin({ token: 'ci', key }, 'a body')));
  return {
    owner: store.owner,
    nodes: await store.list('node'),
    events: await store.events({ after: 0, limit: 1000 }),
    secrets: [await store.secrets.names(), values],
    audit: [await store.audit.recent({ limit: 1000 }), await store.audit.verify()],
    answers,
  };
}

describe.skipIf(why !== null)('a store is moved', () => {
  const base = mkdtempSync(join(tmpdir(), 'wombat-move-'));
  let server: RealPostgres;
  let count = 0;
  beforeAll(async () => void (server = await realPostgres()), 60_000);
  afterAll(async () => {
    await server.stop();
    rmSync(base, { recursive: true, force: true });
  }, 60_000);

  const newDirectory = () => mkdtempSync(join(base, `${++count}-`));
  const sqlite = (directory: string) => openSqliteStore({ directory, clock: systemClock });
  const postgres = (url: string, directory: string) =>
    openPostgresStore({ url, directory, name: `wombat-move-test-${++count}`, clock: systemClock });
  const move = (directory: string, url: string, to: 'postgres' | 'sqlite') =>
    moveStore({ directory, url, to, random: systemRandom, progress: () => undefined });

  /** A directory with a store of that, and what it answers. */
  async function made(what: Wares) {
    const directory = newDirectory();
    const store = await sqlite(directory);
    await fill(store, what);
    const answers = await readOut(store, what);
    await store.close();
    return { directory, answers };
  }

  /** A directory with the key of another one and nothing else. */
  function besides(directory: string): string {
    const other = newDirectory();
    copyFileSync(join(directory, 'secret.key'), join(other, 'secret.key'));
    return other;
  }

  test('to PostgreSQL and back it answers the same, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(wares, async (what) => {
        const { directory, answers } = await made(what);
        const before = sha256Of(readFileSync(join(directory, 'wombat.db')).toString('hex'));
        const url = server.newDatabase();
        const there = await move(directory, url, 'postgres');
        expect(sha256Of(readFileSync(join(directory, 'wombat.db')).toString('hex'))).toBe(before);
        expect(there.audit).toMatchObject({ sound: what.audited.length, broken: null });
        const other = besides(directory);
        const back = await move(other, url, 'sqlite');
        expect(back).toEqual(there);
        const shared = await postgres(url, directory);
        expect(await readOut(shared, what)).toEqual(answers);
        await shared.commit([], [{ ...eventOf('later') }]);
        expect((await shared.events({ after: what.events.length, limit: 2 })).map(({ sequence }) => sequence)).toEqual([
          what.events.length + 1,
        ]);
        await shared.close();
        const again = await sqlite(other);
        expect(await readOut(again, what)).toEqual(answers);
        await again.commit([], [{ ...eventOf('later') }]);
        await again.close();
        await (await sqlite(other)).close();
      }),
      { numRuns: 12 },
    );
  }, 240_000);

  const eventOf = (object: string) =>
    ({ level: 'info', kind: 'node', object, blueprint: null, what: 'seen', words: 'x' }) as const;
  const some: Wares = {
    ...{ nodes: ['a', 'b'], secrets: { s: 'v' }, audited: ['/x'], requests: [] },
    events: Array.from({ length: 30_000 }, (_, i): [string, string] => [`n-${i}`, 'something happened there']),
  };

  test('it is refused where something is, where a control plane runs, and with another key', async () => {
    const { directory } = await made({ ...some, events: [] });
    const url = server.newDatabase();
    const running = await sqlite(directory);
    await expect(move(directory, url, 'postgres')).rejects.toMatchObject({ code: 'unavailable' });
    await running.close();
    await move(directory, url, 'postgres');
    await expect(move(directory, url, 'postgres')).rejects.toMatchObject({ code: 'exists' });
    await expect(move(directory, url, 'sqlite')).rejects.toMatchObject({ code: 'exists' });
    const shared = await postgres(url, directory);
    await expect(move(besides(directory), url, 'sqlite')).rejects.toMatchObject({ code: 'unavailable' });
    await shared.close();
    const { directory: foreign } = await made({ ...some, events: [] });
    unlinkSync(join(foreign, 'wombat.db'));
    unlinkSync(join(foreign, 'wombat.db-commits'));
    await expect(move(foreign, url, 'sqlite')).rejects.toMatchObject({ code: 'denied' });
    await expect(move(directory, server.newDatabase(), 'sqlite')).rejects.toMatchObject({ code: 'not-found' });
  }, 60_000);

  test('killed in the middle: the source is as it was, the target says that it is not whole, and is made anew', async () => {
    const { directory, answers } = await made(some);
    const url = server.newDatabase();
    const random = seededRandom(7);
    for (let round = 0; round < 4; round++) {
      await killed(['move', '--directory', directory, '--url', url, '--to', 'postgres'], 1 + random.below(40));
      await expect(postgres(url, directory)).rejects.toMatchObject({
        code: 'invalid',
        message: /did not come to its end/,
      });
    }
    await move(directory, url, 'postgres');
    const other = besides(directory);
    for (let round = 0; round < 4; round++) {
      await killed(['move', '--directory', other, '--url', url, '--to', 'sqlite'], 1 + random.below(40));
      expect(existsSync(join(other, 'wombat.db'))).toBe(false);
      await expect(sqlite(other)).rejects.toMatchObject({ code: 'invalid', message: /did not come to its end/ });
    }
    await move(other, url, 'sqlite');
    for (const at of [directory, other]) {
      const store = await sqlite(at);
      const found = await readOut(store, some);
      expect([found.nodes, found.secrets, found.audit]).toEqual([answers.nodes, answers.secrets, answers.audit]);
      expect(await store.events({ after: 29_999, limit: 9 })).toHaveLength(1);
      await store.close();
    }
  }, 180_000);

  test('a backup of PostgreSQL while it is written to is of one moment, and is restored and moved like any other', async () => {
    const { directory } = await made({ ...some, events: [] });
    const url = server.newDatabase();
    await move(directory, url, 'postgres');
    const stores = [await postgres(url, directory), await postgres(url, directory)];
    const ended = new AbortController();
    const writing = stores.map(async (store, i) => {
      for (let n = 0; !ended.signal.aborted; n++) {
        // each node has an event of its number, or there is neither
        const key = `w-${i}-${n}`;
        await store.commit([{ put: 'node', key, value: sampleNode(n), expect: 0 }], [eventOf(key)]);
        await store.audit.append({ ...auditDraft, path: `/${key}` });
      }
    });
    await vi.waitFor(async () => expect((await stores[0]?.list('node'))?.length).toBeGreaterThan(30));
    const file = join(newDirectory(), 'backup.db');
    const { chunks, sha256 } = await (stores[0] as Store).backup(AbortSignal.timeout(30_000));
    const bytes = Buffer.concat(await collect(chunks()));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    writeFileSync(file, bytes, { mode: 0o600 });
    ended.abort();
    await Promise.all(writing);
    const other = besides(directory);
    restoreSqliteStore({ file, directory: other, replaces: false });
    await move(other, server.newDatabase(), 'postgres');
    const restored = await sqlite(other);
    const written = (await restored.list('node', { keyPrefix: 'w-' })).map(({ key }) => key);
    const events = await restored.events({ after: 0, limit: 100_000 });
    expect(written.length).toBeGreaterThan(20);
    expect(events.map(({ object }) => object).toSorted()).toEqual(written.toSorted());
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
    expect((await restored.audit.verify()).broken).toBeNull();
    expect(await restored.secrets.get('s')).toBe('v');
    await Promise.all([...stores, restored].map((store) => store.close()));
  }, 60_000);

  test('the schema goes one version back while nobody uses the store, and forward again with everything in it', async () => {
    const what = { ...some, events: [] };
    const { directory, answers } = await made(what);
    const url = server.newDatabase();
    await move(directory, url, 'postgres');
    const open = { sqlite: () => sqlite(directory), postgres: () => postgres(url, directory) };
    for (const [where, at] of [
      ['sqlite', undefined],
      ['postgres', url],
    ] as const) {
      const running = await open[where]();
      const back = () => downgradeStore({ directory, url: at, random: systemRandom });
      await expect(back()).rejects.toMatchObject({ code: 'unavailable' });
      await running.close();
      const version = await vi.waitFor(back);
      expect(version).toBeGreaterThan(0);
      const again = await open[where]();
      expect(await readOut(again, what)).toEqual(answers);
      await again.close();
    }
  }, 60_000);

  /** Runs the program, and kills it once it has told so many lines. */
  async function killed(args: readonly string[], lines: number): Promise<void> {
    const program = join(import.meta.dirname, '..', 'store-program.ts');
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString().split('\n').length - 1;
      if (told >= lines) child.kill('SIGKILL');
    });
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect([code, signal]).toEqual([null, 'SIGKILL']);
  }
});
