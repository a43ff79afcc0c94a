import { beforeEach, describe, expect, test } from 'vitest';
import { MachineWorld } from '../../test/kit/machine-world.ts';
import { sampleHead, sampleNode, sampleOperation, sampleRevision } from '../../test/kit/records.ts';
import { sleep } from '../base/clock.ts';
import type { FaultCode } from '../base/fault.ts';
import type { Leftover } from '../model/sweep.ts';
import { destroy } from './acts.ts';
import { destroyBlueprint } from './destroy.ts';
import { reconcileMachine } from './machine/machine-loop.ts';
import { reconcileNode } from './node/node-loop.ts';
import { forgetMachines } from './sweep/forget.ts';
import { reconcileStrays } from './sweep/strays.ts';

const goOn = new AbortController().signal;
let world: MachineWorld;

/** A blueprint that brought its provider, with machines that nobody has nodes on. */
beforeEach(async () => {
  world = await MachineWorld.open();
  Object.assign(world.world, { cluster: { forget: () => undefined } });
  const provider = (await world.store.get('provider', 'stack'))!;
  const value = { ...provider.value, declaredBy: 'ants' };
  const operation = sampleOperation('op-1', { kind: 'destroy', state: 'running', ended: null });
  await world.store.commit([
    { put: 'provider', key: 'stack', value, expect: null },
    { put: 'blueprint', key: 'ants', value: sampleHead({ destroying: true }), expect: 0 },
    { put: 'revision', key: 'ants@1', value: sampleRevision(), expect: 0 },
    { put: 'operation', key: 'op-1', value: { ...operation, tasks: null }, expect: 0 },
  ]);
});

async function ready(...tokens: readonly string[]): Promise<void> {
  for (const token of tokens) await world.want(token);
  await world.run(6_000, ...tokens);
}

/** Has the loops work until the blueprint is gone; how long that took, milliseconds. */
async function torn(longestMs = 400_000): Promise<number> {
  const begun = world.clock.monotonic();
  let isOver = false;
  const pass = async (act: () => Promise<unknown>) => {
    while (!isOver) {
      await act().catch(() => undefined);
      await sleep(world.clock, 500, goOn);
    }
  };
  const loops = [
    pass(async () => {
      const head = await world.store.get('blueprint', 'ants');
      if (head === undefined) isOver = true;
      else await destroyBlueprint(world.world, head, goOn);
    }),
    pass(async () => {
      for (const { key } of await world.store.list('machine')) await reconcileMachine(world.world, key, goOn);
    }),
    pass(async () => {
      for (const { key } of await world.store.list('node')) await reconcileNode(world.world, key, goOn);
    }),
  ];
  // `isOver` is set by a loop
  while (!(isOver as boolean) && world.clock.monotonic() - begun < longestMs) await world.clock.advance(500);
  isOver = true;
  const tookMs = world.clock.monotonic() - begun;
  await world.clock.advance(1_000);
  await Promise.all(loops);
  expect(await world.store.get('blueprint', 'ants'), 'it ends').toBeUndefined();
  return tookMs;
}

const account = async () => (await world.store.get('operation', 'op-1'))?.value.words ?? '';
const leftovers = async (): Promise<Leftover[]> => (await world.store.list('leftover')).map(({ value }) => value);
const mishaps = () => world.memory.provider('stack').mishaps;

/** Every end that is asked for from now on is refused so. */
function refuse(code: FaultCode, words: string): void {
  for (let n = 0; n < 2_000; n += 1) mishaps().next('destroy', { what: 'fail', code, words });
}

describe('a teardown ends, and says what it has left', () => {
  test('all is well: nothing', async () => {
    await ready('m-1', 'm-2');
    expect(await torn()).toBeLessThan(30_000);
    expect(await account()).toBe('nothing of it is left');
    expect(world.machines.standing).toEqual([]);
    expect(world.machines.beside).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });

  test('the machine was deleted already: nothing', async () => {
    await ready('m-1');
    world.machines.remove('stack-1', world.clock.now());
    expect(await torn()).toBeLessThan(30_000);
    expect(await account()).toBe('nothing of it is left');
  });

  test('the provider is gone: what stands there, with its id and name', async () => {
    await ready('m-1', 'm-2');
    mishaps().outage = 'connect ECONNREFUSED 10.0.0.1:443';
    expect(await torn()).toBeLessThan(240_000);
    const words = await account();
    expect(words).toMatch(/^left behind: machine stack-1 \(wombat-m-1, north\/standard, .*\) at provider stack: /);
    expect(words).toContain('machine stack-2 (wombat-m-2');
    expect(words).toContain('connect ECONNREFUSED 10.0.0.1:443');
    expect(words).toContain(`owner tag ${world.store.owner}`);
    const [event] = await world.store.recentEvents({ limit: 1 });
    expect(event).toMatchObject({ what: 'destroyed', level: 'warning', words });
  });

  test('the provider is gone before it has taken the order: the order, and that no id is known', async () => {
    mishaps().outage = 'the endpoint is dead';
    await world.want('m-1');
    const { placement } = sampleNode(1);
    const state = { phase: 'waiting', why: 'for its machine' } as const;
    const node = sampleNode(1, { state, placement: { ...placement, machine: 'm-1' } });
    await world.store.commit([{ put: 'node', key: node.id, value: node, expect: 0 }]);
    expect(await torn()).toBeLessThan(240_000);
    expect(await account()).toContain('machine without an id yet (wombat-m-1, north/standard) at provider stack');
  });

  test('credentials were revoked: in the words of the provider', async () => {
    await ready('m-1');
    refuse('denied', 'AuthFailure: the key was revoked');
    expect(await torn()).toBeLessThan(240_000);
    expect(await account()).toContain('machine stack-1 (wombat-m-1');
    expect(await account()).toContain('AuthFailure: the key was revoked');
    expect(world.machines.standing).toHaveLength(1);
  });

  test('a security group is in use: the group, in the words of the provider', async () => {
    world.machines.ensure('group', world.store.owner);
    refuse('conflict', 'DependencyViolation: sg-1 has a dependent object');
    expect(await torn()).toBeLessThan(240_000);
    const [left] = await leftovers();
    expect(left).toMatchObject({ kind: 'beside', provider: 'stack', blueprint: 'ants' });
    expect(await account()).toContain(`${left!.id} at provider stack: `);
    expect(await account()).toContain('DependencyViolation: sg-1 has a dependent object');
  });
});

describe('--forget', () => {
  test('takes everything off the record at once, asking nobody, and tells what may run on', async () => {
    await ready('m-1');
    const { placement } = sampleNode(1);
    const node = sampleNode(1, { placement: { ...placement, machine: 'm-1' } });
    await world.store.commit([{ put: 'node', key: node.id, value: node, expect: 0 }]);
    refuse('denied', 'nobody is to be asked');
    const { id } = await destroy(world.world, 'ants', { by: 'ops', forget: true });
    expect(id).toBe('op-1');
    expect(await torn()).toBeLessThan(2_000);
    expect(await world.store.list('node')).toEqual([]);
    expect(await world.store.list('machine')).toEqual([]);
    expect(world.machines.standing).toHaveLength(1);
    expect(await account()).toContain('machine stack-1 (wombat-m-1');
    expect(await account()).toContain('nobody was asked to end it');
    expect((await leftovers()).map(({ kind, id: of }) => [kind, of])).toEqual([
      ['machine', 'm-1'],
      ['node', node.id],
    ]);
  });

  test('the sweep finds it when the provider is back, and asks nobody first, however much it is', async () => {
    await ready('m-1', 'm-2', 'm-3', 'm-4');
    const provider = (await world.store.get('provider', 'stack'))!.value;
    const domain = (await world.store.get('domain', 'north'))!.value;
    await destroy(world.world, 'ants', { by: 'ops', forget: true });
    await torn();
    await world.store.commit([
      { put: 'provider', key: 'stack', value: { ...provider, declaredBy: null }, expect: null },
      { put: 'domain', key: 'north', value: domain, expect: null },
    ]);
    for (let passed = 0; passed < 300_000; passed += 15_000) {
      await world.clock.advance(15_000);
      await reconcileStrays(world.world, 'stack', goOn);
    }
    expect(world.machines.standing).toEqual([]);
    expect(world.machines.beside).toEqual([]);
    expect(await leftovers()).toEqual([]);
    expect(await world.store.list('alarm')).toEqual([]);
  });

  test('what was given up and is found gone is looked for no more', async () => {
    await ready('m-1');
    const provider = (await world.store.get('provider', 'stack'))!.value;
    await destroy(world.world, 'ants', { by: 'ops', forget: true });
    await torn();
    await world.store.commit([{ put: 'provider', key: 'stack', value: provider, expect: null }]);
    world.machines.remove('stack-1', world.clock.now());
    await world.clock.advance(100_000);
    await reconcileStrays(world.world, 'stack', goOn);
    await world.clock.advance(100_000);
    await reconcileStrays(world.world, 'stack', goOn);
    expect(await leftovers()).toEqual([]);
    expect((await world.store.recentEvents({ limit: 9 })).map(({ what }) => what)).toContain('gone');
  });

  test('of a provider: its machines and their nodes go off the record', async () => {
    await ready('m-1');
    const { placement } = sampleNode(1);
    const node = sampleNode(1, { placement: { ...placement, machine: 'm-1' } });
    await world.store.commit([{ put: 'node', key: node.id, value: node, expect: 0 }]);
    const left = await forgetMachines(world.world, 'stack', 'ops');
    expect(left).toEqual([
      expect.stringMatching(/^machine stack-1 \(wombat-m-1.* forgotten with its provider, as ops asked/),
      expect.stringContaining(`node ${node.name} on north/standard at provider stack`),
    ]);
    expect(await world.store.list('node')).toEqual([]);
    expect(await world.store.list('machine')).toEqual([]);
  });
});
