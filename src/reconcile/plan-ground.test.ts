import { expect, test } from 'vitest';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import * as sample from '../../test/kit/records.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Head } from '../model/head.ts';
import type { Offer } from '../model/machine.ts';
import { openMemoryStore } from '../store/store.ts';
import type { Change, Versioned } from '../store/store.ts';
import { Offers } from './offers.ts';
import { isSameGround, planGround } from './plan-ground.ts';
import type { World } from './world.ts';

async function ground() {
  const clock = fakeClock();
  const store = await openMemoryStore(clock);
  const document = sample.sampleDocument('ants');
  await store.commit([
    { put: 'provider', key: 'here', value: sample.sampleProvider(), expect: 0 },
    { put: 'blueprint', key: 'ants', value: sample.sampleHead(), expect: 0 },
    { put: 'node', key: 'n-1', value: sample.sampleNode(1), expect: 0 },
  ]);
  const sold: Offer[] = [];
  const offers = new Offers(
    () => ({ offers: () => Promise.resolve(structuredClone(sold)) }) as unknown as Cloud,
    clock,
  );
  const world = { store, offers, clock } as unknown as World;
  const now = async () => planGround(world, (await store.get('blueprint', 'ants')) as Versioned<Head>, document, 0);
  return { store, sold, clock, now };
}

test('it is the same while nothing is changed, also where offers are asked for anew', async () => {
  const { clock, now } = await ground();
  const before = await now();
  await clock.advance(60_000);
  expect(isSameGround(before, await now())).toBe(true);
  expect(isSameGround(undefined, before)).toBe(false);
});

test.each<[string, Change]>([
  ['node', { put: 'node', key: 'n-2', value: sample.sampleNode(2), expect: 0 }],
  ['machine', { put: 'machine', key: 'm-1', value: sample.sampleMachine('m-1'), expect: 0 }],
  ['release', { put: 'release', key: 'r', value: sample.sampleRelease(), expect: 0 }],
  ['domain', { put: 'domain', key: 'there', value: sample.sampleDomain(), expect: 0 }],
  ['head', { put: 'blueprint', key: 'ants', value: sample.sampleHead({ revision: 2 }), expect: 1 }],
])('another %s makes it another one', async (_what, change) => {
  const { store, now } = await ground();
  const before = await now();
  await store.commit([change]);
  expect(isSameGround(before, await now())).toBe(false);
});

test('what is sold elsewhere or otherwise makes it another one', async () => {
  const { sold, clock, now } = await ground();
  const before = await now();
  sold.push(sample.sampleOffer({ id: 'here/large' }));
  await clock.advance(1);
  expect(isSameGround(before, await now())).toBe(false);
});
