import { beforeEach, describe, expect, test } from 'vitest';
import { insideOf, MachineWorld } from '../../../test/kit/machine-world.ts';
import type { FaultCode } from '../../base/fault.ts';
import { firstHostKeySecretName, loginKeySecretName } from '../../model/secret.ts';

let world: MachineWorld;
beforeEach(async () => {
  world = await MachineWorld.open();
});

const phaseOf = async (token: string) => (await world.machine(token))?.state.phase;
/** Every order is answered so, for so long. */
async function refuse(code: FaultCode, ms: number): Promise<void> {
  for (let n = 0; n < 1_000; n += 1)
    world.memory.provider('stack').mishaps.next('create', { what: 'fail', code, words: 'our words' });
  await world.run(ms, 'm-1');
}
const eventsOf = async () => (await world.store.recentEvents({ limit: 100 })).map(({ what }) => what);

const whyOf = async (token: string) => {
  const state = (await world.machine(token))?.state;
  return state !== undefined && 'why' in state ? state.why : null;
};

describe('a machine that is made', () => {
  test('is entered by a key that serves once, and then by one of its own', async () => {
    world.machines.bootMs = 3_000;
    await world.want('m-1');
    await world.run(2_000, 'm-1');
    expect(await world.machine('m-1')).toMatchObject({ access: null, state: { phase: 'booting' } });
    await world.run(8_000, 'm-1');
    const machine = await world.machine('m-1');
    const [inside] = [...world.insides.values()];
    expect(machine).toMatchObject({ state: { phase: 'ready' }, access: { hostKey: inside?.next, user: 'wombat' } });
    expect(inside?.shown).toBe(inside?.next);
    expect(machine?.addresses).toHaveLength(1);
    expect(await world.store.secrets.names()).toEqual([loginKeySecretName('stack')]);
  });

  test('gets a script of an account, our public key and the first host key, and no secret that lasts (I8)', async () => {
    world.machines.bootMs = 60_000;
    await world.want('m-1');
    await world.run(500, 'm-1');
    const boot = world.machines.standing[0]?.order.boot;
    const kept = JSON.parse(await world.store.secrets.get(firstHostKeySecretName('m-1'))) as { hostKey: string };
    const login = await world.store.secrets.get(loginKeySecretName('stack'));
    expect(boot?.userData).toMatch(/^#!\/bin\/sh\n/);
    expect(boot?.userData).toContain(kept.hostKey.trimEnd());
    expect(boot?.userData).toContain(boot?.publicKey);
    expect(boot?.userData).not.toContain(login.split('\n')[2]);
    expect(Buffer.byteLength(boot?.userData ?? '')).toBeLessThan(16 * 1024);
  });

  test('becomes ready, as one machine, wherever the control plane dies on the way (I1, I2, I5)', async () => {
    let deaths = 0;
    for (let calls = 1; ; calls += 1) {
      world = await MachineWorld.open();
      await world.want('m-1');
      world.dieAfter(calls);
      const survived = await world.run(4_000, 'm-1').then(
        () => true,
        () => false,
      );
      const alive = survived && (await phaseOf('m-1')) === 'ready';
      world.reopen();
      await world.run(20_000, 'm-1');
      expect(await phaseOf('m-1'), `dead after ${calls} calls: ${String(await whyOf('m-1'))}`).toBe('ready');
      expect(world.machines.standing).toHaveLength(1);
      expect(await world.store.secrets.has(firstHostKeySecretName('m-1'))).toBe(false);
      if (alive && calls > 60) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThan(20);
  });

  test('that fails is lost with the words of its provider', async () => {
    world.machines.bootMs = 60_000;
    await world.want('m-1');
    await world.run(1_000, 'm-1');
    world.machines.kill('stack-1', 'No valid host was found');
    await world.run(5_000, 'm-1');
    expect(await phaseOf('m-1')).toBe('lost');
    expect(await whyOf('m-1')).toContain('the provider says that it failed: No valid host was found');
  });

  test('that nobody can enter in time is lost, and says after how long', async () => {
    world = await MachineWorld.open({ bootSeconds: 20 });
    await world.want('m-1');
    await world.run(1_000, 'm-1');
    world.insides.set('stack-1', insideOf('SHA256:another'));
    await world.want('m-2');
    world.insides.set('stack-2', insideOf('SHA256:another'));
    await world.run(15_000, 'm-2');
    expect(await phaseOf('m-2')).toBe('booting');
    await world.run(10_000, 'm-2');
    expect(await whyOf('m-2')).toContain('it did not answer within 20 s of its order: it shows SHA256:another');
    await world.run(30_000, 'm-2');
    expect(await phaseOf('m-2')).toBe('lost');
  });

  test('that was deleted behind our back is lost long before it would be for its silence', async () => {
    await world.want('m-1');
    await world.run(5_000, 'm-1');
    expect(await phaseOf('m-1')).toBe('ready');
    world.machines.remove('stack-1', world.clock.now());
    await world.run(25_000, 'm-1');
    expect(await phaseOf('m-1')).toBe('lost');
    expect(await whyOf('m-1')).toContain('deleted, and not by us');
  });

  test('is looked for in one listing with all that boot beside it', async () => {
    world.machines.bootMs = 30_000;
    const tokens = Array.from({ length: 50 }, (_, index) => `m-${index}`);
    for (const token of tokens) await world.want(token);
    await world.run(20_000, ...tokens);
    expect(world.listings).toBeLessThanOrEqual(10);
  });

  test('that is given back is gone with its twin, asked for once, its first key forgotten', async () => {
    await world.want('m-1');
    await world.run(1_000, 'm-1');
    const [made] = world.machines.standing;
    world.machines.add(made!.order, made!.zone, world.clock.now());
    const record = await world.store.get('machine', 'm-1');
    const state = { phase: 'destroying', since: new Date(world.clock.now()).toISOString() } as const;
    const value = { ...record!.value, state };
    await world.store.commit([{ put: 'machine', key: 'm-1', value, expect: record!.version }]);
    await world.run(6_000, 'm-1');
    expect(await world.machine('m-1')).toBeUndefined();
    expect(world.machines.standing).toEqual([]);
    expect(await world.store.secrets.names()).toEqual([loginKeySecretName('stack')]);
  });
});

describe('an order that is refused', () => {
  const passing: readonly FaultCode[] = ['unavailable', 'timeout', 'denied', 'unknown', 'conflict'];
  const excludes = (code: FaultCode) => ({ what: 'domain', code });

  test.each(passing)('as %s is left out when that lasts, and goes on being tried', async (code) => {
    await world.want('m-1');
    await refuse(code, 80_000);
    expect(await world.machine('m-1')).toMatchObject({
      doubt: 'our words',
      state: { phase: 'wanted', why: 'our words' },
    });
    expect((await world.machine('m-1'))?.state).not.toHaveProperty('excludes');
    await world.run(20_000, 'm-1');
    expect((await world.machine('m-1'))?.state).toEqual({
      phase: 'wanted',
      why: 'our words',
      excludes: excludes(code),
    });
    expect((await eventsOf()).filter((what) => what === 'left out')).toHaveLength(1);
    const place = { provider: 'stack', domain: 'north', offer: 'north/standard', what: 'domain' } as const;
    expect(world.world.offers.left(place)).toBe('out');
  });

  test('because we ask too often is waited for ten times as long', async () => {
    await world.want('m-1');
    await refuse('throttled', 890_000);
    expect((await world.machine('m-1'))?.state).not.toHaveProperty('excludes');
    await world.run(20_000, 'm-1');
    expect((await world.machine('m-1'))?.state).toHaveProperty('excludes');
  });

  test.each<FaultCode>(['no-capacity', 'quota', 'not-found', 'invalid', 'exists'])(
    'as %s is given up at once, and remembered',
    async (code) => {
      await world.want('m-1');
      await refuse(code, 500);
      expect(await phaseOf('m-1')).toBe('lost');
      expect(await world.machine('m-1')).not.toHaveProperty('doubt');
      const what = code === 'quota' ? 'domain' : 'offer';
      const place = { provider: 'stack', domain: 'north', offer: 'north/standard', what } as const;
      expect(world.world.offers.left(place)).toBe('out');
    },
  );

  test('is asked no more often when the words change with each answer', async () => {
    await world.want('m-1');
    const { mishaps } = world.memory.provider('stack');
    for (let n = 0; n < 1_000; n += 1)
      mishaps.next('create', { what: 'fail', code: 'unavailable', words: `request ${n}` });
    await world.run(30_000, 'm-1');
    expect(await whyOf('m-1')).toBe('request 5');
  });

  test('waits as long when the clock on the wall is set', async () => {
    await world.want('m-1');
    await refuse('unavailable', 30_000);
    world.clock.set(world.clock.now() + 3_600_000);
    await world.run(30_000, 'm-1');
    expect((await world.machine('m-1'))?.state).not.toHaveProperty('excludes');
    world.clock.set(world.clock.now() - 7_200_000);
    await world.run(40_000, 'm-1');
    expect((await world.machine('m-1'))?.state).toHaveProperty('excludes');
  });

  test('is not for long when one is accepted in between, and is no more when it is accepted', async () => {
    await world.want('m-1');
    await refuse('unavailable', 100_000);
    world.reopen();
    const { mishaps } = world.memory.provider('stack');
    mishaps.clear();
    await world.run(8_000, 'm-1');
    expect(await phaseOf('m-1')).toBe('ready');
    const place = { provider: 'stack', domain: 'north', offer: 'north/standard', what: 'domain' } as const;
    expect(world.world.offers.left(place)).toBe('in');
  });

  test('and may have been filled all the same is looked for when it has gone (I4)', async () => {
    await world.want('m-1');
    await refuse('timeout', 5_000);
    const record = await world.store.get('machine', 'm-1');
    const state = { phase: 'destroying', since: new Date(world.clock.now()).toISOString() } as const;
    await world.store.commit([
      { put: 'machine', key: 'm-1', value: { ...record!.value, state }, expect: record!.version },
    ]);
    await world.run(3_000, 'm-1');
    expect(await world.machine('m-1')).toBeUndefined();
    const [left] = await world.store.list('leftover');
    expect(left?.value).toMatchObject({ id: 'm-1', kind: 'machine', providerId: null, blueprint: null });
    expect(left?.value.words).toContain('our words');
  });
});
