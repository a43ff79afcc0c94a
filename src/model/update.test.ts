import { expect, test } from 'vitest';
import { expectedAnswer, updateRules } from './update.ts';

test('what a policy leaves open', () => {
  expect(updateRules(undefined, 6)).toEqual({
    ...{ parallel: 1, minHealthyMs: 5_000, minRunning: 5, deadlineMs: 300_000, onFailure: 'rollBack' },
  });
  expect(updateRules({ parallel: 4 }, 6).minRunning).toBe(2);
  expect(updateRules({ parallel: 4 }, 3).minRunning).toBe(0);
});

test('no more nodes can be asked to run than there are', () => {
  expect(updateRules({ minRunning: 5 }, 6).minRunning).toBe(5);
  expect(updateRules({ minRunning: 5 }, 3).minRunning).toBe(3);
});

test('a check answers true unless another term is said', () => {
  expect(expectedAnswer({})).toMatchObject({ ok: true, term: { kind: 'atom', value: 'true' } });
  expect(expectedAnswer({ answers: '{ok, [1]}' })).toMatchObject({ ok: true, term: { kind: 'tuple' } });
  expect(expectedAnswer({ answers: '' })).toMatchObject({ ok: false });
  expect(expectedAnswer({ answers: 'one, two' })).toMatchObject({ ok: false, message: 'one term is expected' });
  expect(expectedAnswer({ answers: '{ok' })).toMatchObject({ ok: false });
});
