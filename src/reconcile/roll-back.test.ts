import { beforeEach, expect, test } from 'vitest';
import { MachineWorld } from '../../test/kit/machine-world.ts';
import {
  sampleDigest,
  sampleDocument,
  sampleHead,
  sampleNode,
  sampleRelease,
  sampleRevision,
} from '../../test/kit/records.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import { rollBack } from './roll-back.ts';

const changedSpecification = { ...sampleNode(1).specification, config: { env: { TOUR: '2' } } };

let world: MachineWorld;
beforeEach(async () => {
  world = await MachineWorld.open();
  const changed: BlueprintDocument = {
    ...sampleDocument(),
    families: { colony: { release: 'ants', nodes: 5, config: { env: { TOUR: '2' } } } },
  };
  await world.store.commit([
    { put: 'release', key: sampleDigest, value: sampleRelease(), expect: 0 },
    { put: 'node', key: 'n-1', value: sampleNode(1, { specification: changedSpecification }), expect: 0 },
    { put: 'blueprint', key: 'ants', value: sampleHead({ revision: 2 }), expect: 0 },
    { put: 'revision', key: 'ants@1', value: sampleRevision(), expect: 0 },
    { put: 'revision', key: 'ants@2', value: sampleRevision(changed, 2), expect: 0 },
  ]);
});

const head = async () => (await world.store.get('blueprint', 'ants'))?.value;
const wish = { blueprint: 'ants', by: 'the control plane', why: 'colony-1 died twice' };

test('the former revision is in force again, as the next one, and says by whom and why', async () => {
  expect(await rollBack(world.world, wish)).toMatchObject({
    kind: 'roll back',
    revision: 3,
    former: 2,
    state: 'running',
  });
  expect((await head())?.revision).toBe(3);
  const revision = (await world.store.get('revision', 'ants@3'))?.value;
  expect(revision?.document).toEqual(sampleDocument());
  expect(revision?.cause).toBe('rolled back to revision 1 by the control plane: colony-1 died twice');
  expect(revision?.by).toBe('the control plane');
  const [event] = await world.store.recentEvents({ limit: 1 });
  expect(event).toMatchObject({ level: 'warning', what: 'rolling back', blueprint: 'ants' });
});

test('its nodes go back as a rollout, those that have its version already do not', async () => {
  await rollBack(world.world, wish);
  const rollout = (await world.store.get('rollout', 'ants/colony'))?.value;
  expect(rollout).toMatchObject({ state: 'rolling back', former: 1, returned: 3, why: 'colony-1 died twice' });
  await world.store.commit([{ put: 'node', key: 'n-1', value: sampleNode(1), expect: null }]);
  await world.store.commit([{ remove: 'rollout', key: 'ants/colony', expect: null }]);
  await rollBack(world.world, { ...wish, to: 1 });
  expect(await world.store.list('rollout')).toEqual([]);
});

test('only a family returns where that is asked', async () => {
  await rollBack(world.world, { ...wish, families: ['colony'] });
  const revision = (await world.store.get('revision', 'ants@3'))?.value;
  expect(revision?.document.families['colony']).toEqual({ release: 'ants', nodes: 5 });
});

test('what cannot be is refused', async () => {
  await expect(rollBack(world.world, { ...wish, blueprint: 'bees' })).rejects.toMatchObject({ code: 'not-found' });
  await expect(rollBack(world.world, { ...wish, to: 7 })).rejects.toMatchObject({ code: 'not-found' });
  const value = sampleHead({ revision: 2, destroying: true });
  await world.store.commit([{ put: 'blueprint', key: 'ants', value, expect: 1 }]);
  await expect(rollBack(world.world, wish)).rejects.toMatchObject({ code: 'conflict' });
  expect((await head())?.revision).toBe(2);
});
