/** Between a commit and the disk: what is read meanwhile, and what becomes of a store whose disk fails. */
import type * as Files from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import type { EventDraft } from '../../model/event.ts';
import type { Change, Store } from '../store.ts';

type Done = (error: Error | null) => void;

/** The disk: answers at once, is waited for, or fails. */
const disk = { waits: null as Done[] | null, fails: false };

vi.doMock('node:fs', async (original) => {
  const real = await original<typeof Files>();
  const failure = () => Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
  return {
    ...real,
    fdatasync(file: number, done: Done) {
      if (disk.fails) done(failure());
      else if (disk.waits === null) real.fdatasync(file, done);
      else disk.waits.push(done);
    },
    fdatasyncSync(file: number) {
      if (disk.fails) throw failure();
      real.fdatasyncSync(file);
    },
  };
});

// other files of tests may have had the modules loaded with the real one
vi.resetModules();
const { openSqliteStore } = await import('./open.ts');
afterAll(() => {
  vi.doUnmock('node:fs');
  vi.resetModules();
});

const directory = mkdtempSync(join(tmpdir(), 'wombat-log-'));
const open = () => openSqliteStore({ directory, clock: systemClock });
let store: Store;

beforeEach(async () => {
  store = await open();
});

afterEach(async () => {
  [disk.fails, disk.waits] = [false, null];
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

/** `provider` is a kind that is held in memory, `leftover` is read from the database. */
function put(kind: 'provider' | 'leftover', key: string): Change {
  const value = { name: key, definition: { kind: 'local' }, declaredBy: null };
  return { put: kind, key, value, expect: 0 } as unknown as Change;
}

const told: EventDraft = {
  level: 'info',
  kind: 'provider',
  object: 'a',
  blueprint: null,
  what: 'made',
  words: 'it was',
};

/** Resolves when a sync is waited for. */
async function waited(): Promise<Done> {
  return vi.waitFor(() => {
    const [done] = disk.waits?.splice(0) ?? [];
    if (done === undefined) throw new Error('nothing is on its way to the disk');
    return done;
  });
}

/** Whether it has an answer in what time there is for others. */
async function isAnswered(work: Promise<unknown>): Promise<boolean> {
  const turn = new Promise((resolve) => setTimeout(resolve, 30, 'not yet'));
  return (await Promise.race([work, turn])) !== 'not yet';
}

test('what is not on disk yet is read by nobody, and answered to nobody', async () => {
  expect(await store.list('provider')).toEqual([]);
  const heard: string[] = [];
  store.subscribe(({ changes }) => heard.push(...changes.map(({ key }) => key)));
  disk.waits = [];
  const commit = store.commit([put('provider', 'a'), put('leftover', 'b')], [told]);
  const kept = store.secrets.put('name', 'value');
  const done = await waited();
  const pending = [
    store.get('leftover', 'b'),
    store.list('leftover'),
    store.page('provider', { limit: 9 }),
    store.events({ after: 0, limit: 9 }),
    store.secrets.get('name'),
  ];
  expect(await store.get('provider', 'a')).toBeUndefined();
  expect(await isAnswered(Promise.race([commit, kept, ...pending]))).toBe(false);
  expect(heard).toEqual([]);
  done(null);
  expect(await commit).toBe(1);
  expect(heard).toEqual(['a', 'b']);
  expect(
    (await Promise.all(pending)).map((found) => (Array.isArray(found) ? found.length : found !== undefined)),
  ).toEqual([true, 1, 1, 1, true]);
});

test('what comes while the disk is waited for goes there together, behind it', async () => {
  disk.waits = [];
  const first = store.commit([put('provider', 'a')]);
  const done = await waited();
  const others = Promise.all([store.commit([put('provider', 'b')]), store.commit([put('provider', 'c')])]);
  expect(await isAnswered(others)).toBe(false);
  expect(disk.waits).toEqual([]);
  done(null);
  await first;
  (await waited())(null);
  await others;
  expect((await store.list('provider')).map(({ key }) => key)).toEqual(['a', 'b', 'c']);
});

test.each(['at once', 'while it is waited for'])(
  'a disk that fails %s: nothing is acknowledged, taken or read any more',
  async (when) => {
    await store.commit([put('provider', 'kept')]);
    const refused = {
      code: 'unavailable',
      message: 'the store could not be brought to disk, and takes nothing any more',
    };
    if (when === 'at once') {
      disk.fails = true;
      await expect(store.requests.begin({ token: 't', key: 'k' }, 'body')).rejects.toMatchObject(refused);
    } else {
      disk.waits = [];
      const lost = store.commit([put('provider', 'lost')]);
      (await waited())(new Error('EIO: i/o error, fdatasync'));
      await expect(lost).rejects.toMatchObject(refused);
    }
    // the kernel says that all is well: it has forgotten
    [disk.fails, disk.waits] = [false, null];
    await expect(store.commit([put('provider', 'later')])).rejects.toMatchObject(refused);
    await expect(store.audit.append({} as never)).rejects.toMatchObject(refused);
    await expect(store.get('provider', 'kept')).rejects.toMatchObject(refused);
    await store.close();
    store = await open();
    expect((await store.get('provider', 'kept'))?.version).toBe(1);
  },
);
