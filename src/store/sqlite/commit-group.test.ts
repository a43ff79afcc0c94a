/** Commits of one turn: each by itself all of it or nothing, together on the disk, and in their order. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { nextTurn, systemClock } from '../../base/clock.ts';
import type { EventDraft } from '../../model/event.ts';
import type { Provider } from '../../model/provider.ts';
import type { Change, Store } from '../store.ts';
import { CommitGroup } from './commit-group.ts';
import { openSqliteStore } from './open.ts';

const opened: { readonly store: Store; readonly directory: string }[] = [];

async function open(directory = mkdtempSync(join(tmpdir(), 'wombat-group-'))): Promise<Store> {
  const store = await openSqliteStore({ directory, clock: systemClock });
  opened.push({ store, directory });
  return store;
}

afterEach(async () => {
  for (const { store, directory } of opened.splice(0)) {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

function put(name: string, expect: number | null): Change {
  const value: Provider = { name, definition: { kind: 'local' }, declaredBy: null };
  return { put: 'provider', key: name, value, expect };
}

function told(what: string): EventDraft {
  return { level: 'info', kind: 'provider', object: what, blueprint: null, what, words: what };
}

test('of commits of one turn one that conflicts is refused by itself, and leaves no gap', async () => {
  const store = await open();
  const heard: string[] = [];
  store.subscribe(({ changes }) => heard.push(...changes.map(({ key }) => key)));
  const [first, second, third] = await Promise.allSettled([
    store.commit([put('a', 0)], [told('one')]),
    store.commit([put('b', 0), put('a', 7)], [told('two')]),
    store.commit([put('c', 0)], [told('three')]),
  ]);
  expect(first.status).toBe('fulfilled');
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } });
  expect(third.status).toBe('fulfilled');
  expect((await store.list('provider')).map(({ key, version }) => [key, version])).toEqual([
    ['a', 1],
    ['c', 1],
  ]);
  expect((await store.events({ after: 0, limit: 9 })).map(({ sequence, what }) => [sequence, what])).toEqual([
    [1, 'one'],
    [2, 'three'],
  ]);
  expect(heard).toEqual(['a', 'c']);
});

test('of two that wrote the same version in one turn the later one is refused', async () => {
  const store = await open();
  await store.commit([put('a', 0)]);
  const outcomes = await Promise.allSettled([store.commit([put('a', 1)]), store.commit([put('a', 1)])]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect((await store.get('provider', 'a'))?.version).toBe(2);
});

test('what waits when the store is closed is written, and what is held is what lies on the disk', async () => {
  const store = await open();
  await store.commit([put('a', 0), put('b', 0)]);
  expect(await store.list('provider')).toHaveLength(2);
  await store.commit([{ remove: 'provider', key: 'a', expect: 1 }, put('b', null)]);
  const last = store.commit([put('a', 0), put('z', null)]);
  const held = await store.list('provider');
  expect(held.map(({ key }) => key)).toEqual(['b']);
  await store.close();
  await last;
  const again = await open(opened[0]?.directory);
  expect((await again.list('provider')).map(({ key, version }) => [key, version])).toEqual([
    ['a', 1],
    ['b', 2],
    ['z', 1],
  ]);
});

test.each([
  [2, 3],
  [40, 12],
])('after %i that came together the next ones are waited for %i ms, where the disk took three', async (count, ms) => {
  let now = 0;
  const waits: number[] = [];
  const clock = {
    monotonic: () => now,
    after: (wait: number) => void waits.push(wait),
  } as unknown as Clock;
  const same = <T>(act: () => T): T => act();
  const synced = () => Promise.resolve(void (now += 3));
  const transactions = { unsynced: same, synced, part: same };
  const group = new CommitGroup({
    ...({ database: {}, transactions } as unknown as Pick<
      ConstructorParameters<typeof CommitGroup>[0],
      'database' | 'transactions'
    >),
    copies: [],
    publish: () => undefined,
    together: true,
    clock,
  });
  const notice = { changes: [], events: [] };
  await Promise.all(Array.from({ length: count }, () => group.add(() => notice)));
  void group.add(() => notice);
  await nextTurn();
  expect(waits).toEqual([ms]);
});
