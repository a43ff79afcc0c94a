/** A node that is to be changed while a process lives that is on no record as it: on a lost machine, or launched just now. */
import { expect, test } from 'vitest';
import { RollingWorld } from '../../../test/kit/rolling-world.ts';
import type { Machine } from '../../model/machine.ts';

async function become({ store }: RollingWorld, phase: 'lost' | 'ready'): Promise<void> {
  const record = (await store.get('machine', 'm-1'))!;
  const since = '2026-01-01T00:00:00Z';
  const state: Machine['state'] = phase === 'lost' ? { phase, since, why: 'out of reach' } : { phase, since };
  await store.commit([{ put: 'machine', key: 'm-1', value: { ...record.value, state }, expect: record.version }]);
}

test('a process that outlived a stop is ended before the node is started as another version', async () => {
  const world = await RollingWorld.open(['v1', 'v2']);
  await world.apply(world.document('v1', 1));
  await world.until(() => Promise.resolve(world.serving.length === 1), 60_000);
  await world.until(() => Promise.resolve(false), 3_000);
  await world.apply(world.document('v2', 1));
  await become(world, 'lost');
  const [phase] = await waitFor(world, 'waiting');
  expect([phase, world.serving]).toEqual(['waiting', ['v1']]);
  await become(world, 'ready');
  await world.until(() => Promise.resolve(world.serving.includes('v2')), 60_000);
  expect(world.serving).toEqual(['v2']);
});

async function waitFor(world: RollingWorld, phase: string): Promise<string[]> {
  const phases = async () => (await world.nodes).map(({ state }): string => state.phase);
  await world.until(async () => (await phases()).includes(phase), 30_000);
  return phases();
}

test('a process that was launched a moment before the node is changed is not taken for its next version', async () => {
  const world = await RollingWorld.open(['v1', 'v2']);
  await world.apply(world.document('v1', 1));
  await world.until(() => Promise.resolve(world.serving.length === 1), 60_000);
  // as it is on record between the launch and its own record
  const record = (await world.store.list('node'))[0]!;
  const state = { phase: 'starting', since: '2026-01-01T00:00:00Z', process: null } as const;
  const launched = { ...record.value, state, startedGeneration: 0 };
  await world.store.commit([{ put: 'node', key: record.key, value: launched, expect: record.version }]);
  await world.apply(world.document('v2', 1));
  await world.until(async () => (await world.nodes)[0]?.state.phase === 'running', 60_000);
  expect(world.serving).toEqual(['v2']);
});
