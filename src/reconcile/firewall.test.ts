import { expect, test } from 'vitest';
import { MachineWorld } from '../../test/kit/machine-world.ts';
import { sampleNode, sampleTime } from '../../test/kit/records.ts';
import { reconcileFirewall } from './firewall.ts';

const goOn = new AbortController().signal;

async function worldWith(definition: object = {}): Promise<MachineWorld> {
  const world = await MachineWorld.open(definition);
  await world.want('m-1');
  await world.run(4_000, 'm-1');
  return world;
}

const rulesOf = (world: MachineWorld) => world.machines.rules(world.store.owner);

test('a group opens SSH to us and what nodes need, and is made again only when that changes', async () => {
  const world = await worldWith({ enteredFrom: ['192.0.2.1/32'] });
  await reconcileFirewall(world.world, 'stack', goOn);
  expect(rulesOf(world)).toEqual([{ ports: [22, 22], from: ['192.0.2.1/32'] }]);
  world.machines.allow(world.store.owner, []);
  await reconcileFirewall(world.world, 'stack', goOn);
  expect(rulesOf(world)).toEqual([]);
  const revision = { blueprint: 'ants', number: 1, document: { name: 'ants', families: { colony: {} } } };
  await world.store.commit([
    { put: 'blueprint', key: 'ants', value: { name: 'ants', revision: 1 } as never, expect: null },
    { put: 'revision', key: 'ants@1', value: revision as never, expect: null },
    { put: 'node', key: 'n-1', value: sampleNode(1), expect: null },
  ]);
  await reconcileFirewall(world.world, 'stack', goOn);
  const own = (await world.machine('m-1'))?.addresses[0]?.address;
  expect(rulesOf(world)).toEqual([
    { ports: [22, 22], from: ['192.0.2.1/32'] },
    { ports: [4369, 4369], from: [`${own}/32`] },
    { ports: [9101, 9101], from: [`${own}/32`] },
  ]);
  // a state opens nothing, a port does
  const { placement, ...node } = sampleNode(1);
  const moved = { ...node, state: { phase: 'waiting', since: sampleTime }, placement: { ...placement, port: 9105 } };
  for (const value of [{ ...moved, placement }, moved] as never[]) {
    await world.store.commit([{ put: 'node', key: 'n-1', value, expect: null }]);
    await reconcileFirewall(world.world, 'stack', goOn);
  }
  expect(rulesOf(world).map(({ ports }) => ports[0])).toEqual([22, 4369, 9105]);
});

test('where no machine is, no group is made; one that cannot be made is told once', async () => {
  const empty = await MachineWorld.open();
  await reconcileFirewall(empty.world, 'stack', goOn);
  expect(empty.machines.beside).toEqual([]);
  const world = await worldWith();
  for (let time = 0; time < 3; time += 1) {
    world.memory.provider('stack').mishaps.next('allow', { what: 'fail', code: 'denied', words: 'no such permission' });
    await reconcileFirewall(world.world, 'stack', goOn);
  }
  const told = (await world.store.recentEvents({ limit: 50 })).filter(({ what }) => what === 'firewall not set');
  expect(told.map(({ words }) => words)).toEqual(['no such permission']);
});
