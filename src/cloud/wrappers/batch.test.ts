import { expect, test } from 'vitest';
import { fakeClock } from '../../../test/kit/fake-clock.ts';
import { made, orderOf, scriptedCloud } from '../../../test/kit/scripted-cloud.ts';
import type { Order } from '../cloud.ts';
import { batched } from './batch.ts';

const goOn = new AbortController().signal;
const makesAll = (orders: readonly Order[]) => orders.map(({ token }) => made(token));
const sizes = (cloud: ReturnType<typeof scriptedCloud>) =>
  cloud.calls.map(({ arguments: [orders] }) => (orders as readonly Order[]).length);

test('orders of one moment go out together, at most so many, and each caller gets its own outcomes', async () => {
  const clock = fakeClock();
  const adapter = scriptedCloud({ create: [makesAll] });
  const cloud = batched(adapter, { gatherMs: 20, most: 4 }, clock);
  const asked = ['a', 'b', 'c', 'd', 'e', 'f'].map((token) => cloud.create([orderOf(token)], goOn));
  await clock.advance(20);
  const outcomes = await Promise.all(asked);
  expect(outcomes.map((one) => one.map(({ token }) => token))).toEqual([['a'], ['b'], ['c'], ['d'], ['e'], ['f']]);
  expect(sizes(adapter)).toEqual([4, 2]);
});

test('a caller that gives up leaves, and the batch goes on for the others; an error is that of all', async () => {
  const clock = fakeClock();
  const adapter = scriptedCloud({ create: [makesAll, new Error('out of order')] });
  const cloud = batched(adapter, { gatherMs: 20, most: 4 }, clock);
  const stop = new AbortController();
  const left = expect(cloud.create([orderOf('a')], stop.signal)).rejects.toThrow('enough');
  const stays = cloud.create([orderOf('b')], goOn);
  stop.abort(new Error('enough'));
  await clock.advance(20);
  await left;
  expect((await stays).map(({ token }) => token)).toEqual(['b']);
  expect(sizes(adapter)).toEqual([1]);
  const failed = [cloud.create([orderOf('c')], goOn), cloud.create([orderOf('d')], goOn)].map((one) =>
    expect(one).rejects.toThrow('out of order'),
  );
  await clock.advance(20);
  await Promise.all(failed);
});
