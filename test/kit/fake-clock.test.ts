import { describe, expect, test } from 'vitest';
import { sleep } from '../../src/base/clock.ts';
import { fakeClock } from './fake-clock.ts';

describe('the fake clock', () => {
  test('fires timers in the order of their times, each at its own time', async () => {
    const clock = fakeClock(0);
    const seen: [string, number][] = [];
    clock.after(20, () => seen.push(['b', clock.now()]));
    clock.after(10, () => seen.push(['a', clock.now()]));
    clock.after(20, () => seen.push(['c', clock.now()]));
    await clock.advance(30);
    expect(seen).toEqual([
      ['a', 10],
      ['b', 20],
      ['c', 20],
    ]);
    expect(clock.now()).toBe(30);
  });

  test('lets what a timer sets in motion set further timers within the same move', async () => {
    const clock = fakeClock();
    let laps = 0;
    const run = async () => {
      for (;;) {
        await sleep(clock, 10);
        laps += 1;
      }
    };
    void run();
    await clock.advance(35);
    expect(laps).toBe(3);
  });

  test('forgets a timer that was taken back', async () => {
    const clock = fakeClock();
    const timer = clock.after(1, () => expect.unreachable());
    timer.cancel();
    await clock.advance(10);
    expect(clock.pending).toBe(0);
  });
});
