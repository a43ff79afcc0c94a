import { expect, it } from 'vitest';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import { sampleHead, sampleRevision } from '../../test/kit/records.ts';
import { noLog } from '../base/log.ts';
import { openMemoryStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { destroyBlueprint } from './destroy.ts';
import type { World } from './world.ts';

const goOn = new AbortController().signal;

/** A store that writes down what is taken out of it; `dies` says whose removal is its end. */
async function storeOf(removed: string[], dies: string): Promise<Store> {
  const store = await openMemoryStore(fakeClock());
  await store.commit([
    { put: 'blueprint', key: 'ants', value: sampleHead({ destroying: true }), expect: 0 },
    { put: 'revision', key: 'ants@1', value: sampleRevision(), expect: 0 },
  ]);
  await store.secrets.put('ants cookie://colony', 'W1');
  await store.secrets.put('others cookie://colony', 'W2');
  const take = (what: string) => {
    removed.push(what);
    if (what === dies) throw new Error('dead');
  };
  const secrets: Store['secrets'] = {
    put: (name, value) => store.secrets.put(name, value),
    get: (name) => store.secrets.get(name),
    has: (name) => store.secrets.has(name),
    names: () => store.secrets.names(),
    remove: (name) => Promise.try(() => take(`secret ${name}`)).then(() => store.secrets.remove(name)),
  };
  const commit: Store['commit'] = (changes, events) => {
    for (const change of changes) if ('remove' in change) take(`${change.remove} ${change.key}`);
    return store.commit(changes, events);
  };
  return { ...store, get: store.get.bind(store), list: store.list.bind(store), commit, secrets };
}

function worldOf(store: Store): World {
  return { store, clock: fakeClock(), log: noLog, wake: { blueprint: () => undefined } } as unknown as World;
}

it('the secrets of a blueprint go before its records, so that a death in between forgets none', async () => {
  const removed: string[] = [];
  const store = await storeOf(removed, 'blueprint ants');
  const head = (await store.get('blueprint', 'ants'))!;
  await expect(destroyBlueprint(worldOf(store), head, goOn)).rejects.toThrow('dead');
  expect(removed).toEqual(['secret ants cookie://colony', 'blueprint ants']);
  expect(await store.get('blueprint', 'ants')).toBeDefined();
});
