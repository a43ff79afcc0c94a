import { beforeEach, describe, expect, test } from 'vitest';
import { MachineWorld } from '../../test/kit/machine-world.ts';
import * as sample from '../../test/kit/records.ts';
import type { Asked } from '../model/operation.ts';
import { act, destroy } from './acts.ts';
import type { World } from './world.ts';

const by: Asked = { by: 'ci' };
let world: MachineWorld;

beforeEach(async () => {
  world = await MachineWorld.open();
  await world.store.commit([
    { put: 'release', key: sample.sampleDigest, value: sample.sampleRelease(), expect: 0 },
    { put: 'blueprint', key: 'ants', value: sample.sampleHead(), expect: 0 },
    { put: 'revision', key: 'ants@1', value: sample.sampleRevision(), expect: 0 },
    { put: 'node', key: 'n-1', value: sample.sampleNode(1), expect: 0 },
  ]);
});

/** A loop that writes what it found of the node and the blueprint just before each of the next `times` commits. */
function beside(times: number): World {
  const { store } = world;
  let left = times;
  const busy = new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        if (name === 'commit' && left-- > 0) await write(left);
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
  return { ...world.world, store: busy };
}

async function write(round: number): Promise<void> {
  const [node, head] = [await world.store.get('node', 'n-1'), await world.store.get('blueprint', 'ants')];
  await world.store.commit([
    { put: 'node', key: 'n-1', value: { ...node!.value, failures: round }, expect: node!.version },
    { put: 'blueprint', key: 'ants', value: head!.value, expect: head!.version },
  ]);
}

const node = async () => (await world.store.get('node', 'n-1'))!.value;

describe('what is asked of a node while a loop writes it', () => {
  test('a restart is recorded once, over what the loop wrote', async () => {
    const { generation } = await node();
    await act(beside(3), 'n-1', 'restart', by);
    expect(await node()).toMatchObject({ generation: generation + 1, failures: 0, desired: 'running' });
    const told = (await world.store.recentEvents({ limit: 10 })).filter(({ what }) => what === 'asked to restart');
    expect(told).toHaveLength(1);
    expect(await world.store.list('operation')).toHaveLength(1);
  });

  test.each([
    ['stop', 'stopped'],
    ['start', 'running'],
    ['terminate', 'removed'],
  ] as const)('so is a %s', async (what, desired) => {
    await act(beside(2), 'n-1', what, by);
    expect(await node()).toMatchObject({ desired, failures: 0 });
  });

  test('so is the end of its blueprint', async () => {
    await destroy(beside(2), 'ants', by);
    expect((await world.store.get('blueprint', 'ants'))?.value.destroying).toBe(true);
  });

  test('it is tried a few times, not for ever', async () => {
    await expect(act(beside(99), 'n-1', 'restart', by)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a node that is going is not asked anything any more', async () => {
    await act(world.world, 'n-1', 'terminate', by);
    await expect(act(world.world, 'n-1', 'restart', by)).rejects.toThrow('is being removed');
  });
});
