import { beforeEach, describe, expect, test } from 'vitest';
import { insideOf, MachineWorld } from '../../../test/kit/machine-world.ts';
import { firstHostKeySecretName, loginKeySecretName } from '../../model/secret.ts';

let world: MachineWorld;
beforeEach(async () => {
  world = await MachineWorld.open();
});

const phaseOf = async (token: string) => (await world.machine(token))?.state.phase;
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
