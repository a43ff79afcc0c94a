import { describe, expect, test } from 'vitest';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import { sampleDomain, sampleMachine, sampleOffer, sampleProvider } from '../../test/kit/records.ts';
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

const place = { provider: 'p', offer: 'a/small', domain: 'a' };

async function refusedAfter(what: 'offer' | 'domain', ms: number): Promise<string[]> {
  const clock = fakeClock();
  const remembered = new Offers(noCloud, clock);
  remembered.refuse({ ...place, what, code: 'no-capacity', why: 'sold out' });
  await clock.advance(ms);
  return remembered.judged(offers).flatMap(({ id, fault }) => (fault === null ? [] : [`${id}: ${fault.why}`]));
}

describe('an order that was refused', () => {
  test('speaks against its offer for a while', async () => {
    expect(await refusedAfter('offer', 60_000)).toEqual(['a/small: the last order was refused: sold out']);
    expect(await refusedAfter('offer', 600_000)).toEqual([]);
  });

  test('where that is so speaks against its domain', async () => {
    expect((await refusedAfter('domain', 60_000)).map((words) => words.split(':')[0])).toEqual(['a/small', 'a/large']);
  });

  test('says nothing any more once one is accepted there', () => {
    const remembered = new Offers(noCloud, fakeClock());
    for (const what of ['offer', 'domain'] as const)
      remembered.refuse({ ...place, what, code: 'unavailable', why: 'busy' });
    remembered.accept(place);
    expect(remembered.judged(offers)).toEqual(offers);
    expect(remembered.left({ ...place, what: 'domain' })).toBe('in');
  });

  test('that goes on being tried speaks against its domain by its record alone', () => {
    const state = { phase: 'wanted', why: 'busy', excludes: { what: 'domain', code: 'unavailable' } } as const;
    const machine = sampleMachine('m-1', { domain: 'a', offer: 'a/small', state });
    const judged = new Offers(noCloud, fakeClock()).judged(offers, [machine]);
    expect(judged.map(({ fault }) => fault?.code)).toEqual(['unavailable', 'unavailable', undefined]);
  });

  test('makes other domains of its provider suspect, not other providers', () => {
    const remembered = new Offers(noCloud, fakeClock());
    remembered.refuse({ ...place, what: 'domain', code: 'unavailable', why: 'busy' });
    const leftAt = (provider: string, domain: string) =>
      remembered.left({ provider, domain, offer: `${domain}/small`, what: 'domain' });
    expect([leftAt('p', 'a'), leftAt('p', 'b'), leftAt('q', 'c')]).toEqual(['out', 'out elsewhere', 'in']);
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
