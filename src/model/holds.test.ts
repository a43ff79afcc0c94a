import { expect, test } from 'vitest';
import { parseDemand } from './demand.ts';
import { holds } from './holds.ts';

const attributes = { cores: 4, memory: 2 ** 30, country: 'SE', gpu: true, swap: '4G', otp: '25.3', libc: 'glibc' };

test.each([
  ['cores >= 4', true],
  ['cores > 4', false],
  ['cores < 5', true],
  ['cores <= 3', false],
  ['memory >= 1G', true],
  ['memory >= 1025M', false],
  ['swap >= 4096M', true],
  ['country = SE', true],
  ['country = se', false],
  ['country in [FI, SE]', true],
  ['country not in [FI, SE]', false],
  ['gpu = true', true],
  ['gpu != true', false],
  ['otp >= "25.10"', false],
  ['otp >= "25.2"', true],
  ['libc >= 2', false],
  ['tier = gold', false],
  ['tier != gold', true],
  ['tier not in [gold]', true],
  ['tier >= 1', false],
  ['constructor = x', false],
])('%s is %s', (text, expected) => {
  const parsed = parseDemand(text);
  expect(parsed.ok && holds(parsed.demand, attributes)).toBe(expected);
});
