import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import type { Fault } from '../../base/fault.ts';
import { sampleNode } from '../../../test/kit/records.ts';
import { noPostgres, realPostgres } from '../../../test/kit/real-postgres.ts';
import type { RealPostgres } from '../../../test/kit/real-postgres.ts';
import { storeConformance } from '../../../test/kit/store-conformance.ts';
import { openPostgresStore } from '../store.ts';
import type { Store } from '../store.ts';
import { Database } from './database.ts';
import { migrate, migrateBack } from './schema.ts';

const why = noPostgres();
if (why !== null) {
  process.stdout.write(`the store in PostgreSQL is left out: ${why}\n`);
  test.skip(`the store in PostgreSQL is left out: ${why}`);
}

describe.skipIf(why !== null)('PostgreSQL', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wombat-postgres-store-'));
  let server: RealPostgres;
  beforeAll(async () => void (server = await realPostgres()), 60_000);
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  let count = 0;
  const lost: Fault[] = [];
  const waiting: string[] = [];
  const keyDirectory = () => mkdtempSync(join(directory, `keys-${++count}-`));
  const openAt = (url: string, keys: string, signal = AbortSignal.timeout(20_000)): Promise<Store> =>
    openPostgresStore({
      ...{ url, directory: keys, clock: systemClock, signal },
      onWaiting: () => waiting.push(url),
      onLost: (fault) => lost.push(fault),
    });
  const putNode = (ordinal: number, expect: number | null) =>
    ({ put: 'node', key: `n-${ordinal}`, value: sampleNode(ordinal), expect }) as const;

  let [used, lastKeys] = ['', ''];
  storeConformance('PostgreSQL', {
    open: () => {
      used = used === '' ? server.newDatabase() : server.empty(used);
      return openAt(used, (lastKeys = keyDirectory()));
    },
    reopen: () => openAt(used, lastKeys),
  });

  test('who comes second waits until the first has closed, and finds everything', async () => {
    const [url, keys] = [server.newDatabase(), keyDirectory()];
    const first = await openAt(url, keys);
    await first.commit([putNode(1, 0)]);
    const second = openAt(url, keys);
    await vi.waitFor(() => expect(waiting).toContain(url), { timeout: 10_000 });
    await first.close();
    const store = await second;
    expect((await store.get('node', 'n-1'))?.version).toBe(1);
    expect(store.owner).toBe(first.owner);
    await store.close();
  });

  test('a server that is killed and started again: nothing acknowledged is lost, and the store goes on', async () => {
    const [url, keys] = [server.newDatabase(), keyDirectory()];
    const store = await openAt(url, keys);
    await store.commit([putNode(1, 0)]);
    await server.kill();
    await expect(store.commit([putNode(2, 0)])).rejects.toMatchObject({ code: 'unavailable' });
    await server.start();
    const written = await vi.waitFor(() => store.commit([putNode(3, 0)]), { timeout: 30_000, interval: 100 });
    expect(written).toBe(0);
    expect((await store.list('node')).map(({ key }) => key)).toEqual(['n-1', 'n-3']);
    await store.close();
  }, 120_000);

  test('a holder whose session is ended by a successor does nothing more', async () => {
    const [url, keys] = [server.newDatabase(), keyDirectory()];
    const first = await openAt(url, keys);
    await first.commit([putNode(1, 0)]);
    // as if somebody else had begun a term while the first was stopped
    server.run(url, "UPDATE meta SET value = '99' WHERE name = 'term'");
    await expect(first.commit([putNode(2, 0)])).rejects.toMatchObject({ code: 'conflict' });
    await expect(first.commit([putNode(2, 0)])).rejects.toMatchObject({ code: 'conflict' });
    expect(lost.at(-1)?.message).toMatch(/another control plane acts/);
    expect(server.run(url, "SELECT count(*) FROM record WHERE kind = 'node'").trim()).toBe('1');
    await first.close();
  });

  test('an address with a password is refused before anything is asked', async () => {
    const refused = openAt('postgres://wombat:geheim@127.0.0.1:1/x', keyDirectory());
    await expect(refused).rejects.toMatchObject({ code: 'invalid', detail: { next: /pgpass/ } });
    await expect(refused).rejects.toThrow(/^(?!.*geheim)/);
  });

  test('another key file, and one that is missing, are refused', async () => {
    const [url, keys] = [server.newDatabase(), keyDirectory()];
    await (await openAt(url, keys)).close();
    await expect(openAt(url, keyDirectory())).rejects.toMatchObject({ code: 'not-found' });
    const other = keyDirectory();
    await (await openAt(server.newDatabase(), other)).close();
    await expect(openAt(url, other)).rejects.toMatchObject({ code: 'denied' });
  });

  test('the schema goes forward, one version back, and forward again', async () => {
    const database = new Database({ url: server.newDatabase(), name: 'schema' });
    await migrate(database);
    await migrateBack(database);
    await migrate(database);
    expect(await database.query('SELECT count(*)::integer AS count FROM record')).toEqual([{ count: 0 }]);
    const newer = [{ up: 'SELECT 1', down: 'SELECT 1' }];
    await migrate(database, [...newer, ...newer, ...newer]);
    await expect(migrate(database)).rejects.toMatchObject({ code: 'invalid' });
    await database.close();
  });
});
