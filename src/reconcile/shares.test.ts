import { beforeEach, expect, test } from 'vitest';
import { MachineWorld } from '../../test/kit/machine-world.ts';
import * as sample from '../../test/kit/records.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { done } from '../base/outcome.ts';
import type { Store } from '../store/store.ts';
import { Sharing } from './shares.ts';
import type { LoopName, Shares } from './shares.ts';
import type { World } from './world.ts';

const goOn = new AbortController().signal;
let world: World;
let ours: Set<string>;
let isSure: boolean;
let lost: AbortController;
let told: string[];
let stopped: number;

beforeEach(async () => {
  const machines = await MachineWorld.open();
  [ours, isSure, lost, told, stopped] = [new Set(['blueprint ants']), true, new AbortController(), [], 0];
  const fenced = new Proxy(machines.store, {});
  const shares: Shares = {
    has: (share) => ours.has(share),
    isSure: () => isSure,
    enter: (share) =>
      ours.has(share) && isSure ? { store: fenced, signal: lost.signal, leave: () => undefined } : undefined,
    tell: (loop, key) => told.push(`${loop} ${key}`),
    say: () => undefined,
    said: () => null,
    start: () => undefined,
  };
  const cluster = { stop: () => Promise.resolve((stopped += 1) > 0) } as unknown as Cluster;
  world = { ...machines.world, cluster, shares };
  await machines.store.commit([{ put: 'node', key: 'n-1', value: sample.sampleNode(1), expect: 0 }]);
});

async function passOver(loop: LoopName, key: string, act: (inner: World) => Promise<void> = () => Promise.resolve()) {
  let seen: Store | undefined;
  const pass = new Sharing(world).pass(loop, async (inner) => {
    seen = inner.store;
    await act(inner);
    return done;
  });
  const outcome = await pass(key, goOn);
  return { outcome, seen };
}

test('a pass over what is ours writes under its number; over what is not there is none', async () => {
  expect((await passOver('blueprint', 'ants')).seen).not.toBe(world.store);
  expect((await passOver('node', 'n-1')).seen).toBeDefined();
  expect((await passOver('blueprint', 'bees')).seen).toBeUndefined();
  expect((await passOver('node', 'n-9')).outcome).toEqual(done);
});

test('what somebody here woke and is not ours is told to whoever has it', async () => {
  const sharing = new Sharing(world);
  sharing.woke('blueprint', 'bees');
  await sharing.pass('blueprint', () => Promise.resolve(done))('bees', goOn);
  expect(told).toEqual(['blueprint bees']);
});

test('while nobody knows whose it is, it is looked at again soon', async () => {
  isSure = false;
  expect((await passOver('blueprint', 'ants')).outcome).toMatchObject({ outcome: 'again' });
});

test('a pass that goes on when nobody knows any more stops no node', async () => {
  const late = passOver('blueprint', 'ants', async ({ cluster }) => {
    await cluster.stop(sample.sampleNode(1));
    isSure = false;
    await cluster.stop(sample.sampleNode(1));
  });
  await expect(late).rejects.toThrow('nobody knows just now');
  expect(stopped).toBe(1);
});

test('one whose share is another one’s by then stops no node either, and is over', async () => {
  const { outcome } = await passOver('blueprint', 'ants', async ({ cluster }) => {
    lost.abort(new Error('another control plane looks after it'));
    await cluster.stop(sample.sampleNode(1));
  });
  expect([outcome, stopped]).toEqual([done, 0]);
});
