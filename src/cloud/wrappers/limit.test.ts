import { describe, expect, test } from 'vitest';
import { collect } from '../../../test/kit/collect.ts';
import { fakeClock } from '../../../test/kit/fake-clock.ts';
import { ownedOf, scriptedCloud } from '../../../test/kit/scripted-cloud.ts';
import { Fault } from '../../base/fault.ts';
import type { Clock } from '../../base/clock.ts';
import type { Cloud } from '../cloud.ts';
import { Gate, limited, Pace } from './limit.ts';
import type { Limits } from './limit.ts';

const goOn = new AbortController().signal;

function within(cloud: Cloud, limits: Limits, clock: Clock): Cloud {
  const gate = new Gate(limits, clock);
  return limited(cloud, () => gate);
}

describe('the pace', () => {
  /** How many turns are given within `ms` to callers that always want one. */
  async function turns(pace: Pace, clock: ReturnType<typeof fakeClock>, ms: number): Promise<number> {
    const stop = new AbortController();
    let count = 0;
    const run = async () => {
      for (;;) {
        await pace.turn(stop.signal);
        count += 1;
      }
    };
    const runs = run().catch(() => undefined);
    await clock.advance(ms);
    stop.abort();
    await runs;
    return count;
  }

  test('after a rest half a second of calls start together, then they keep the rate', async () => {
    const clock = fakeClock();
    const pace = new Pace(clock, 10);
    expect(await turns(pace, clock, 0)).toBe(6);
    expect(await turns(new Pace(clock, 10), clock, 10_000)).toBe(106);
  });

  test('is halved by throttling, never under its floor, and grows back to the full rate only', () => {
    const pace = new Pace(fakeClock(), 16);
    pace.slower();
    expect(pace.perSecond).toBe(8);
    for (let n = 0; n < 100; n += 1) pace.slower();
    expect(pace.perSecond).toBe(0.2);
    for (let n = 0; n < 100; n += 1) pace.faster();
    expect(pace.perSecond).toBe(16);
  });
});

describe('limit', () => {
  test('lets so many calls through at once, and the next when one has ended', async () => {
    const clock = fakeClock();
    const open: (() => void)[] = [];
    const adapter = scriptedCloud({ destroy: [() => new Promise<void>((resolve) => open.push(resolve))] });
    const cloud = within(adapter, { perSecond: 1000, atOnce: 2 }, clock);
    const calls = ['a', 'b', 'c'].map((token) => cloud.destroy(ownedOf(token), goOn));
    await clock.advance(100);
    expect(open).toHaveLength(2);
    open[0]?.();
    await clock.advance(100);
    expect(open).toHaveLength(3);
    for (const end of open) end();
    await Promise.all(calls);
  });

  test('slows down when it is throttled', async () => {
    const clock = fakeClock(0);
    const times: number[] = [];
    const throttled = () => (times.push(clock.now()), new Fault('throttled', 'slower'));
    const adapter = scriptedCloud({ offers: [throttled, throttled, () => (times.push(clock.now()), [])] });
    const cloud = within(adapter, { perSecond: 2, atOnce: 1 }, clock);
    for (let n = 0; n < 4; n += 1) cloud.offers(goOn).catch(() => undefined);
    await clock.advance(10_000);
    expect(times).toEqual([0, 0, 1000, 3000]);
  });

  test('a caller that gives up while it waits frees its place', async () => {
    const clock = fakeClock();
    const adapter = scriptedCloud({});
    const cloud = within(adapter, { perSecond: 0.5, atOnce: 1 }, clock);
    await cloud.offers(goOn);
    const stop = new AbortController();
    const told = expect(cloud.offers(stop.signal)).rejects.toThrow('enough');
    await clock.advance(1);
    stop.abort(new Error('enough'));
    await told;
    const next = cloud.offers(goOn);
    await clock.advance(10_000);
    await expect(next).resolves.toEqual([]);
    expect(adapter.calls).toHaveLength(2);
  });

  test('a listing that its reader leaves gives its place back', async () => {
    const clock = fakeClock();
    const adapter = scriptedCloud({ list: [[ownedOf('a'), ownedOf('b')]] });
    const cloud = within(adapter, { perSecond: 1000, atOnce: 1 }, clock);
    for await (const owned of cloud.list('o', goOn)) if (owned.token === 'a') break;
    expect(await collect(cloud.list('o', goOn))).toHaveLength(2);
  });
});
