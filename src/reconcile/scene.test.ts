/** What a scene says of runs whose nodes are no more. */
import { expect, test } from 'vitest';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import * as sample from '../../test/kit/records.ts';
import { openMemoryStore } from '../store/store.ts';
import { Scene } from './scene.ts';

test('a run with a node that went while it was joined is told, and taken off the record', async () => {
  const store = await openMemoryStore(fakeClock());
  const document = { ...sample.sampleDocument('ants'), families: { colony: { release: 'ants', nodes: 2 } } };
  const nodes = [1, 2].map((ordinal) => sample.sampleNode(ordinal, { id: `n-${ordinal}`, blueprint: 'ants' }));
  const run = (id: string, node: string, peer: string | null, strategy = 'within') =>
    sample.sampleRun(id, { blueprint: 'ants', node, peer, strategy });
  const runs = [
    ...[run('r-there', 'n-1', 'n-2'), run('r-alone', 'n-1', null), run('r-across', 'n-1', 'n-8', 'bees/hive')],
    ...[run('r-peer', 'n-1', 'n-9'), run('r-node', 'n-9', 'n-1'), run('r-both', 'n-9', 'n-7')],
  ];
  await store.commit([
    { put: 'blueprint', key: 'ants', value: sample.sampleHead({ name: 'ants' }), expect: 0 },
    { put: 'revision', key: 'ants@1', value: sample.sampleRevision(document), expect: 0 },
    ...nodes.map((value) => ({ put: 'node' as const, key: value.id, value, expect: 0 as const })),
    ...runs.map((value) => ({ put: 'run' as const, key: value.id, value, expect: 0 as const })),
  ]);
  const scene = await Scene.read(store, document);
  expect(scene.outlived.map(({ id }) => id).sort()).toEqual(['r-both', 'r-node', 'r-peer']);
  await scene.drop(scene.outlived, []);
  const left = (await store.list('run')).map(({ key }) => key);
  expect([left, scene.outlived]).toEqual([['r-across', 'r-alone', 'r-there'], []]);
});
