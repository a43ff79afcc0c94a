/** The simulated cloud keeps the seam, and fails on command. */
import { describe, expect, test } from 'vitest';
import { collect } from '../kit/collect.ts';
import { openMemory, MemoryWorld } from '../../src/cloud/memory/memory.ts';
import type { Cloud, Order } from '../../src/cloud/cloud.ts';
import { fakeClock } from '../kit/fake-clock.ts';
import { conformance } from './conformance.ts';
import { contextOf } from './context.ts';

const domains = Object.fromEntries(
  ['d1', 'd2', 'd3'].map((name) => [name, { zone: name, capabilities: { tier: 'gold', scratch: '1G' } }]),
);
const goOn = new AbortController().signal;

conformance('memory', { kind: 'memory', attributes: [] }, async () => {
  const world = new MemoryWorld();
  const clock = fakeClock();
  const open = (owner: string) =>
    openMemory(world)(contextOf({ owner, definition: { kind: 'memory' }, domains, clock }));
  const out = new MemoryWorld();
  out.provider('under-test').mishaps.outage = 'the data centre is on fire';
  const broken = {
    what: 'an outage',
    code: 'unavailable',
    open: (owner: string) => openMemory(out)(contextOf({ owner, definition: { kind: 'memory' }, domains })),
  } as const;
  return Promise.resolve({ open, broken: [broken], settle: () => clock.advance(1000), stop: () => Promise.resolve() });
});

describe('the simulated cloud', () => {
  const order = (token: string): Order => ({
    token,
    owner: 'o',
    domain: 'd1',
    offer: 'd1/standard',
    machineType: 'standard',
    name: token,
    boot: null,
  });
  const begin = (machines = 2) => {
    const world = new MemoryWorld();
    const clock = fakeClock();
    const definition = { kind: 'memory', machines, cores: 2, memory: '4G' } as const;
    const cloud = openMemory(world)(contextOf({ owner: 'o', definition, domains, clock }));
    return { world, clock, cloud, state: world.provider('under-test') };
  };
  const list = (cloud: Cloud) => collect(cloud.list('o', goOn));

  test('a machine starts, then runs, by the clock', async () => {
    const { cloud, clock, state } = begin();
    state.machines.bootMs = 500;
    await cloud.create([order('a')], goOn);
    expect((await list(cloud)).map(({ state: is }) => is)).toEqual(['starting']);
    await clock.advance(500);
    expect((await list(cloud)).map(({ state: is }) => is)).toEqual(['running']);
  });

  test('a zone that is sold out refuses each order that finds nothing', async () => {
    const { cloud } = begin(2);
    const created = await cloud.create([order('a'), order('b'), order('c')], goOn);
    expect(created.map((one) => (one.ok ? 'ok' : cloud.faultOf(one.error)))).toEqual(['ok', 'ok', 'no-capacity']);
  });

  test('mishaps meet one call each, in the order commanded', async () => {
    const { cloud, state } = begin();
    state.mishaps.next('create', { what: 'fail', code: 'throttled', retryAfterMs: 700 });
    state.mishaps.next('create', { what: 'lose' });
    const codes = [];
    for (let call = 0; call < 3; call += 1)
      codes.push(
        await cloud.create([order('a')], goOn).then(
          () => 'ok',
          (error: unknown) => cloud.faultOf(error),
        ),
      );
    expect(codes).toEqual(['throttled', 'timeout', 'ok']);
    expect(state.machines.standing).toHaveLength(1);
  });

  test('a late order takes effect after the caller has given up', async () => {
    const { cloud, clock, state } = begin();
    state.mishaps.next('create', { what: 'late', ms: 50 });
    await expect(cloud.create([order('a')], goOn)).rejects.toThrow('lost');
    expect(await list(cloud)).toEqual([]);
    await clock.advance(50);
    expect(await list(cloud)).toHaveLength(1);
  });

  test('an order that arrives twice makes one machine', async () => {
    const { cloud, state } = begin();
    state.mishaps.next('create', { what: 'double' });
    await cloud.create([order('a')], goOn);
    expect(state.machines.standing).toHaveLength(1);
  });

  test('a list that lags shows neither what is new nor that something is gone', async () => {
    const { cloud, clock, state } = begin();
    state.machines.listLagMs = 100;
    const [created] = await cloud.create([order('a')], goOn);
    expect(await list(cloud)).toEqual([]);
    await clock.advance(100);
    expect(await list(cloud)).toHaveLength(1);
    if (created?.ok) await cloud.destroy(created.owned, goOn);
    expect(await list(cloud)).toHaveLength(1);
    await clock.advance(100);
    expect(await list(cloud)).toEqual([]);
  });

  test('a machine that died is listed as failed; one that vanished is not', async () => {
    const { cloud, clock, state, world } = begin();
    await cloud.create([order('a'), order('b')], goOn);
    state.machines.kill('under-test-1', 'disk on fire');
    state.machines.remove('under-test-2', clock.now());
    expect(await list(cloud)).toMatchObject([{ id: 'under-test-1', state: 'failed', words: 'disk on fire' }]);
    expect(world.machine('under-test-2')).toBeUndefined();
  });

  test('the firewall is kept as last made', async () => {
    const { cloud, state } = begin();
    const rules = [{ ports: [4369, 4369], from: ['10.0.0.0/8'] }] as const;
    await cloud.allow('o', rules, goOn);
    expect(state.machines.rules('o')).toEqual(rules);
  });
});
