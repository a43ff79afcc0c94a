import { expect, test } from 'vitest';
import { sampleMachine, sampleOffer, sampleTime } from '../../test/kit/records.ts';
import { withActivity, withIdle } from './activity.ts';

const activity = { load: 1.5, runQueue: 3, memoryFreeBytes: 2 ** 30 };
const machine = sampleMachine('m-1', {
  attributes: { cores: 2, load: 9 },
  state: { phase: 'ready', since: sampleTime },
});

test('a machine says what it does now, and how long ago that was seen', () => {
  expect(withActivity(machine, { activity, ageMs: 4_200 }).attributes).toEqual({
    cores: 2,
    load: 1.5,
    run_queue: 3,
    memory_free: 2 ** 30,
    measured_ago: 4,
  });
});

test('what was seen too long ago, or when it was made, says nothing', () => {
  expect(withActivity(machine, { activity, ageMs: 61_000 }).attributes).toEqual({ cores: 2 });
  expect(withActivity(machine, null).attributes).toEqual({ cores: 2 });
});

test('a machine that is not there yet does nothing', () => {
  const idle = { load: 0, run_queue: 0 };
  expect(withActivity({ ...machine, state: { phase: 'wanted', why: null } }, null).attributes).toMatchObject(idle);
  const { host: _, ...attributes } = sampleOffer().attributes;
  expect(withIdle(sampleOffer({ attributes })).attributes).toMatchObject(idle);
  expect(withIdle(sampleOffer({ attributes: { host: 'a' } })).attributes).toEqual({ host: 'a' });
});
