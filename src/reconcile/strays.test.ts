import { beforeEach, expect, test } from 'vitest';
import { MachineWorld } from '../../test/kit/machine-world.ts';
import { reconcileStrays, sweepProvider } from './strays.ts';

const goOn = new AbortController().signal;
let world: MachineWorld;

beforeEach(async () => {
  world = await MachineWorld.open();
  await world.want('m-1');
  await world.run(4_000, 'm-1');
});

/** Looks for strays now and then, for so long. */
async function sweep(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10_000) {
    await reconcileStrays(world.world, 'stack', goOn);
    await world.clock.advance(10_000);
  }
}

async function forget(): Promise<void> {
  await world.store.commit([{ remove: 'machine', key: 'm-1', expect: null }]);
}

test('the second machine of an order goes after a while; the one on record stays, and what both need', async () => {
  const [made] = world.machines.standing;
  const twin = world.machines.add(made!.order, made!.zone, world.clock.now());
  await sweep(20_000);
  expect(world.machines.standing.map(({ id }) => id)).toContain(twin.id);
  await sweep(40_000);
  expect(world.machines.standing.map(({ id }) => id)).toEqual(['stack-1']);
  expect(world.machines.beside).toHaveLength(2);
});

test('what stands beside machines goes after the last one, not before', async () => {
  await forget();
  await sweep(60_000);
  expect(world.machines.standing).toEqual([]);
  expect(world.machines.beside.length).toBeGreaterThan(0);
  await sweep(60_000);
  expect(world.machines.beside).toEqual([]);
});

test('a provider that is to be forgotten is left empty at once', async () => {
  await forget();
  const swept = sweepProvider(world.world, 'stack', goOn);
  await world.clock.advance(10_000);
  await swept;
  expect(world.machines.standing).toEqual([]);
  expect(world.machines.beside).toEqual([]);
});

test('I4: nothing goes while a list is not complete, and nothing of others ever', async () => {
  world.machines.ensure('group', 'somebody-else');
  world.machines.add({ ...world.machines.standing[0]!.order, token: 'm-9', owner: 'somebody-else' }, 'z', 0);
  await forget();
  world.memory.provider('stack').mishaps.outage = 'the data centre is on fire';
  await sweep(60_000);
  expect(world.machines.standing).toHaveLength(2);
  world.memory.provider('stack').mishaps.outage = null;
  await sweep(120_000);
  expect(world.machines.standing.map(({ order }) => order.owner)).toEqual(['somebody-else']);
  expect(world.machines.beside.map(({ owner }) => owner)).toEqual(['somebody-else']);
});
