import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { sampleNode } from '../../../test/kit/records.ts';
import { noPostgres, realPostgres } from '../../../test/kit/real-postgres.ts';
import type { RealPostgres } from '../../../test/kit/real-postgres.ts';
import { storeConformance } from '../../../test/kit/store-conformance.ts';
import { openPostgresStore } from '../store.ts';
import type { SharedStore } from '../store.ts';
import { Database } from './database.ts';
import { migrate, migrateBack, migrations } from './schema.ts';

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
  const keyDirectory = () => mkdtempSync(join(directory, `keys-${++count}-`));
  const openAt = (url: string, keys: string): Promise<SharedStore> =>
    openPostgresStore({ url, directory: keys, name: `wombat-test-${++count}`, clock: systemClock });
  const putNode = (ordinal: number, expect: number | null) =>
    ({ put: 'node', key: `n-${ordinal}`, value: sampleNode(ordinal), expect }) as const;

  const event = (object: string) =>
    ({ level: 'info', kind: 'node', object, blueprint: 'ants', what: 'started', words: 'it started' }) as const;
  const auditDraft = {
    ...{ token: 'ci', method: 'DELETE', path: '/api/v1/blueprints/ants' },
    ...{ operation: 'destroyBlueprint', blueprint: 'ants', status: 202 },
  };

  let [used, lastKeys] = ['', ''];
  storeConformance('PostgreSQL', {
    open: () => {
      used = used === '' ? server.newDatabase() : server.empty(used);
      return openAt(used, (lastKeys = keyDirectory()));
    },
    reopen: () => openAt(used, lastKeys),
  });

  test('two control planes write in turn: events without gaps, one audit chain, and each hears of the other', async () => {
    const [url, keys] = [server.newDatabase(), keyDirectory()];
    const [one, other] = [await openAt(url, keys), await openAt(url, keys)];
    expect(other.owner).toBe(one.owner);
    const heard: string[] = [];
    other.subscribe(({ changes, events }) => heard.push(...changes.map(({ key }) => `${key} ${events[0]?.sequence}`)));
    const stores = [one, other];
    const writes = Array.from({ length: 40 }, async (_, i) => {
      const store = stores[i % 2] ?? one;
      await store.commit([putNode(i, 0)], [event(`n-${i}`)]);
      await store.audit.append({ ...auditDraft, path: `/${i}` });
    });
    await Promise.all(writes);
    const events = await one.events({ after: 0, limit: 100 });
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(await other.audit.verify()).toMatchObject({ sound: 40, broken: null });
    await vi.waitFor(() => expect(heard).toHaveLength(40));
    const all = events.map(({ object, sequence }) => `${object} ${sequence}`);
    expect(heard.toSorted()).toEqual(all.toSorted());
    await one.close();
    await other.close();
  });

  test('what was removed and made again by another one is read anew', async () => {
    const [url, keys] = [server.newDatabase(), keyDirectory()];
    const [one, other] = [await openAt(url, keys), await openAt(url, keys)];
    await one.commit([putNode(1, 0)]);
    expect((await other.get('node', 'n-1'))?.value.family).toBe('colony');
    await one.commit([{ remove: 'node', key: 'n-1', expect: 1 }]);
    const again = { ...sampleNode(1), family: 'master' };
    await one.commit([{ put: 'node', key: 'n-1', value: again, expect: 0 }]);
    expect(await other.get('node', 'n-1')).toMatchObject({ version: 1, value: { family: 'master' } });
    await one.close();
    await other.close();
  });

  test('a key that one replaces is the key of the others', async () => {
    const [url, keys] = [server.newDatabase(), keyDirectory()];
    const [one, other] = [await openAt(url, keys), await openAt(url, keys)];
    await one.secrets.put('cookie', 'first');
    await one.rotateKey();
    expect(await other.secrets.get('cookie')).toBe('first');
    await other.secrets.put('cookie', 'second');
    expect(await one.secrets.get('cookie')).toBe('second');
    await other.audit.append(auditDraft);
    expect(await one.audit.verify()).toMatchObject({ sound: 1, broken: null });
    await one.close();
    await other.close();
  });

  test('a share has one holder; who was buried is refused under its number, and takes part again under another', async () => {
    const [url, keys] = [server.newDatabase(), keyDirectory()];
    const [one, other] = [await openAt(url, keys), await openAt(url, keys)];
    const fence = await one.take('blueprint ants');
    if (fence === undefined) throw new Error('it was free');
    expect(await other.take('blueprint ants')).toBeUndefined();
    const refused: string[] = [];
    const under = one.under(fence, () => refused.push('refused'));
    await under.commit([putNode(1, 0)], [event('n-1')]);
    // as a process that is stopped: it asks for nothing
    await one.look();
    await setTimeout(2200);
    const silent = (await other.look()).replicas.filter(({ isSilent }) => isSilent);
    expect(silent).toHaveLength(1);
    for (const replica of silent) expect(await other.bury(replica)).toEqual([]);
    await vi.waitFor(async () => {
      const gone = (await other.look()).replicas.filter(({ lives }) => !lives);
      expect(gone).toHaveLength(1);
      for (const replica of gone) expect(await other.bury(replica)).toEqual(['blueprint ants']);
    });
    const next = await other.take('blueprint ants');
    expect(next?.number).toBeGreaterThan(fence.number);
    await expect(under.commit([putNode(2, 0)])).rejects.toMatchObject({ code: 'conflict' });
    await expect(under.secrets.put('x', 'y')).rejects.toMatchObject({ code: 'conflict' });
    expect(refused).toHaveLength(2);
    expect(one.isSure()).toBe(false);
    await vi.waitFor(async () => expect((await one.look()).number).toBeNull());
    await one.join();
    expect((await one.look()).replicas.map(({ lives }) => lives)).toEqual([true, true]);
    expect(server.run(url, 'SELECT object, share, fence FROM event ORDER BY sequence').trim().split('\n')).toEqual([
      'ants||',
      `n-1|blueprint ants|${fence.number}`,
      'ants||',
      'ants||',
    ]);
    await one.close();
    await other.close();
  }, 30_000);

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
    const newer = { up: 'SELECT 1', down: 'SELECT 1' };
    await migrate(database, [...migrations, newer]);
    await expect(migrate(database)).rejects.toMatchObject({ code: 'invalid' });
    await database.close();
  });
});
