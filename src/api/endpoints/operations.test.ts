import { afterEach, beforeEach, expect, test } from 'vitest';
import { apiForTests, settleAnts } from '../../../test/kit/api-server.ts';
import type { ApiForTests } from '../../../test/kit/api-server.ts';
import { sampleOperation, sampleNode } from '../../../test/kit/records.ts';
import { Fault } from '../../base/fault.ts';
import type { Operation } from '../../model/operation.ts';

let api: ApiForTests;
beforeEach(async () => {
  api = await apiForTests();
  await settleAnts(api.store);
  const tasks = { name: 'ants', state: 'done', words: '', since: null, tasks: [] } as const;
  const over = {
    state: 'succeeded',
    ended: '2026-05-01T11:00:00.000Z',
    words: 'as wished',
    tasks: { ...tasks, tasks: [] },
  };
  const operations = [
    sampleOperation('op-1', { ...over, state: 'succeeded', begun: '2026-05-01T10:00:00.000Z' }),
    sampleOperation('op-2', { cause: 'family scale colony 3', kind: 'family scale', revision: 2, former: 1 }),
    sampleOperation('op-3', { blueprint: 'bees', begun: '2026-05-01T09:00:00.000Z' }),
  ];
  await api.store.commit(operations.map((value) => ({ put: 'operation', key: value.id, value, expect: 0 })));
});
afterEach(() => api.close());

const ids = (body: unknown) => (body as { items: Operation[] }).items.map(({ id }) => id);

test('operations are listed newest first, of all blueprints or one, by state, without their tasks', async () => {
  const all = await api.ask('GET', '/operations');
  expect(ids(all.body)).toEqual(['op-2', 'op-1', 'op-3']);
  expect(all.text).not.toContain('tasks');
  expect(ids((await api.ask('GET', '/operations?blueprint=ants')).body)).toEqual(['op-2', 'op-1']);
  expect(ids((await api.ask('GET', '/operations?state=succeeded')).body)).toEqual(['op-1']);
  expect((await api.ask('GET', '/operations?state=over')).problem.kind).toBe('invalid');
});

test('one that runs says where it is', async () => {
  const why = 'for machine 10.0.0.1';
  const value = sampleNode(2, { state: { phase: 'waiting', why } });
  await api.store.commit([{ put: 'node', key: 'n-2', value, expect: 1 }]);
  const { body } = await api.ask('GET', '/operations?blueprint=ants&state=running');
  expect((body as { items: Operation[] }).items[0]?.words).toContain(why);
});

test('one is shown with its tasks, or without for those who only wait', async () => {
  expect((await api.ask('GET', '/operations/op-2')).body).toMatchObject({
    operation: { id: 'op-2' },
    tasks: { name: 'ants' },
  });
  expect((await api.ask('GET', '/operations/op-2?tasks=false')).body).toMatchObject({
    operation: { id: 'op-2', state: 'running' },
    tasks: null,
  });
  expect((await api.ask('GET', '/operations/op-9?tasks=false')).problem).toMatchObject({
    kind: 'not-found',
    next: 'wombat op list',
  });
});

test('to cancel one answers what is done instead, and names it; one that has ended is a conflict', async () => {
  const answer = await api.ask('POST', '/operations/op-2/cancel');
  expect(answer).toMatchObject({ status: 202, body: { kind: 'roll back', id: 'op-9' } });
  expect(answer.headers['location']).toBe('/api/v1/operations/op-9');
  expect(api.ports.calls).toEqual([['cancel', 'op-2', 'first']]);
  api.ports.answers = { cancel: () => Promise.reject(new Fault('conflict', 'operation op-1 has ended: succeeded')) };
  expect((await api.ask('POST', '/operations/op-1/cancel')).problem.kind).toBe('conflict');
});
