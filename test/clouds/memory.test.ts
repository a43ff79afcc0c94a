/** The simulated cloud keeps the seam, and fails on command. */
import { describe, expect, test } from 'vitest';
import { collect } from '../kit/collect.ts';
import { openMemory, MemoryWorld } from '../../src/cloud/memory/memory.ts';
import type { Mishaps } from '../../src/cloud/memory/faults.ts';
import type { Cloud, Order, Verb } from '../../src/cloud/cloud.ts';
import { around } from '../../src/cloud/wrappers/around.ts';
import { fakeClock } from '../kit/fake-clock.ts';
import { Trouble } from '../kit/trouble.ts';
import { conformance } from './conformance.ts';
import type { MadeHarness } from './conformance-made.ts';
import { faultScript } from './faults-script.ts';
import { contextOf } from './context.ts';

const domains = Object.fromEntries(
  ['d1', 'd2', 'd3'].map((name) => [name, { zone: name, capabilities: { tier: 'gold', scratch: '1G' } }]),
);
const goOn = new AbortController().signal;

conformance('memory', { kind: 'memory', attributes: ['arch'], access: 'memory' }, async () => {
  const world = new MemoryWorld();
  const clock = fakeClock();
  const state = world.provider('under-test');
  const small = new MemoryWorld();
  const made: MadeHarness = {
    userData: (id) => Promise.resolve(state.machines.get(id)?.order.boot?.userData ?? null),
    publicKey: (id) => Promise.resolve(state.machines.get(id)?.order.boot?.publicKey ?? null),
    standing: () => Promise.resolve(standingIn(world)),
    foreign: () => {
      const order = { ...orderFor('m-foreign', 'd1'), owner: 'nobody' };
      return Promise.resolve(state.machines.add(order, 'd1', clock.now()).id);
    },
    many: 90,
    short: [
      {
        what: 'a zone that is sold out',
        code: 'no-capacity',
        open: (owner) => {
          small.provider('under-test').machines.add({ ...orderFor('m-x', 'd1'), owner: 'nobody' }, 'd1/d1', 0);
          const definition = { kind: 'memory', machines: 1 } as const;
          return openMemory(small)(contextOf({ owner, definition, domains, clock }));
        },
      },
    ],
  };
  const open = (owner: string) =>
    openMemory(world)(contextOf({ owner, definition: { kind: 'memory' }, domains, clock }));
  const out = new MemoryWorld();
  out.provider('under-test').mishaps.outage = 'the data centre is on fire';
  const broken = {
    what: 'an outage',
    code: 'unavailable',
    open: (owner: string) => openMemory(out)(contextOf({ owner, definition: { kind: 'memory' }, domains })),
  } as const;
  return Promise.resolve({
    open,
    broken: [broken],
    settle: () => clock.advance(1000),
    stop: () => Promise.resolve(),
    made,
  });
});

faultScript('memory', () => {
  const world = new MemoryWorld();
  const trouble = new Trouble();
  const definition = { kind: 'memory', machines: 20_000 } as const;
  const open = (owner: string) => {
    const cloud = openMemory(world)(contextOf({ owner, definition, domains }));
    return troubledMemory(cloud, world.provider('under-test').mishaps, trouble);
  };
  const settle = () => Promise.resolve();
  return Promise.resolve({
    ...{ open, trouble, settle, quick: true },
    standing: () => Promise.resolve(standingIn(world)),
    stop: settle,
  });
});

function standingIn(world: MemoryWorld): string[] {
  const { machines } = world.provider('under-test');
  return [...machines.standing, ...machines.beside].map(({ id }) => id);
}

function orderFor(token: string, domain: string): Order {
  const offer = { offer: `${domain}/standard`, machineType: 'standard' };
  return { token, owner: 'o', domain, ...offer, name: token, boot: null };
}

/** The simulated cloud behind the trouble that others meet on the wire. */
function troubledMemory(cloud: Cloud, mishaps: Mishaps, trouble: Trouble): Cloud {
  const meet = (verb: Verb) => {
    const mishap = trouble.meet({ changes: ['create', 'allow', 'destroy'].includes(verb), what: verb });
    if (mishap === null || mishap.what === 'stale') return;
    if (mishap.what === 'late' || mishap.what === 'double') mishaps.next(verb, mishap);
    else if (mishap.what !== 'refuse') mishaps.next(verb, { what: 'lose' });
    else if (mishap.refusal.status === 429)
      mishaps.next(verb, { what: 'fail', code: 'throttled', retryAfterMs: 1_000 });
    else mishaps.next(verb, { what: 'fail', code: 'unavailable' });
  };
  return around(cloud, {
    call: (verb, act, signal) => (meet(verb), act(signal)),
    list: (act, signal) => (meet('list'), act(signal)),
  });
}

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
  const list = async (cloud: Cloud) => (await collect(cloud.list('o', goOn))).filter(({ kind }) => kind === 'machine');

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
