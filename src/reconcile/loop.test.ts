import { describe, expect, test } from 'vitest';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import { noLog } from '../base/log.ts';
import { again, done, stuck } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import { seededRandom } from '../base/random.ts';
import { Loop } from './loop.ts';
import type { LoopOptions } from './loop.ts';

const periodMs = 10_000;

/** A loop over these keys whose passes are counted and answered by `answer`. */
function counting(
  answer: (key: string, pass: number) => Outcome | Promise<Outcome>,
  keys: readonly string[] = ['a'],
  parallel = 8,
  more: Pick<LoopOptions, 'rests'> = {},
) {
  const clock = fakeClock();
  const passes: string[] = [];
  const loop = new Loop({
    name: 'test',
    clock,
    random: seededRandom(1),
    log: noLog,
    parallel,
    periodMs,
    ...more,
    keys: () => Promise.resolve(keys),
    reconcile: async (key) => {
      passes.push(key);
      return answer(key, passes.length);
    },
  });
  return { clock, loop, passes };
}

/** A promise and how to end it. */
function gate(): { open(): void; readonly opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}

describe('a loop', () => {
  test('looks at every key at its start and once a period', async () => {
    const { clock, loop, passes } = counting(() => done, ['a', 'b']);
    loop.start();
    await clock.advance(0);
    expect(passes).toEqual(['a', 'b']);
    await clock.advance(periodMs);
    expect(passes).toEqual(['a', 'b', 'a', 'b']);
    await loop.close();
  });

  test('that rests looks once for all that wake a key while it rests, and no later than it may', async () => {
    const rests = { times: 2, longestMs: 500 };
    const took = (clock: ReturnType<typeof fakeClock>, ms: number) =>
      new Promise<void>((over) => void clock.after(ms, over));
    const world: ReturnType<typeof counting> = counting(() => took(world.clock, 100).then(() => done), ['a'], 8, {
      rests,
    });
    const { clock, loop, passes } = world;
    loop.start();
    await clock.advance(100);
    loop.wake('a');
    loop.wake('a');
    await clock.advance(199);
    expect(passes).toHaveLength(1);
    await clock.advance(1);
    expect(passes).toHaveLength(2);
    await clock.advance(100);
    await clock.advance(1_000);
    expect(passes).toHaveLength(2);
    loop.wake('a');
    expect(passes).toHaveLength(3);
    await Promise.all([clock.advance(100), loop.close()]);
  });

  test('says why a key was not brought to its end, until it is', async () => {
    const { clock, loop } = counting((_, pass) => {
      if (pass === 2) throw new Error('connect ECONNREFUSED');
      return pass === 1 ? again(500, 'it boots') : done;
    });
    expect(loop.why('a')).toBeNull();
    loop.start();
    await clock.advance(0);
    expect(loop.why('a')).toBe('it boots');
    await clock.advance(500);
    expect(loop.why('a')).toBe('connect ECONNREFUSED');
    await clock.advance(periodMs);
    expect(loop.why('a')).toBeNull();
    await loop.close();
  });

  test('looks again after the time a pass asked for', async () => {
    const { clock, loop, passes } = counting((_, pass) => (pass === 1 ? again(500, 'under way') : done));
    loop.start();
    await clock.advance(499);
    expect(passes).toHaveLength(1);
    await clock.advance(1);
    expect(passes).toHaveLength(2);
    await loop.close();
  });

  test('leaves a stuck key alone until it is woken or the period comes', async () => {
    const { clock, loop, passes } = counting(() => stuck('no key'));
    loop.start();
    await clock.advance(periodMs - 1);
    expect(passes).toHaveLength(1);
    loop.wake('a');
    await clock.advance(0);
    expect(passes).toHaveLength(2);
    await loop.close();
  });

  test('a wake-up takes the place of a sleep', async () => {
    const { clock, loop, passes } = counting((_, pass) => (pass === 1 ? again(5_000, 'under way') : done));
    loop.start();
    await clock.advance(10);
    loop.wake('a');
    await clock.advance(0);
    expect(passes).toHaveLength(2);
    await clock.advance(5_000);
    expect(passes).toHaveLength(2);
    await loop.close();
  });

  test('never looks at a key twice at once, and once more when it was woken meanwhile', async () => {
    const first = gate();
    const { clock, loop, passes } = counting(async (_, pass) => {
      if (pass === 1) await first.opened;
      return done;
    });
    loop.start();
    await clock.advance(0);
    loop.wake('a');
    loop.wake('a');
    await clock.advance(0);
    expect(passes).toHaveLength(1);
    first.open();
    await clock.advance(0);
    expect(passes).toHaveLength(2);
    await loop.close();
  });

  test('runs no more keys at once than it may', async () => {
    const all = gate();
    let atOnce = 0;
    let most = 0;
    const { clock, loop, passes } = counting(
      async () => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        await all.opened;
        atOnce -= 1;
        return done;
      },
      ['a', 'b', 'c', 'd', 'e'],
      2,
    );
    loop.start();
    await clock.advance(0);
    expect(passes).toEqual(['a', 'b']);
    all.open();
    await clock.advance(0);
    expect(passes).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(most).toBe(2);
    await loop.close();
  });

  test('looks at what was woken before what is looked at now and then, which is never kept out', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const first = gate();
    const { clock, loop, passes } = counting(
      async (_, pass) => {
        if (pass === 1) await first.opened;
        return done;
      },
      names,
      1,
    );
    loop.start();
    await clock.advance(0);
    for (const one of ['d', 'e', 'f', 'g', 'h']) loop.wake(one);
    first.open();
    await clock.advance(0);
    expect(passes.indexOf('d')).toBeLessThan(passes.indexOf('b'));
    expect(passes.indexOf('b')).toBeLessThan(passes.indexOf('h'));
    expect([...passes].sort()).toEqual(names);
    await loop.close();
  });

  test('its period leaves a key alone whose time comes within it, and looks at one that sleeps for longer', async () => {
    const { clock, loop, passes } = counting(
      (key, pass) =>
        key === 'soon' && pass <= 2 ? again(1.5 * periodMs, 'now and then') : again(4 * periodMs, 'seldom'),
      ['soon', 'late'],
    );
    loop.start();
    await clock.advance(periodMs);
    expect(passes).toEqual(['soon', 'late', 'late']);
    await clock.advance(0.5 * periodMs);
    expect(passes).toEqual(['soon', 'late', 'late', 'soon']);
    await loop.close();
  });

  test('answers errors with longer and longer pauses, and starts over after a success', async () => {
    const at: number[] = [];
    const { clock, loop } = counting((_, pass) => {
      at.push(clock.monotonic());
      if (pass <= 3) throw new Error('broken');
      return done;
    });
    loop.start();
    await clock.advance(periodMs - 1);
    const pauses = at.slice(1).map((moment, index) => moment - (at[index] ?? 0));
    expect(pauses).toHaveLength(3);
    pauses.forEach((pause, index) => {
      expect(pause).toBeGreaterThanOrEqual(125 * 2 ** index);
      expect(pause).toBeLessThanOrEqual(250 * 2 ** index + 1);
    });
    await loop.close();
  });

  test('closes only when the pass under way has ended, and aborts its signal', async () => {
    const clock = fakeClock();
    let reason: unknown;
    let ended = false;
    const loop = new Loop({
      name: 'test',
      clock,
      random: seededRandom(1),
      log: noLog,
      parallel: 1,
      periodMs,
      keys: () => Promise.resolve(['a']),
      reconcile: async (_key, signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        reason = signal.reason;
        ended = true;
        return done;
      },
    });
    loop.start();
    await clock.advance(0);
    await loop.close();
    expect(ended).toBe(true);
    expect(reason).toBeInstanceOf(Error);
  });
});
