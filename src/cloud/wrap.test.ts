import { describe, expect, test } from 'vitest';
import { collect } from '../../test/kit/collect.ts';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import { made, orderOf, ownedOf, scriptedCloud } from '../../test/kit/scripted-cloud.ts';
import type { Script } from '../../test/kit/scripted-cloud.ts';
import { Fault } from '../base/fault.ts';
import type { FaultCode } from '../base/fault.ts';
import { seededRandom } from '../base/random.ts';
import type { ProviderLimits } from '../model/provider/limits.ts';
import { createMeter, wrapCloud } from './cloud.ts';

/** A provider's own error, as an SDK throws it. */
class Raw extends Error {
  readonly retryAfterMs?: number;

  constructor(words: string, retryAfterMs?: number) {
    super(words);
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}

const codes: Record<string, FaultCode> = { 'Rate exceeded': 'throttled', 'No room': 'no-capacity' };
const goOn = new AbortController().signal;

function begin(script: Script, limits: ProviderLimits = {}) {
  const clock = fakeClock();
  const meter = createMeter();
  const adapter = {
    ...scriptedCloud(script),
    faultOf: (error: unknown) => codes[(error as Error).message] ?? 'unknown',
  };
  const cloud = wrapCloud(adapter, { provider: 'stack', clock, random: seededRandom(1), meter, limits });
  return { clock, meter, adapter, cloud };
}

describe('a wrapped cloud', () => {
  test("I9: a raw error leaves it as a Fault with the adapter's code and the provider's words", async () => {
    const { cloud } = begin({ offers: [new Raw('No room')] });
    const error: unknown = await cloud.offers(goOn).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject({
      code: 'no-capacity',
      message: 'provider stack: No room',
      detail: { object: 'provider stack', words: 'No room' },
    });
    expect(cloud.faultOf(error)).toBe('no-capacity');
  });

  test('so does the error of a single order, and that of a listing', async () => {
    const { cloud } = begin({
      create: [[made('a'), { token: 'b', ok: false, error: new Raw('No room') }]],
      list: [[ownedOf('a'), new Raw('odd')]],
    });
    const created = await cloud.create([orderOf('a'), orderOf('b')], goOn);
    expect(created).toMatchObject([{ ok: true }, { ok: false, error: { name: 'Fault', code: 'no-capacity' } }]);
    await expect(collect(cloud.list('o', goOn))).rejects.toMatchObject({ name: 'Fault', code: 'unknown' });
  });

  test("a provider's Retry-After is honoured, and every try is counted", async () => {
    const { cloud, clock, meter, adapter } = begin({ offers: [new Raw('Rate exceeded', 5000), []] });
    const offers = cloud.offers(goOn);
    await clock.advance(4999);
    expect(adapter.calls).toHaveLength(1);
    await clock.advance(1);
    await expect(offers).resolves.toEqual([]);
    expect(meter.snapshot().offers).toEqual({ calls: 2, ms: 0, errors: { throttled: 1 } });
  });

  test('the meter counts time, failed orders and listings that broke off', async () => {
    const { cloud, clock, meter } = begin({
      create: [[made('a'), { token: 'b', ok: false, error: new Raw('No room') }]],
      destroy: [() => new Promise<void>((resolve) => clock.after(40, resolve))],
      list: [[ownedOf('a'), new Raw('odd')]],
    });
    await cloud.create([orderOf('a'), orderOf('b')], goOn);
    const destroyed = cloud.destroy(ownedOf('a'), goOn);
    await clock.advance(40);
    await destroyed;
    await collect(cloud.list('o', goOn)).catch(() => undefined);
    expect(meter.snapshot()).toEqual({
      create: { calls: 1, ms: 0, errors: { 'no-capacity': 1 } },
      destroy: { calls: 1, ms: 40, errors: {} },
      list: { calls: 1, ms: 0, errors: { unknown: 1 } },
    });
  });

  test("the reason of the caller's signal passes as it is", async () => {
    const reason = new Error('not any more');
    const { cloud } = begin({});
    await expect(cloud.offers(AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(collect(cloud.list('o', AbortSignal.abort(reason)))).rejects.toBe(reason);
  });

  test('its account may allow less than any provider can take', async () => {
    const { cloud, clock, adapter } = begin({}, { perSecond: 1 });
    const all = Array.from({ length: 5 }, () => cloud.destroy(ownedOf('a'), goOn));
    await clock.advance(2000);
    expect(adapter.calls).toHaveLength(3);
    await clock.advance(2000);
    expect(adapter.calls).toHaveLength(5);
    await Promise.all(all);
  });
});
