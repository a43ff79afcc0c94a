import { describe, expect, test } from 'vitest';
import * as sample from '../../test/kit/records.ts';
import { blueprintStatus } from './blueprint-status.ts';
import type { BlueprintRecords } from './blueprint-status.ts';
import type { Event } from './event.ts';
import type { Node } from './node.ts';
import { kindOf, verdictOf } from './operation.ts';
import type { Operation } from './operation.ts';
import { operationTasks } from './operation-tasks.ts';
import type { OperationScene } from './operation-tasks.ts';
import type { Task } from './task.ts';

const earlier = '2026-05-01T11:00:00.000Z';
const later = '2026-05-01T12:00:05.000Z';

function operation(over: Partial<Operation> = {}): Operation {
  const { tasks: _, ...rest } = sample.sampleOperation('op-1', over);
  return rest;
}

function scene(nodes: readonly Node[], over: Partial<OperationScene> = {}, records: Partial<BlueprintRecords> = {}) {
  const status = blueprintStatus({
    ...{ head: sample.sampleHead(), document: sample.sampleDocument(), machines: [sample.sampleMachine('m-1')] },
    ...{ nodes, proof: sample.sampleProofOf(nodes), releases: [sample.sampleRelease()], rollouts: [], quarantine: [] },
    ...records,
  });
  return { status, rollouts: [], runs: [], events: [], why: () => null, ...over } satisfies OperationScene;
}

const named = (task: Task | undefined, ...path: readonly string[]): Task | undefined =>
  path.reduce((found, name) => found?.tasks.find((one) => one.name === name), task);

const event = (over: Partial<Event>): Event => ({
  ...{ sequence: 1, at: later, level: 'info', kind: 'node', object: 'colony-3@127.0.0.1', blueprint: 'ants' },
  ...{ what: 'removed', words: 'nothing of it is left', ...over },
});

const settled = (ordinal: number) =>
  sample.sampleNode(ordinal, { state: { phase: 'running', since: earlier, process: sample.sampleProcess } });

describe('the tasks of an operation', () => {
  test('do not list what was there before and is as it was', () => {
    const tasks = operationTasks(operation(), scene([settled(1), settled(2)]));
    expect(named(tasks, 'colony')).toMatchObject({ state: 'done', words: '2 of 2 running' });
    expect(named(tasks, 'colony')?.tasks).toEqual([expect.objectContaining({ name: '2 nodes', words: 'as before' })]);
    expect(named(tasks, 'proof')).toMatchObject({ state: 'done', words: 'mesh 2/2 nodes, 1/1 edges, 0 extra' });
  });

  test('tell nodes that are gone since it began, and not those that went before', () => {
    const events = [event({}), event({ object: 'colony-4@127.0.0.1', at: earlier })];
    const colony = named(operationTasks(operation(), scene([settled(1), settled(2)], { events })), 'colony');
    expect(colony?.tasks.map(({ name }) => name)).toEqual(['2 nodes', 'colony-3@127.0.0.1']);
  });

  test('speak in the words of whoever does the work: the loop’s, and the last trouble that was told', () => {
    const state = { phase: 'stopping', since: later, process: sample.sampleProcess } as const;
    const going = sample.sampleNode(2, { desired: 'removed', state });
    const events = [event({ level: 'warning', object: going.name, what: 'not drained', words: 'noproc' })];
    const why: OperationScene['why'] = (loop, key) =>
      loop === 'node' && key === 'n-2' ? 'its process does not end' : null;
    const colony = named(operationTasks(operation(), scene([settled(1), going], { events, why })), 'colony');
    expect(colony?.tasks.at(-1)).toMatchObject({
      state: 'running',
      words: 'stopping: its process does not end; not drained: noproc',
    });
  });

  test('show a changed node before its gate', () => {
    const progress = {
      ...{ name: 'colony-2@127.0.0.1', at: later, gate: 'healthy' as const, words: '4 s of 10 s', healthySince: later },
      ...{ incarnation: 'boot:4711:99', generation: 1, deaths: 0 },
    };
    const rollout = sample.sampleRollout({ state: 'rolling', nodes: { 'n-2': progress } });
    const colony = named(
      operationTasks(operation(), scene([settled(1), settled(2)], { rollouts: [rollout] })),
      'colony',
    );
    expect(colony?.tasks.at(-1)).toMatchObject({
      state: 'running',
      words: 'running; before its gate "healthy": 4 s of 10 s',
    });
  });

  test('of a destroy are machines and nodes only', () => {
    const state = { phase: 'destroying', since: later } as const;
    const machines = [sample.sampleMachine('m-1', { state })];
    const why = () => 'the provider still lists it as shutting-down';
    const tasks = operationTasks(operation({ kind: 'destroy' }), scene([], { why }, { machines }));
    expect(tasks.tasks.map(({ name }) => name)).toEqual(['machines', 'colony']);
    expect(named(tasks, 'machines', 'here/this machine')?.words).toContain('still lists it as shutting-down');
  });

  test('of an act on a node are that node', () => {
    const node = { id: 'n-2', name: 'colony-2@127.0.0.1' };
    const tasks = operationTasks(operation({ kind: 'node restart', node }), scene([settled(1), settled(2)]));
    expect([tasks.name, ...tasks.tasks.map(({ name }) => name)]).toEqual([node.name, node.name]);
  });

  test('say why the plan finds no place, and which edge is wrong', () => {
    const head = sample.sampleHead({ stuck: { code: 'unsatisfiable', why: 'memory >= 64G excludes 3 of 3 offers' } });
    const faults = [{ kind: 'missing edge' as const, nodes: [], words: 'colony-1 does not see colony-2' }];
    const nodes = [settled(1), settled(2)];
    const proof = { ...sample.sampleProofOf(nodes), ok: false, verdict: 'missing edge', faults };
    const tasks = operationTasks(operation(), scene(nodes, {}, { head, proof }));
    expect(named(tasks, 'plan of revision 1')).toMatchObject({ state: 'failed', words: head.stuck?.why });
    expect(named(tasks, 'proof', 'missing edge')?.words).toBe('colony-1 does not see colony-2');
    expect(tasks.state).toBe('failed');
  });
});

describe('the kind of a change', () => {
  test.each([
    ['apply', 'apply'],
    ['family set colony update.parallel=2', 'family set'],
    ['family scale colony 8', 'family scale'],
    ['rebalance --consolidate host', 'rebalance'],
    ['node terminate colony-1@h', 'node terminate'],
    ['rolled back to revision 2 by ops: why', 'roll back'],
    ['applied by my script', 'apply'],
  ])('%s is %s', (cause, kind) => {
    expect(kindOf(cause)).toBe(kind);
  });
});

describe('the verdict', () => {
  test('of a rollout that was stopped is that it failed', () => {
    const rollouts = [sample.sampleRollout({ state: 'stopped', revision: 1, why: 'colony-1 died twice' })];
    const { status } = scene([settled(1), settled(2)], {}, { rollouts });
    expect(verdictOf(operation(), { status, isPlanned: true })).toEqual({
      state: 'failed',
      words: 'colony: colony-1 died twice',
    });
  });

  test('of a node that is gone is that it failed', () => {
    const { status } = scene([settled(1)]);
    const node = { id: 'n-9', name: 'colony-9@h' };
    const verdict = verdictOf(operation({ kind: 'node stop', node }), { status, isPlanned: true });
    expect(verdict).toEqual({ state: 'failed', words: 'colony-9@h is gone' });
  });
});
