import { expect, test } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { fakeClock } from '../../../test/kit/fake-clock.ts';
import { deadline } from './deadlines.ts';

test('waits of any length end late in their time, and not at all when they have ended before', async () => {
  const clock = fakeClock();
  const late: string[] = [];
  const begin = (name: string, ms: number) => deadline(clock, ms, () => late.push(`${name} ${clock.monotonic()}`));
  const first = begin('first', 100);
  begin('other', 30);
  await clock.advance(50);
  begin('second', 100);
  first.end();
  await clock.advance(49);
  expect(late).toEqual(['other 30']);
  await clock.advance(51);
  expect(late).toEqual(['other 30', 'second 150']);
  expect(clock.pending).toBe(0);
});

test('many waits of one length have one timer, and none when the last has ended', () => {
  const clock = fakeClock();
  const waits = Array.from({ length: 100 }, () => deadline(clock, 100, () => expect.unreachable()));
  expect(clock.pending).toBe(1);
  waits.forEach((wait) => wait.end());
  expect(clock.pending).toBe(0);
  waits[0]?.end();
});

test('a wait that begins when another ends late is not lost, nor is one that was to end in between', async () => {
  const clock = fakeClock();
  const late: string[] = [];
  deadline(clock, 100, () => {
    late.push('first');
    deadline(clock, 100, () => late.push(`third ${clock.monotonic()}`));
  });
  await clock.advance(20);
  deadline(clock, 100, () => late.push(`second ${clock.monotonic()}`));
  await clock.advance(300);
  expect(late).toEqual(['first', 'second 120', 'third 200']);
  expect(clock.pending).toBe(0);
});

test('answers that came while we stood still are read before anybody is late', () => {
  let now = 0;
  const timers: { ms: number; act: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after(ms, act) {
      const timer = { ms, act };
      timers.push(timer);
      return { cancel: () => void timers.splice(timers.indexOf(timer), 1) };
    },
  };
  const late: string[] = [];
  const answered = deadline(clock, 100, () => late.push('answered'));
  deadline(clock, 100, () => late.push('silent'));
  now = 60_000;
  timers.shift()?.act();
  expect(late).toEqual([]);
  expect(timers[0]?.ms).toBe(5_000);
  answered.end();
  now = 65_000;
  timers.shift()?.act();
  expect(late).toEqual(['silent']);
  expect(timers).toEqual([]);
});
