import { expect, test } from 'vitest';
import { age, bytesText, durationMs, durationText } from './quantity.ts';

test.each([
  ['90s', 90_000],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['45', 45_000],
  ['2d', 172_800_000],
  ['10x', undefined],
  ['m10', undefined],
  ['', undefined],
])('durationMs(%j) is %j', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each([
  [999, '999ms'],
  [12_000, '12s'],
  [200_000, '3m 20s'],
  [180_000, '3m'],
  [7_500_000, '2h 5m'],
  [350_000_000, '4d 1h'],
])('durationText(%j) is %j', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test.each([
  [0, '0'],
  [512, '512'],
  [1024, '1K'],
  [3500, '3.4K'],
  [18 * 2 ** 20, '18M'],
  [1.5 * 2 ** 30, '1.5G'],
  [1023 * 1024, '1M'],
])('bytesText(%j) is %j', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test('age counts in the largest unit', () => {
  const now = Date.parse('2026-05-01T12:00:00Z');
  expect(age('2026-05-01T12:00:00Z', now)).toBe('now');
  expect(age('2026-05-01T11:57:30Z', now)).toBe('2m');
  expect(age('2026-04-27T11:00:00Z', now)).toBe('4d');
});
