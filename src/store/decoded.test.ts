import { expect, test } from 'vitest';
import { sampleDocument } from '../../test/kit/records.ts';
import { Decoded } from './decoded.ts';
import type { Row } from './decoded.ts';

const value = JSON.stringify({ document: sampleDocument('ants', 1) });
const row = (key: string, version = 1): Row => ({ key, version, value });

test('what is read over and over is parsed once, whatever else is read meanwhile', () => {
  const decoded = new Decoded(4 * value.length);
  const first = decoded.of('revision', row('ants/1'));
  for (let at = 2; at < 100; at += 1) {
    decoded.of('revision', row(`ants/${at}`));
    expect(decoded.of('revision', row('ants/1'))).toBe(first);
  }
});

test('what nobody reads any more is let go', () => {
  const decoded = new Decoded(4 * value.length);
  const first = decoded.of('revision', row('ants/1'));
  for (let at = 2; at < 8; at += 1) decoded.of('revision', row(`ants/${at}`));
  expect(decoded.of('revision', row('ants/1'))).not.toBe(first);
});

test('another version, another stamp and what was removed are parsed anew', () => {
  const decoded = new Decoded(100 * value.length);
  const first = decoded.of('revision', row('ants/1'));
  expect(decoded.of('revision', row('ants/1', 2))).not.toBe(first);
  const second = decoded.of('revision', row('ants/1', 2));
  expect(decoded.of('revision', { ...row('ants/1', 2), stamp: '7' })).not.toBe(second);
  const third = decoded.of('revision', row('ants/2'));
  decoded.forget('revision', 'ants/2');
  expect(decoded.of('revision', row('ants/2'))).not.toBe(third);
});

test('what is larger than the room is not kept, and drives nothing out', () => {
  const decoded = new Decoded(2 * value.length + 2);
  const first = decoded.of('revision', row('ants/1'));
  const large = { ...row('ants/2'), value: ' '.repeat(9 * value.length) + value };
  expect(decoded.of('revision', large)).not.toBe(decoded.of('revision', large));
  expect(decoded.of('revision', row('ants/1'))).toBe(first);
});
