import { describe, expect, test } from 'vitest';
import { MachineWorld } from '../../test/kit/machine-world.ts';
import { sampleHead, sampleNode } from '../../test/kit/records.ts';
import { RollingWorld } from '../../test/kit/rolling-world.ts';
import { proveNow } from './proof.ts';
import { repairBrakes, reviewRepairBrake } from './repair-brake.ts';
import { Scene } from './scene.ts';
import type { World } from './world.ts';

const tokens = ['m-1', 'm-2', 'm-3', 'm-4'];

/** Four machines, `each` nodes on every one of them. */
async function fleet(each = 2, settings: object = {}): Promise<MachineWorld> {
  const world = await MachineWorld.open({}, settings);
  for (const token of tokens) await world.want(token);
  await world.run(6_000, ...tokens);
  await world.store.commit([{ put: 'blueprint', key: 'ants', value: sampleHead(), expect: 0 }]);
  for (const [index, machine] of tokens.entries())
    for (let n = 1; n <= each; n += 1) {
      const ordinal = index * each + n;
      const { placement } = sampleNode(ordinal);
      const value = sampleNode(ordinal, { placement: { ...placement, machine } });
      await world.store.commit([{ put: 'node', key: value.id, value, expect: 0 }]);
    }
  return world;
}

const providerIds = (world: MachineWorld, count: number) => world.machines.standing.slice(0, count).map(({ id }) => id);

/** The first so many machines do not answer any more; answers what brings them back. */
function cut(world: MachineWorld, count: number): () => void {
  const inside = providerIds(world, count).map((id) => world.insides.get(id)!);
  const shown = inside.map((one) => one.shown);
  inside.forEach((one) => (one.shown = null));
  return () => inside.forEach((one, n) => (one.shown = shown[n]!));
}

async function phases(world: MachineWorld): Promise<string[]> {
  return Promise.all(tokens.map(async (token) => (await world.machine(token))!.state.phase));
}

async function review({ store, memory, ...rest }: World): Promise<void> {
  memory.repairViews.clear();
  const world = { store, memory, ...rest };
  for (const key of await repairBrakes(world)) await reviewRepairBrake(world, key);
}

const told = async ({ store }: Pick<World, 'store'>) =>
  (await store.recentEvents({ limit: 200 })).map(({ what }) => what).filter((what) => what.startsWith('repair'));

describe('machines out of reach', () => {
  test('are given up as long as they are no more than half', async () => {
    const world = await fleet();
    cut(world, 2);
    await world.run(90_000, ...tokens);
    expect(await phases(world)).toEqual(['lost', 'lost', 'ready', 'ready']);
    expect(await world.store.list('alarm')).toEqual([]);
  });

  test('are not given up where they are more than half at once: it may be us who are cut off', async () => {
    const world = await fleet();
    const mend = cut(world, 3);
    await world.run(600_000, ...tokens);
    expect(await phases(world)).toEqual(['unreachable', 'unreachable', 'unreachable', 'ready']);
    const [alarm] = (await world.store.list('alarm')).map(({ value }) => value);
    expect(alarm).toMatchObject({ brake: 'repair', about: 'provider', name: 'stack', next: 'wombat repair stack' });
    expect(alarm?.words).toContain('3 of 4 machines with nodes are out of reach at once, 6 nodes on them');
    expect(await told(world)).toEqual(['repair stopped']);
    mend();
    await world.run(12_000, ...tokens);
    await review(world.world);
    expect(await phases(world)).toEqual(['ready', 'ready', 'ready', 'ready']);
    expect(await world.store.list('alarm')).toEqual([]);
    expect(await told(world)).toEqual(['repair stopped', 'repair goes on']);
  });

  test('are given their time again when the others are back', async () => {
    const world = await fleet();
    const mend = cut(world, 3);
    await world.run(300_000, ...tokens);
    mend();
    const late = world.insides.get(providerIds(world, 1)[0]!)!;
    const { shown } = late;
    late.shown = null;
    await world.run(12_000, ...tokens);
    await review(world.world);
    await world.run(40_000, ...tokens);
    expect(await phases(world)).toEqual(['unreachable', 'ready', 'ready', 'ready']);
    late.shown = shown;
    await world.run(10_000, ...tokens);
    expect(await phases(world)).toEqual(['ready', 'ready', 'ready', 'ready']);
  });

  test('are given up when a person says that they are dead', async () => {
    const world = await fleet();
    cut(world, 3);
    await world.run(90_000, ...tokens);
    const [alarm] = await world.store.list('alarm');
    const value = { ...alarm!.value, releasedBy: 'ops' };
    await world.store.commit([{ put: 'alarm', key: alarm!.key, value, expect: alarm!.version }]);
    await world.run(10_000, ...tokens);
    expect(await phases(world)).toEqual(['lost', 'lost', 'lost', 'ready']);
  });

  test.each<[string, number, number, object]>([
    ['one machine is no partition', 1, 9, { repairUpToPercent: 1 }],
    ['two nodes are no world', 2, 1, { repairUpToPercent: 1 }],
    ['a provider may say that there is no brake', 4, 2, { repairUpToPercent: 100 }],
  ])('%s', async (_, count, each, settings) => {
    const world = await fleet(each, settings);
    cut(world, count);
    await world.run(90_000, ...tokens);
    expect((await phases(world)).filter((phase) => phase === 'lost')).toHaveLength(count);
  });

  test('the word of their provider that they are gone is believed', async () => {
    const world = await fleet();
    for (const id of providerIds(world, 3)) {
      world.insides.get(id)!.shown = null;
      world.machines.remove(id, world.clock.now());
    }
    await world.run(90_000, ...tokens);
    expect(await phases(world)).toEqual(['lost', 'lost', 'lost', 'ready']);
  });

  test('hold up no destroy', async () => {
    const world = await fleet();
    const head = (await world.store.get('blueprint', 'ants'))!;
    const value = { ...head.value, destroying: true };
    await world.store.commit([{ put: 'blueprint', key: 'ants', value, expect: head.version }]);
    cut(world, 4);
    await world.run(90_000, ...tokens);
    expect(await phases(world)).toEqual(['lost', 'lost', 'lost', 'lost']);
  });
});

describe('nodes that live and do not answer', () => {
  const never = () => Promise.resolve(false);

  async function running(nodes: number): Promise<RollingWorld> {
    const world = await RollingWorld.open(['v1']);
    await world.apply(world.document('v1', nodes));
    await world.until(() => Promise.resolve(world.serving.length === nodes), 60_000);
    await world.until(never, 3_000);
    return world;
  }

  const pids = (world: RollingWorld) => [...world.processes.values()].map(({ process }) => process.pid);

  test('are not ended where they are more than half at once', async () => {
    const world = await running(4);
    const before = pids(world);
    world.behaviours.set('v1', { isMute: true });
    await world.until(never, 40_000);
    expect(pids(world)).toEqual(before);
    const [alarm] = (await world.store.list('alarm')).map(({ value }) => value);
    expect(alarm?.words).toContain('4 of 4 nodes live, and do not answer');
    world.behaviours.set('v1', {});
    await world.until(never, 3_000);
    await review(world.world);
    expect(await world.store.list('alarm')).toEqual([]);
    expect(pids(world)).toEqual(before);
    expect(await told(world)).toEqual(['repair stopped', 'repair goes on']);
  });

  test('have their time anew when they have answered a proof in between', async () => {
    const world = await running(2);
    const before = pids(world);
    const scene = await Scene.read(world.store, world.document('v1', 2));
    world.behaviours.set('v1', { isMute: true });
    await world.until(never, 20_000);
    // before any of them is looked at
    world.behaviours.set('v1', {});
    await proveNow(world.world, scene, new AbortController().signal);
    world.behaviours.set('v1', { isMute: true });
    await world.until(never, 25_000);
    expect(pids(world)).toEqual(before);
    await world.until(never, 15_000);
    expect(pids(world)).not.toEqual(before);
  });

  test('are ended and started again where they are two', async () => {
    const world = await running(2);
    const before = pids(world);
    world.behaviours.set('v1', { isMute: true });
    await world.until(never, 40_000);
    expect(pids(world)).not.toEqual(before);
    expect(await world.store.list('alarm')).toEqual([]);
  });
});
