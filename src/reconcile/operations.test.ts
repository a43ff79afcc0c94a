import { beforeEach, describe, expect, test } from 'vitest';
import { MachineWorld } from '../../test/kit/machine-world.ts';
import * as sample from '../../test/kit/records.ts';
import type { Asked, KeptOperation } from '../model/operation.ts';
import type { Node } from '../model/node.ts';
import type { Change } from '../store/store.ts';
import { act, destroy } from './acts.ts';
import { operationKeys, reconcileOperations } from './operation-loop.ts';
import { commitBegun, endOfAll, operationView } from './operations.ts';
import { rollBack } from './roll-back.ts';
import { cancel } from './take-back.ts';

let world: MachineWorld;
const goOn = new AbortController().signal;
const by: Asked = { by: 'ci' };

/** `ants` at revision 2, which has three nodes instead of two; the third one is on its way. */
beforeEach(async () => {
  world = await MachineWorld.open();
  const nodes = [sample.sampleNode(1), sample.sampleNode(2)];
  const third = sample.sampleNode(3, { state: { phase: 'waiting', why: 'for machine here' } });
  await world.store.commit([
    { put: 'release', key: sample.sampleDigest, value: sample.sampleRelease(), expect: 0 },
    { put: 'machine', key: 'm-1', value: sample.sampleMachine('m-1'), expect: 0 },
    { put: 'blueprint', key: 'ants', value: sample.sampleHead({ revision: 2 }), expect: 0 },
    { put: 'revision', key: 'ants@1', value: sample.sampleRevision(), expect: 0 },
    { put: 'revision', key: 'ants@2', value: sample.sampleRevision(sample.sampleDocument('ants', 3), 2), expect: 0 },
    { put: 'proof', key: 'ants', value: sample.sampleProofOf(nodes), expect: 0 },
    ...[...nodes, third].map((value): Change => ({ put: 'node', key: value.id, value, expect: 0 })),
  ]);
});

const scale = { cause: 'family scale colony 3', blueprint: 'ants', revision: 2, former: 1, asked: by };
const begin = (over: object = {}) => commitBegun(world.world, { ...scale, ...over }, [], []);
const operation = async (id: string): Promise<KeptOperation> => (await world.store.get('operation', id))!.value;
const node = async (id: string) => (await world.store.get('node', id))?.value;
const pass = () => reconcileOperations(world.world, 'ants', goOn);

async function putNode(ordinal: number, over: Partial<Node>): Promise<void> {
  const value = { ...(await node(`n-${ordinal}`))!, ...over };
  await world.store.commit([{ put: 'node', key: value.id, value, expect: null }]);
}

/** Everything as revision 2 has it, planned to the end and proven. */
async function arrive(): Promise<void> {
  const nodes = [1, 2, 3].map((ordinal) => sample.sampleNode(ordinal));
  await world.store.commit([
    { put: 'node', key: 'n-3', value: nodes[2]!, expect: null },
    { put: 'proof', key: 'ants', value: sample.sampleProofOf(nodes), expect: null },
  ]);
  world.world.memory.planned.set('ants', { revision: 2, over: true });
}

describe('an operation', () => {
  test('says what began it, by whom, and until when', async () => {
    const { id } = await begin({ asked: { by: 'ci', deadlineMs: 60_000 } });
    expect(await operation(id)).toMatchObject({
      ...{ kind: 'family scale', family: 'colony', by: 'ci', state: 'running', revision: 2, former: 1 },
      deadline: new Date(world.clock.now() + 60_000).toISOString(),
    });
  });

  test('is not recorded where what it stands for is not', async () => {
    const change: Change = { put: 'node', key: 'n-1', value: sample.sampleNode(1), expect: 0 };
    await expect(commitBegun(world.world, scale, [change], [])).rejects.toMatchObject({ code: 'conflict' });
    expect(await world.store.list('operation')).toEqual([]);
  });

  test('is overtaken by a newer one of its blueprint, and keeps how far it was', async () => {
    const first = await begin();
    const second = await begin({ cause: 'apply', revision: 3, former: 2 });
    const ended = await operation(first.id);
    expect(ended).toMatchObject({ state: 'superseded', words: 'by: apply', followedBy: second.id });
    expect(JSON.stringify(ended.tasks)).toContain('for machine here');
  });

  test('that ends one node is not overtaken by the end of another', async () => {
    const one = await act(world.world, 'n-1', 'terminate', by);
    const other = await act(world.world, 'n-2', 'terminate', by);
    expect([(await operation(one.id)).state, (await operation(other.id)).state]).toEqual(['running', 'running']);
    const apply = await begin({ cause: 'apply', revision: 4, former: 3 });
    expect(await operation(one.id)).toMatchObject({ state: 'superseded', followedBy: apply.id });
  });

  test('about a node is overtaken by another about that node only, and by the end of all', async () => {
    const apply = await begin();
    const one = await act(world.world, 'n-1', 'stop', by);
    const other = await act(world.world, 'n-2', 'restart', by);
    const again = await act(world.world, 'n-1', 'start', by);
    const states = async () =>
      Promise.all([apply, one, other, again].map(async ({ id }) => (await operation(id)).state));
    expect(await states()).toEqual(['running', 'superseded', 'running', 'running']);
    await destroy(world.world, 'ants', by);
    expect(await states()).toEqual(['superseded', 'superseded', 'superseded', 'superseded']);
  });

  test('that the control plane itself takes back has failed', async () => {
    const { id } = await begin();
    await rollBack(world.world, { blueprint: 'ants', by: 'the control plane', why: 'colony-3 died twice' });
    expect(await operation(id)).toMatchObject({
      state: 'failed',
      words: expect.stringContaining('colony-3 died twice'),
    });
  });

  test('is kept for a while: the last of each blueprint', async () => {
    for (let count = 0; count < 30; count++) {
      await world.clock.advance(1_000);
      await begin({ revision: 2 + count });
    }
    const kept = await world.store.list('operation');
    expect(kept.length).toBe(22);
    expect(kept.filter(({ value }) => value.state === 'running').length).toBe(1);
    expect(Math.min(...kept.map(({ value }) => value.revision))).toBe(10);
  });
});

describe('its loop', () => {
  test('ends it when it is done, and not before', async () => {
    const { id } = await begin();
    expect(await operationKeys(world.store)).toEqual(['ants']);
    expect(await pass()).toMatchObject({ outcome: 'again' });
    expect((await operation(id)).state).toBe('running');
    await arrive();
    world.world.memory.planned.delete('ants');
    expect(await pass()).toMatchObject({ outcome: 'again' });
    await arrive();
    expect(await pass()).toEqual({ outcome: 'done' });
    expect(await operation(id)).toMatchObject({ state: 'succeeded', tasks: { state: 'done' } });
    expect(await operationKeys(world.store)).toEqual([]);
  });

  test('waits until machines that are given back are gone', async () => {
    const { id } = await begin();
    await arrive();
    const state = { phase: 'destroying', since: sample.sampleTime } as const;
    const value = sample.sampleMachine('m-1', { state });
    await world.store.commit([{ put: 'machine', key: 'm-1', value, expect: null }]);
    await pass();
    expect((await operation(id)).state).toBe('running');
  });

  test('ends it when its deadline passes, in the words for where it is', async () => {
    const { id } = await begin({ asked: { by: 'ci', deadlineMs: 60_000 } });
    await world.clock.advance(59_000);
    await pass();
    expect((await operation(id)).state).toBe('running');
    await world.clock.advance(1_000);
    await pass();
    const ended = await operation(id);
    expect(ended.state).toBe('failed');
    expect(ended.words).toMatch(/^not done within 60 s: .*for machine here/);
    expect((await world.store.get('blueprint', 'ants'))?.value.revision).toBe(2);
    const [event] = await world.store.recentEvents({ limit: 1 });
    expect(event).toMatchObject({ level: 'error', kind: 'operation', object: id, what: 'failed', blueprint: 'ants' });
  });

  test.each([-3_600_000, 3_600_000])(
    'ends it then, not earlier or later, when the clock is set by %i ms',
    async (ms) => {
      const { id } = await begin({ asked: { by: 'ci', deadlineMs: 60_000 } });
      await pass();
      await world.clock.advance(59_000);
      world.clock.set(ms);
      await pass();
      expect((await operation(id)).state).toBe('running');
      await world.clock.advance(1_000);
      await pass();
      expect((await operation(id)).state).toBe('failed');
    },
  );

  test('takes it back then where that was asked for', async () => {
    const { id } = await begin({ asked: { by: 'ci', deadlineMs: 1_000, rollBack: true } });
    await world.clock.advance(1_000);
    await pass();
    const ended = await operation(id);
    expect(ended.state).toBe('failed');
    expect(await operation(ended.followedBy!)).toMatchObject({ kind: 'roll back', undoes: id, revision: 3, former: 2 });
    const revision = (await world.store.get('revision', 'ants@3'))?.value;
    expect(revision?.document).toEqual(sample.sampleDocument());
    expect(revision?.cause).toContain('by the control plane');
  });

  test('ends it all the same where there is no way back, and says why', async () => {
    const { id } = await begin({ former: 7, asked: { by: 'ci', deadlineMs: 1_000, rollBack: true } });
    await world.clock.advance(1_000);
    await pass();
    expect(await operation(id)).toMatchObject({
      state: 'failed',
      words: expect.stringContaining('it could not be taken back: blueprint ants has no revision 7'),
    });
  });

  test('ends a node’s act when the node is as asked', async () => {
    const { id } = await act(world.world, 'n-1', 'restart', by);
    await pass();
    expect((await operation(id)).state).toBe('running');
    await putNode(1, { startedGeneration: 2 });
    await pass();
    expect((await operation(id)).state).toBe('succeeded');
  });
});

describe('cancel', () => {
  test('returns to the revision before, as the next one, and says who did', async () => {
    const { id } = await begin();
    const undo = await cancel(world.world, id, 'ops');
    expect(await operation(id)).toMatchObject({ state: 'cancelled', words: 'cancelled by ops', followedBy: undo.id });
    expect(undo).toMatchObject({ kind: 'roll back', undoes: id, by: 'ops', revision: 3, former: 2 });
    expect((await world.store.get('revision', 'ants@3'))?.value.document).toEqual(sample.sampleDocument());
  });

  test('keeps what was to go and has not begun to; what has begun goes', async () => {
    await putNode(1, { desired: 'removed' });
    await putNode(2, { desired: 'removed', state: { phase: 'stopping', since: sample.sampleTime, process: null } });
    const { id } = await begin();
    await cancel(world.world, id, 'ops');
    expect([(await node('n-1'))?.desired, (await node('n-2'))?.desired]).toEqual(['running', 'removed']);
  });

  test('of a first apply is the end of the blueprint', async () => {
    const { id } = await begin({ cause: 'apply', revision: 1, former: 0 });
    expect(await cancel(world.world, id, 'ops')).toMatchObject({ kind: 'destroy', undoes: id });
    expect((await world.store.get('blueprint', 'ants'))?.value.destroying).toBe(true);
    expect((await operation(id)).state).toBe('cancelled');
  });

  test('of a destroy calls it off: what is there stays', async () => {
    const { id } = await destroy(world.world, 'ants', by);
    expect((await destroy(world.world, 'ants', by)).id).toBe(id);
    for (const ordinal of [1, 2, 3]) await putNode(ordinal, { desired: 'removed' });
    expect(await cancel(world.world, id, 'ops')).toMatchObject({ kind: 'roll back', revision: 3 });
    const head = (await world.store.get('blueprint', 'ants'))?.value;
    expect([head?.destroying, head?.revision]).toEqual([false, 3]);
    expect((await world.store.get('revision', 'ants@3'))?.value.document).toEqual(sample.sampleDocument('ants', 3));
    expect((await node('n-1'))?.desired).toBe('running');
  });

  test.each([
    ['stop', 'running', 1],
    ['restart', 'running', 1],
  ] as const)('of a node’s %s has the node as it was', async (what, desired, generation) => {
    const { id } = await act(world.world, 'n-1', what, by);
    await cancel(world.world, id, 'ops');
    expect(await node('n-1')).toMatchObject({ desired, generation });
  });

  test('of a terminate gives the family its size again', async () => {
    const { id } = await act(world.world, 'n-3', 'terminate', by);
    await cancel(world.world, id, 'ops');
    const head = (await world.store.get('blueprint', 'ants'))!.value;
    const { document } = (await world.store.get('revision', `ants@${head.revision}`))!.value;
    expect(document.families['colony']?.nodes).toBe(3);
    expect((await node('n-3'))?.desired).toBe('running');
  });

  test('of what has ended, or never was, is refused', async () => {
    const { id } = await begin();
    await cancel(world.world, id, 'ops');
    await expect(cancel(world.world, id, 'ops')).rejects.toMatchObject({ code: 'conflict' });
    await expect(cancel(world.world, 'op-none', 'ops')).rejects.toMatchObject({ code: 'not-found' });
    await expect(operationView(world.world, 'op-none')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('of a cancel brings the change back', async () => {
    const { id } = await begin();
    const undo = await cancel(world.world, id, 'ops');
    await cancel(world.world, undo.id, 'ops');
    expect((await world.store.get('revision', 'ants@4'))?.value.document).toEqual(sample.sampleDocument('ants', 3));
  });
});

test('the end of a blueprint is the end of its operations', async () => {
  const { id } = await destroy(world.world, 'ants', by);
  await world.store.commit(await endOfAll(world.world, 'ants', 'left behind: i-1'));
  expect(await operation(id)).toMatchObject({ state: 'succeeded', words: 'left behind: i-1' });
});

test('what is shown of one that runs is as things are now', async () => {
  const { id } = await begin();
  const { operation: shown, tasks } = await operationView(world.world, id);
  expect(shown.words).toContain('for machine here');
  const family = tasks?.tasks.find(({ name }) => name === 'colony');
  expect(family).toMatchObject({ state: 'running', words: '2 of 3 running' });
  expect(family?.tasks.at(-1)).toMatchObject({ name: 'colony-3@127.0.0.1', state: 'waiting' });
});
