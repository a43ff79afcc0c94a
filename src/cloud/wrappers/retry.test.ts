import { describe, expect, test } from 'vitest';
import { collect } from '../../../test/kit/collect.ts';
import { fakeClock } from '../../../test/kit/fake-clock.ts';
import { made, orderOf, ownedOf, scriptedCloud } from '../../../test/kit/scripted-cloud.ts';
import type { Script } from '../../../test/kit/scripted-cloud.ts';
import { Fault, faultCodes } from '../../base/fault.ts';
import type { FaultCode, FaultDetail } from '../../base/fault.ts';
import { seededRandom } from '../../base/random.ts';
import type { Owned } from '../cloud.ts';
import { retried } from './retry.ts';

const goOn = new AbortController().signal;
const limits = { firstMs: 100, longestMs: 1000, tries: 4, deadlineMs: 10_000 };
const fault = (code: FaultCode, detail?: FaultDetail) => new Fault(code, `told to be ${code}`, detail);

function begin(script: Script) {
  const clock = fakeClock();
  const adapter = scriptedCloud(script);
  return { clock, adapter, cloud: retried(adapter, limits, { clock, random: seededRandom(7) }) };
}

/** What becomes of a promise once `ms` have passed. */
async function after<T>(clock: ReturnType<typeof fakeClock>, ms: number, promise: Promise<T>) {
  let outcome: { value: T } | { error: unknown } | 'open' = 'open';
  promise.then(
    (value) => (outcome = { value }),
    (error: unknown) => (outcome = { error }),
  );
  await clock.advance(ms);
  return outcome as { value: T } | { error: unknown } | 'open';
}

describe('retry', () => {
  const passing = ['throttled', 'unavailable', 'timeout'];

  test.each(faultCodes)('%s is repeated only where it may pass', async (code) => {
    const { clock, adapter, cloud } = begin({ destroy: [fault(code), undefined] });
    const outcome = await after(clock, 1000, cloud.destroy(ownedOf('a'), goOn));
    expect(adapter.calls).toHaveLength(passing.includes(code) ? 2 : 1);
    expect(outcome).toMatchObject(passing.includes(code) ? { value: undefined } : { error: { code } });
  });

  test.each(['list', 'check'] as const)('%s says at once that a provider is out of reach', async (verb) => {
    const { clock, adapter, cloud } = begin({ [verb]: [fault('unavailable')] });
    const call: Promise<unknown> = verb === 'list' ? collect(cloud.list('o', goOn)) : cloud.check(goOn);
    expect(await after(clock, 0, call)).toMatchObject({ error: { code: 'unavailable' } });
    expect(adapter.calls).toHaveLength(1);
  });

  test('gives up after so many tries, with the last error', async () => {
    const { clock, adapter, cloud } = begin({ offers: [fault('throttled'), fault('unavailable')] });
    expect(await after(clock, 5000, cloud.offers(goOn))).toMatchObject({ error: { code: 'unavailable' } });
    expect(adapter.calls).toHaveLength(4);
  });

  test('waits longer from try to try, and at least as long as it is asked to', async () => {
    const { clock, adapter, cloud } = begin({ offers: [fault('throttled', { retryAfterMs: 3000 }), []] });
    expect(await after(clock, 2999, cloud.offers(goOn))).toBe('open');
    expect(adapter.calls).toHaveLength(1);
    await clock.advance(1);
    expect(adapter.calls).toHaveLength(2);
  });

  test('begins no try that could not end in time', async () => {
    const { clock, adapter, cloud } = begin({ offers: [fault('throttled', { retryAfterMs: 10_000 })] });
    expect(await after(clock, 0, cloud.offers(goOn))).toMatchObject({ error: { code: 'throttled' } });
    expect(adapter.calls).toHaveLength(1);
  });

  test('a call that never answers ends at the deadline', async () => {
    const { clock, cloud } = begin({ offers: [() => new Promise(() => undefined)] });
    expect(await after(clock, 10_000, cloud.offers(goOn))).toMatchObject({ error: { code: 'timeout' } });
    expect(clock.pending).toBe(0);
  });

  test('a caller that gives up ends the wait, with its own reason', async () => {
    const { clock, adapter, cloud } = begin({ offers: [fault('throttled', { retryAfterMs: 3000 })] });
    const stop = new AbortController();
    const reason = new Error('not any more');
    clock.after(10, () => stop.abort(reason));
    expect(await after(clock, 10, cloud.offers(stop.signal))).toEqual({ error: reason });
    await clock.advance(60_000);
    expect(adapter.calls).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('of a batch, only what may pass is sent again; the outcomes keep the order of the orders', async () => {
    const no = (token: string, code: FaultCode) => ({ token, ok: false, error: fault(code) }) as const;
    const { clock, adapter, cloud } = begin({
      create: [
        [no('a', 'throttled'), made('b'), no('c', 'quota'), no('d', 'timeout')],
        [made('d'), no('a', 'unavailable')],
        [made('a')],
      ],
    });
    const orders = ['a', 'b', 'c', 'd'].map(orderOf);
    const outcome = await after(clock, 5000, cloud.create(orders, goOn));
    const sent = adapter.calls.map((call) => (call.arguments[0] as typeof orders).map(({ token }) => token));
    expect(sent).toEqual([['a', 'b', 'c', 'd'], ['a', 'd'], ['a']]);
    expect(outcome).toMatchObject({ value: [made('a'), made('b'), { token: 'c', ok: false }, made('d')] });
  });

  test('I2: a batch whose answer got lost is sent again whole', async () => {
    const { clock, adapter, cloud } = begin({ create: [fault('timeout'), [made('a'), made('b')]] });
    const outcome = await after(clock, 1000, cloud.create([orderOf('a'), orderOf('b')], goOn));
    expect(outcome).toEqual({ value: [made('a'), made('b')] });
    expect(adapter.calls).toHaveLength(2);
  });

  test('a batch that is refused whole is refused order by order', async () => {
    const { clock, cloud } = begin({ create: [fault('denied')] });
    const outcome = await after(clock, 0, cloud.create([orderOf('a')], goOn));
    expect(outcome).toMatchObject({ value: [{ token: 'a', ok: false, error: { code: 'denied' } }] });
  });

  test('a listing that is throttled half-way goes on without naming anything twice', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map(ownedOf) as [Owned, Owned, Owned];
    const { clock, cloud } = begin({
      list: [
        [a, b, fault('throttled')],
        [b, c],
      ],
    });
    expect(await after(clock, 1000, collect(cloud.list('o', goOn)))).toEqual({ value: [a, b, c] });
  });
});
