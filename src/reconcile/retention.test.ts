import { beforeEach, describe, expect, test } from 'vitest';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import { MachineWorld } from '../../test/kit/machine-world.ts';
import * as sample from '../../test/kit/records.ts';
import { fewestEvents } from '../model/event.ts';
import { openMemoryStore } from '../store/store.ts';
import type { Change, Store } from '../store/store.ts';
import { forgetPast, Retaining } from './retention.ts';

const goOn = new AbortController().signal;
const dayMs = 24 * 3_600_000;
const keep = { eventDays: 90, events: 20_000, revisions: 5 };
let clock: ReturnType<typeof fakeClock>;
let store: Store;

beforeEach(async () => {
  clock = fakeClock();
  store = await openMemoryStore(clock);
});

const draft = { level: 'info', kind: 'node', object: 'n', blueprint: 'ants', what: 'started', words: '' } as const;
const tell = (count: number) =>
  store.commit(
    [],
    Array.from({ length: count }, () => draft),
  );
const forget = () => forgetPast({ store, clock }, keep, goOn);

describe('events', () => {
  test('that are older than so many days go, the newest ones stay however old they are', async () => {
    await tell(1_500);
    await clock.advance(80 * dayMs);
    await tell(fewestEvents + 500);
    await clock.advance(9 * dayMs);
    expect(await forget()).toEqual({ events: 0, revisions: 0 });
    await clock.advance(2 * dayMs);
    expect((await forget()).events).toBe(1_500);
    expect(await store.firstEvent()).toBe(1_501);
    await clock.advance(1_000 * dayMs);
    expect((await forget()).events).toBe(500);
    expect(await store.events({ after: 0, limit: 1 })).toMatchObject([{ sequence: 2_001 }]);
    await store.commit([], [draft]);
    expect((await store.recentEvents({ limit: 1 }))[0]?.sequence).toBe(1_500 + fewestEvents + 501);
  });

  test('of which there are more than so many go, but for those of the last day', async () => {
    await tell(keep.events + 2_500);
    expect((await forget()).events).toBe(0);
    await clock.advance(dayMs + 1);
    expect((await forget()).events).toBe(2_500);
    expect(await store.firstEvent()).toBe(2_501);
  });

  test('since an operation began that has not ended stay', async () => {
    await tell(3_000);
    await clock.advance(1_000);
    const begun = new Date(clock.now()).toISOString();
    const value = sample.sampleOperation('op-1', { begun, state: 'running', ended: null });
    await store.commit([{ put: 'operation', key: value.id, value, expect: 0 }]);
    await tell(fewestEvents + 2_000);
    await clock.advance(100 * dayMs);
    expect((await forget()).events).toBe(3_000);
    expect((await forget()).events).toBe(0);
    const ended = { ...value, state: 'succeeded' as const, ended: begun };
    await store.commit([{ put: 'operation', key: value.id, value: ended, expect: null }]);
    expect((await forget()).events).toBe(2_000);
  });

  test('leave no gap where the wall clock was set back for a while', async () => {
    await clock.advance(200 * dayMs);
    await tell(10);
    clock.set(-150 * dayMs);
    await tell(10);
    clock.set(150 * dayMs);
    await tell(fewestEvents);
    await clock.advance(50 * dayMs);
    expect((await forget()).events).toBe(0);
    await clock.advance(41 * dayMs);
    expect((await forget()).events).toBe(20);
  });
});

describe('revisions', () => {
  test('go where they are no longer among the newest and nothing refers to them', async () => {
    const numbers = Array.from({ length: 12 }, (_, at) => at + 1);
    const operation = sample.sampleOperation('op-1', { revision: 3, former: 2 });
    await store.commit([
      { put: 'blueprint', key: 'ants', value: sample.sampleHead({ revision: 12 }), expect: 0 },
      ...numbers.map((number): Change => {
        const value = sample.sampleRevision(sample.sampleDocument(), number);
        return { put: 'revision', key: `ants@${number}`, value, expect: 0 };
      }),
      { put: 'operation', key: operation.id, value: operation, expect: 0 },
      { put: 'rollout', key: 'ants/colony', value: sample.sampleRollout({ revision: 12, former: 5 }), expect: 0 },
    ]);
    expect((await forget()).revisions).toBe(4);
    const kept = (await store.list('revision')).map(({ value }) => value.number).toSorted((a, b) => a - b);
    expect(kept).toEqual([2, 3, 5, 8, 9, 10, 11, 12]);
    expect((await forget()).revisions).toBe(0);
  });
});

test('all of it is done now and then, and not after the end', async () => {
  const world = await MachineWorld.open();
  const retaining = new Retaining({ ...world.world, keep: { ...keep, revisions: 2 } });
  const revise = async (from: number, to: number) => {
    const changes = Array.from({ length: to - from + 1 }, (_, at): Change => {
      const value = sample.sampleRevision(sample.sampleDocument(), from + at);
      return { put: 'revision', key: `ants@${from + at}`, value, expect: 0 };
    });
    const head = sample.sampleHead({ revision: to });
    await world.store.commit([{ put: 'blueprint', key: 'ants', value: head, expect: null }, ...changes]);
  };
  await revise(1, 6);
  retaining.start();
  await world.clock.advance(11 * 60_000);
  expect(await world.store.list('revision')).toHaveLength(2);
  await retaining.close();
  await revise(7, 9);
  await world.clock.advance(60 * 60_000);
  expect(await world.store.list('revision')).toHaveLength(5);
});
