import { expect, test } from 'vitest';
import { elapsedSince } from './elapsed.ts';
import { emptyMemory } from './world.ts';

const hourMs = 3_600_000;

/** Two clocks that go on together until somebody sets the one on the wall. */
function clocks(wallMs: number) {
  const at = { wall: wallMs, monotonic: 5_000 };
  const clock = { now: () => at.wall, monotonic: () => at.monotonic, after: () => ({ cancel() {} }) };
  return {
    world: { clock, memory: emptyMemory() },
    pass: (ms: number) => Object.assign(at, { wall: at.wall + ms, monotonic: at.monotonic + ms }),
    set: (ms: number) => Object.assign(at, { wall: at.wall + ms }),
  };
}

const since = '2026-05-01T12:00:00.000Z';

test.each([hourMs, -hourMs])('a clock that is set by %i ms changes nothing that has been met', (ms) => {
  const { world, pass, set } = clocks(Date.parse(since));
  expect(elapsedSince(world, 'n-1', since)).toBe(0);
  pass(2_000);
  set(ms);
  pass(3_000);
  expect(elapsedSince(world, 'n-1', since)).toBe(5_000);
});

test('what was recorded before this process began is measured by the wall', () => {
  const { world, pass } = clocks(Date.parse(since) + 7_000);
  expect(elapsedSince(world, 'n-1', since)).toBe(7_000);
  pass(1_000);
  expect(elapsedSince(world, 'n-1', since)).toBe(8_000);
});

test('a moment in the future is now, and time goes on from there', () => {
  const { world, pass } = clocks(Date.parse(since) - hourMs);
  expect(elapsedSince(world, 'n-1', since)).toBe(0);
  pass(1_500);
  expect(elapsedSince(world, 'n-1', since)).toBe(1_500);
});

test('another moment of the same thing is met anew', () => {
  const { world, pass } = clocks(Date.parse(since));
  elapsedSince(world, 'n-1', since);
  pass(4_000);
  expect(elapsedSince(world, 'n-1', '2026-05-01T12:00:03.000Z')).toBe(1_000);
});

test('a moment that is asked for now and then stays met for hours; one that nobody asks for is forgotten', () => {
  const { world, pass, set } = clocks(Date.parse(since));
  elapsedSince(world, 'n-1', since);
  elapsedSince(world, 'n-2', since);
  set(hourMs);
  for (let minutes = 0; minutes < 120; minutes += 10) {
    pass(600_000);
    expect(elapsedSince(world, 'n-1', since)).toBe(600_000 + minutes * 60_000);
  }
  expect(elapsedSince(world, 'n-2', since)).toBe(3 * hourMs);
});
