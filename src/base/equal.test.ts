import { expect, test } from 'vitest';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { equal } from './equal.ts';

test('says the same as the machine of any two JSON values, and that each is itself however its keys are ordered', () => {
  const value = fc.jsonValue().map((one) => JSON.parse(JSON.stringify(one)) as unknown);
  fc.assert(fc.property(value, value, (one, other) => equal(one, other) === isDeepStrictEqual(one, other)));
  fc.assert(fc.property(value, (one) => equal(one, JSON.parse(JSON.stringify(one)))));
  expect(equal({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe(true);
});

test('tells what differs only a little', () => {
  expect(equal({ a: undefined }, {})).toBe(false);
  expect(equal({ a: 1 }, { b: 1 })).toBe(false);
  expect(equal([], {})).toBe(false);
  expect(equal([1, 2], [2, 1])).toBe(false);
  expect(equal(null, {})).toBe(false);
});
