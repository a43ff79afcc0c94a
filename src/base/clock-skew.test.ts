import { expect, test } from 'vitest';
import { skewMs, skewWords } from './clock-skew.ts';

const exchange = { beganMs: 100_000_000, endedMs: 100_002_500 };

test.each([
  ['within the exchange', 100_001, 0],
  ['in the second in which it began', 100_000, 0],
  ['a second that began before it', 99_999, -1],
  ['an hour ahead', 103_602, 3_599_500],
  ['an hour behind', 96_400, -3_599_001],
])('%s', (_, seconds, wanted) => expect(skewMs(seconds, exchange)).toBe(wanted));

test('more than a minute is told', () => {
  expect(skewWords(60_000)).toBeNull();
  expect(skewWords(-61_000)).toMatch(/^its clock is 1 min behind the control plane's/);
  expect(skewWords(3_599_500)).toMatch(/^its clock is 60 min ahead of/);
});
