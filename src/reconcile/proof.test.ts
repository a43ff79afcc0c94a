/** Proofs that follow each other, and what they spare the looks at single nodes. */
import { expect, test } from 'vitest';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import * as sample from '../../test/kit/records.ts';
import type { ProofMember } from '../cluster/cluster.ts';
import { noLog } from '../base/log.ts';
import type { NodeIn } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import { openMemoryStore } from '../store/store.ts';
import { watched } from './node/running.ts';
import { contradict, proveCluster } from './proof.ts';
import { Scene } from './scene.ts';
import { emptyMemory } from './world.ts';
import type { World } from './world.ts';

const goOn = new AbortController().signal;
const document = { ...sample.sampleDocument('ants'), families: { colony: { release: 'ants', nodes: 2 } } };

function nodeOf(ordinal: number): NodeIn<'running'> {
  const state = {
    phase: 'running' as const,
    since: '2025-12-31T23:59:00.000Z',
    process: { ...sample.sampleProcess, pid: ordinal },
  };
  return sample.sampleNode(ordinal, { id: `colony-${ordinal}`, blueprint: 'ants', family: 'colony', state }) as never;
}

/** Two nodes that run, and what was asked of them. */
async function provenWorld() {
  const clock = fakeClock();
  const store = await openMemoryStore(clock);
  const nodes = [nodeOf(1), nodeOf(2)];
  await store.commit([
    { put: 'blueprint', key: 'ants', value: sample.sampleHead({ name: 'ants' }), expect: 0 },
    { put: 'revision', key: 'ants@1', value: sample.sampleRevision(document), expect: 0 },
    ...nodes.map((value) => ({ put: 'node' as const, key: value.id, value, expect: 0 as const })),
  ]);
  const asked: string[] = [];
  const nature = { areSame: true, ok: true };
  const cluster = {
    prove: (blueprint: string, members: readonly ProofMember[]) => {
      asked.push('prove');
      return Promise.resolve(sample.sampleProof(members.length, { blueprint, ok: nature.ok }));
    },
    sayTheSame: () => {
      asked.push('the same');
      return Promise.resolve(nature.areSame);
    },
    answers: ({ id }: Node) => {
      asked.push(`answers ${id}`);
      return Promise.resolve(true);
    },
  };
  const memory = emptyMemory();
  const wake = { component: () => undefined, node: () => undefined };
  const world = { store, cluster, wake, log: noLog, clock, memory } as unknown as World;
  const pass = async () => proveCluster(world, await Scene.read(store, document), goOn);
  await pass();
  for (const { id, state } of nodes) memory.seen.set(id, state.process);
  const machine = sample.sampleMachine('m-1', { state: { phase: 'ready', since: sample.sampleTime } });
  const look = async (node = nodes[0] as NodeIn<'running'>) => watched({ world, node, machine, signal: goOn });
  return { world, clock, store, asked, nature, nodes, pass, look };
}

const periodMs = 29_000;

test('while nothing has changed and all say the same, the proof is dated anew and not judged', async () => {
  const { clock, store, asked, pass } = await provenWorld();
  const before = (await store.get('proof', 'ants'))?.value;
  for (let time = 0; time < 3; time += 1) {
    await clock.advance(periodMs);
    await pass();
  }
  expect(asked).toEqual(['prove', 'the same', 'the same', 'the same']);
  const after = (await store.get('proof', 'ants'))?.value;
  expect(after).toEqual({ ...before, at: '2026-01-01T00:01:27.000Z' });
});

test('where one says anything else it is judged', async () => {
  const { clock, asked, nature, pass } = await provenWorld();
  nature.areSame = false;
  await clock.advance(periodMs);
  await pass();
  expect(asked).toEqual(['prove', 'the same', 'prove']);
});

test('where a record is another one it is judged, whatever they say', async () => {
  const { clock, store, asked, nodes, pass } = await provenWorld();
  const value = { ...(nodes[0] as Node), generation: 1, failures: 1 };
  await store.commit([{ put: 'node', key: value.id, value, expect: 1 }]);
  await clock.advance(periodMs);
  await pass();
  expect(asked).toEqual(['prove', 'prove']);
});

test('after a contradiction, and after a proof that failed, it is judged', async () => {
  const { world, clock, asked, nature, nodes, pass } = await provenWorld();
  await contradict(world, nodes[0] as Node, 'no answer');
  nature.ok = false;
  await pass();
  await clock.advance(periodMs);
  await pass();
  expect(asked).toEqual(['prove', 'prove', 'prove']);
});

test('who has answered for a proof is not asked before its time has come again', async () => {
  const { clock, asked, look } = await provenWorld();
  await clock.advance(4_000);
  expect(await look()).toMatchObject({ outcome: 'again', afterMs: 6_000 });
  expect(asked).toEqual(['prove']);
  await clock.advance(6_000);
  expect(await look()).toMatchObject({ outcome: 'again', afterMs: 10_000 });
  expect(asked).toEqual(['prove', 'answers colony-1']);
});

test('a node is asked all the same that was lost since, or is another process', async () => {
  const { world, clock, asked, nodes, look } = await provenWorld();
  await clock.advance(1_000);
  world.memory.lostAt.set('colony-1', clock.monotonic());
  await clock.advance(1_000);
  await look();
  const since = new Date(clock.now()).toISOString();
  const node = nodes[1] as NodeIn<'running'>;
  await clock.advance(1_000);
  await look({ ...node, state: { ...node.state, since } });
  expect(asked).toEqual(['prove', 'answers colony-1', 'answers colony-2']);
});
