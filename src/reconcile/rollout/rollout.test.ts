import { describe, expect, test } from 'vitest';
import { RollingWorld, digestOf } from '../../../test/kit/rolling-world.ts';
import type { UpdatePolicy } from '../../model/update.ts';
import { rollBack } from '../roll-back.ts';

/** interleavings that are tried */
const seeds = process.env['WOMBAT_TEST_LONG'] === '1' ? 200 : 3;

const update: UpdatePolicy = { parallel: 1, minHealthySeconds: 3, minRunning: 5, deadlineSeconds: 30, check: 'true' };

/** A world in which six nodes run the first version and have done so for a while. */
async function running(over: UpdatePolicy = {}, seed = 1): Promise<RollingWorld> {
  const world = await RollingWorld.open(['v1', 'v2', 'v3'], seed);
  await world.apply(world.document('v1', 6, { update: { ...update, ...over } }));
  const isUp = async () =>
    (await world.nodes).every(({ state }) => state.phase === 'running') && world.serving.length === 6;
  expect(await world.until(isUp, 60_000), 'the first version runs').toBe(true);
  await world.until(() => Promise.resolve(false), 5_000);
  world.watch();
  return world;
}

const stateOf = (world: RollingWorld) => async () => {
  const state = (await world.rollout)?.state;
  return state !== undefined && state !== 'rolling' && state !== 'rolling back';
};

async function settled(world: RollingWorld, ms = 240_000): Promise<string | undefined> {
  await world.until(stateOf(world), ms);
  return (await world.rollout)?.state;
}

const count = (names: readonly string[], name: string) => names.filter((one) => one === name).length;
const pids = (world: RollingWorld) => new Map([...world.processes].map(([id, { process }]) => [id, process.pid]));

describe('another version', () => {
  test('reaches every node, never with fewer running than declared', async () => {
    const world = await running();
    await world.apply(world.document('v2', 6, { update }));
    expect(await settled(world)).toBe('done');
    expect(world.serving).toEqual(Array(6).fill('v2'));
    expect(world.fewest).toBe(5);
    const events = await world.store.recentEvents({ limit: 200 });
    const told = events.map(({ what }) => what);
    expect(count(told, 'healthy')).toBe(6);
    expect(told).toContain('rolled out');
  });

  test('is let on only when nodes have been healthy for long enough', async () => {
    const world = await running();
    await world.apply(world.document('v2', 6, { update }));
    const started = world.clock.now();
    await settled(world);
    expect(world.clock.now() - started).toBeGreaterThan(6 * 3_000);
  });

  test.each([-3_600_000, 3_600_000])('goes on as before when the clock is set by %i ms', async (ms) => {
    const world = await running();
    await world.apply(world.document('v2', 6, { update }));
    const started = world.clock.monotonic();
    await world.until(() => Promise.resolve(false), 4_000);
    world.clock.set(ms);
    expect(await settled(world)).toBe('done');
    const took = world.clock.monotonic() - started;
    expect(took).toBeGreaterThan(6 * 3_000);
    expect(took).toBeLessThan(120_000);
  });

  test('goes several nodes at a time where the policy has it', async () => {
    const world = await running({ parallel: 3, minRunning: 2 });
    await world.apply(world.document('v2', 6, { update: { ...update, parallel: 3, minRunning: 2 } }));
    expect(await settled(world)).toBe('done');
    expect(world.fewest).toBe(3);
  });

  test('of which no node may be missing is made with one more, that goes again', async () => {
    const all = { ...update, minRunning: 6 };
    const world = await running(all);
    const names = (await world.nodes).map(({ name }) => name).sort();
    await world.apply(world.document('v2', 6, { update: all }));
    expect(await settled(world)).toBe('done');
    expect(world.fewest).toBe(6);
    expect((await world.nodes).map(({ name }) => name).sort()).toEqual(names);
    expect(world.serving).toEqual(Array(6).fill('v2'));
  });

  test('is stopped as the process was started, not as the next one will be', async () => {
    const world = await RollingWorld.open(['v1', 'v2']);
    await world.apply(
      world.document('v1', 1, { update: { ...update, minRunning: 0 }, hooks: { beforeStop: 'app:drain()' } }),
    );
    await world.until(async () => (await world.nodes)[0]?.state.phase === 'running', 20_000);
    await world.apply(
      world.document('v2', 1, { update: { ...update, minRunning: 0 }, hooks: { beforeStop: 'app:drain_better()' } }),
    );
    expect(await settled(world)).toBe('done');
    expect(world.hooks).toEqual(['app:drain() on v1']);
    expect((await world.nodes)[0]?.asStarted).toBeUndefined();
  });

  test('of which the former one crashes is tried at once', async () => {
    const world = await running();
    world.behaviours.set('v1', { diesAfterMs: 500 });
    await world.until(async () => (await world.nodes).every(({ failures }) => failures > 3), 120_000);
    await world.apply(world.document('v2', 6, { update }));
    expect(await world.until(() => Promise.resolve(count(world.serving, 'v2') === 6), 10_000)).toBe(true);
  });

  test('may be another configuration only', async () => {
    const world = await running();
    const config = { env: { TOUR: '2' }, vmArgs: ['+S', '1'] };
    await world.apply(world.document('v1', 6, { update, config }));
    expect(await settled(world)).toBe('done');
    expect((await world.nodes).every(({ specification }) => specification.config.env?.['TOUR'] === '2')).toBe(true);
    expect(world.fewest).toBe(5);
  });
});

describe('a version that fails', () => {
  const bad = {
    'dies two seconds after its start': { diesAfterMs: 2_000 },
    'dies while it boots': { diesAfterMs: 300 },
    'never answers': { isMute: true, diesAfterMs: 20_000 },
    'does not see its neighbours': { complaint: 'it does not see colony-1' },
    'fails its check': { checkFails: true },
  };

  test.each(Object.entries(bad))('because it %s is rolled back and quarantined', async (_, behaviour) => {
    const world = await running();
    const before = pids(world);
    world.behaviours.set('v3', behaviour);
    await world.apply(world.document('v3', 6, { update }));
    expect(await settled(world)).toBe('rolled back');
    expect(world.serving).toEqual(Array(6).fill('v1'));
    expect(world.fewest).toBeGreaterThanOrEqual(5);
    const untouched = [...pids(world)].filter(([id, pid]) => before.get(id) === pid);
    expect(untouched, 'nodes that were not touched are the same processes').toHaveLength(5);
    const revision = (await world.store.get('revision', 'ants@3'))?.value;
    expect(revision?.cause).toMatch(/^rolled back to revision 1 by the control plane: colony-\d@/);
    expect(revision?.document.releases).toEqual({ ants: { digest: digestOf('v1') } });
    const again = world.apply(world.document('v3', 6, { update }));
    await expect(again).rejects.toMatchObject({ code: 'quarantined' });
    await expect(again).rejects.toThrow('in quarantine since it failed as revision 2: colony-');
  });

  test('is applied again once the quarantine is lifted, another configuration at once', async () => {
    const world = await running();
    world.behaviours.set('v3', { checkFails: true });
    await world.apply(world.document('v3', 6, { update }));
    await settled(world);
    world.behaviours.delete('v3');
    const [record] = await world.store.list('quarantine');
    expect(record?.value).toMatchObject({ family: 'colony', release: 'ants@v3', revision: 2 });
    await world.apply(world.document('v3', 6, { update, config: { env: { FIXED: '1' } } }));
    expect(await settled(world)).toBe('done');
    await world.store.commit([{ remove: 'quarantine', key: record?.key ?? '', expect: null }]);
    await world.apply(world.document('v3', 6, { update }));
    expect(await settled(world)).toBe('done');
  });

  test('leaves no trace where one more was made first: every node is the same process', async () => {
    const all = { ...update, minRunning: 6 };
    const world = await running(all);
    const before = pids(world);
    world.behaviours.set('v3', { diesAfterMs: 2_000 });
    await world.apply(world.document('v3', 6, { update: all }));
    expect(await settled(world)).toBe('rolled back');
    await world.until(async () => (await world.nodes).length === 6, 20_000);
    expect(pids(world)).toEqual(before);
    expect(world.fewest).toBe(6);
  });

  test('stops where it is when the policy says so', async () => {
    const stop: UpdatePolicy = { ...update, onFailure: 'stop' };
    const world = await running(stop);
    world.behaviours.set('v3', { checkFails: true });
    await world.apply(world.document('v3', 6, { update: stop }));
    expect(await settled(world)).toBe('stopped');
    await world.until(() => Promise.resolve(false), 20_000);
    expect(count(world.serving, 'v3')).toBe(1);
    expect((await world.rollout)?.why).toContain('was not healthy within 30 s: not checked: it says no');
    await world.apply(world.document('v2', 6, { update: stop }));
    expect(await settled(world)).toBe('done');
    expect(world.serving).toEqual(Array(6).fill('v2'));
  });

  test('after one that was not finished goes back to the last that was', async () => {
    const world = await running();
    await world.apply(world.document('v2', 6, { update }));
    await world.until(() => Promise.resolve(count(world.serving, 'v2') === 2), 60_000);
    world.behaviours.set('v3', { diesAfterMs: 2_000 });
    await world.apply(world.document('v3', 6, { update }));
    expect(await settled(world)).toBe('rolled back');
    expect(world.serving).toEqual(Array(6).fill('v1'));
    expect(world.fewest).toBeGreaterThanOrEqual(5);
  });
});

test('time in which no control plane looked is held against no version', async () => {
  const world = await running();
  world.behaviours.set('v2', { bootMs: 8_000 });
  await world.apply(world.document('v2', 6, { update }));
  await world.until(async () => Object.keys((await world.rollout)?.nodes ?? {}).length === 1, 20_000);
  world.reopen();
  await world.clock.advance(3_600_000);
  expect(await settled(world)).toBe('done');
});

test('a person can take back what is under way', async () => {
  const world = await running();
  await world.apply(world.document('v2', 6, { update }));
  await world.until(() => Promise.resolve(count(world.serving, 'v2') === 3), 60_000);
  await rollBack(world.world, { blueprint: 'ants', by: 'ops', why: 'cancelled' });
  expect(await settled(world)).toBe('rolled back');
  expect(world.serving).toEqual(Array(6).fill('v1'));
  expect(world.fewest).toBe(5);
  expect(await world.store.list('quarantine')).toEqual([]);
});

const everySeed = Array.from({ length: seeds }, (_, at) => at + 1);

test.each(everySeed)(
  'never fewer than declared, whatever happens in which order and whenever the control plane dies: seed %i',
  async (seed) => {
    const minRunning = 4 + (seed % 3);
    const policy: UpdatePolicy = { ...update, minRunning, parallel: 1 + (seed % 2) };
    const world = await running(policy, seed);
    const ways = [{}, { diesAfterMs: 2_000 }, { checkFails: true }, { isMute: true, diesAfterMs: 5_000 }];
    const behaviour = ways[seed % ways.length] ?? {};
    world.behaviours.set('v2', behaviour);
    await world.apply(world.document('v2', 6, { update: policy }));
    for (let death = 0; death < 6; death += 1) {
      await world.until(stateOf(world), 200 + world.random.below(8_000));
      world.reopen();
    }
    const isGood = Object.keys(behaviour).length === 0;
    expect(await settled(world)).toBe(isGood ? 'done' : 'rolled back');
    expect(world.fewest).toBeGreaterThanOrEqual(minRunning);
    await world.until(async () => (await world.nodes).length === 6, 20_000);
    expect(world.serving).toEqual(Array(6).fill(isGood ? 'v2' : 'v1'));
  },
);
