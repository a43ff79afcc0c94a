import { describe, expect, test } from 'vitest';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import { sampleDomain, sampleOffer, sampleProvider } from '../../test/kit/records.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { Offers } from './offers.ts';

const noCloud = () => {
  throw new Error('nobody asks');
};

const offers = [
  sampleOffer({ id: 'a/small', domain: 'a' }),
  sampleOffer({ id: 'a/large', domain: 'a' }),
  sampleOffer({ id: 'b/small', domain: 'b' }),
];

async function refusedAfter(code: 'no-capacity' | 'quota', ms: number): Promise<string[]> {
  const clock = fakeClock();
  const remembered = new Offers(noCloud, clock);
  remembered.refuse({ offer: 'a/small', domain: 'a', code, why: 'sold out' });
  await clock.advance(ms);
  return remembered.judged(offers).flatMap(({ id, fault }) => (fault === null ? [] : [`${id}: ${fault.why}`]));
}

describe('an order that was refused', () => {
  test('speaks against its offer for a while', async () => {
    expect(await refusedAfter('no-capacity', 60_000)).toEqual(['a/small: the last order was refused: sold out']);
    expect(await refusedAfter('no-capacity', 600_000)).toEqual([]);
  });

  test('for a quota speaks against its domain', async () => {
    expect((await refusedAfter('quota', 60_000)).map((words) => words.split(':')[0])).toEqual(['a/small', 'a/large']);
  });
});

test('the adapter of a definition is the same one while it is used; those of former definitions are forgotten', () => {
  let opened = 0;
  const open = () => ({ number: (opened += 1) }) as unknown as Cloud;
  const remembered = new Offers(open, fakeClock());
  const [provider, other] = [sampleProvider(), { ...sampleProvider(), name: 'other' }];
  const domains = Array.from({ length: 12 }, (_, at) => [{ ...sampleDomain(), name: `d-${at}` }]);
  const first = remembered.cloud(provider, []);
  const beside = remembered.cloud(other, []);
  for (const some of domains) {
    remembered.cloud(provider, some);
    expect(remembered.cloud(provider, [])).toBe(first);
  }
  expect(remembered.cloud(other, [])).toBe(beside);
  expect(opened).toBe(14);
  remembered.cloud(provider, domains[11]!);
  expect(opened).toBe(14);
  remembered.cloud(provider, domains[0]!);
  expect(opened).toBe(15);
});
