/** The login key of machines that a provider made is replaced, wherever the control plane dies on the way. */
import { beforeEach, describe, expect, test } from 'vitest';
import { blobOf, MachineWorld } from '../../test/kit/machine-world.ts';
import { makeSshKeyPair, sshKeyPairOf } from '../base/ssh/key-pair.ts';
import { keyDigestOf } from '../cloud/cloud.ts';
import type { KeyRotation } from '../model/rotation.ts';
import {
  formerSecretName,
  loginKeySecretName,
  nextSecretName,
  retiredSecretName,
  secretName,
} from '../model/secret.ts';
import { rotateKey } from './key-rotation.ts';
import { reconcileStrays } from './sweep/strays.ts';
import { wantKeyRotation } from './want-key-rotation.ts';

const secret = loginKeySecretName('stack');
const goOn = new AbortController().signal;

let world: MachineWorld;
beforeEach(async () => {
  world = await MachineWorld.open();
});

/** Machines that are ready. */
async function ready(...tokens: string[]): Promise<void> {
  for (const token of tokens) await world.want(token);
  await world.run(5_000, ...tokens);
  for (const token of tokens) expect((await world.machine(token))?.state.phase).toBe('ready');
}

/** Looks at the rotation and at machines, now and then, for so long. */
async function rotate(ms: number, ...tokens: string[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    await rotateKey(world.world, secret, goOn);
    await world.run(500, ...tokens);
  }
}

const rotation = async () => (await world.store.get('rotation', secret))?.value as KeyRotation | undefined;
const publicKey = async (name = secret) => sshKeyPairOf(await world.store.secrets.get(name), 'wombat').publicKey;
/** Everybody who is let in anywhere. */
const letIn = () => [...world.insides.values()].flatMap(({ keys }) => [[...keys.root], [...keys.nodes]]);

describe('the login key of made machines', () => {
  test('is another one on all of them, for root as well, and the old one is forgotten', async () => {
    await ready('m-1', 'm-2');
    const before = blobOf(await publicKey());
    const { fingerprint } = await wantKeyRotation(world.world, 'stack', null);
    await rotate(2_000, 'm-1', 'm-2');
    const after = await publicKey();
    expect(after).not.toContain(before);
    expect(sshKeyPairOf(await world.store.secrets.get(secret), 'x').fingerprint).toBe(fingerprint);
    expect(letIn()).toEqual(Array(4).fill([blobOf(after)]));
    expect(await rotation()).toBeUndefined();
    expect(await world.store.secrets.names()).toEqual([secret]);
    const told = await world.store.recentEvents({ limit: 1 });
    expect(told.map(({ words }) => words)).toEqual([
      'SSH key of stack: 2 machines let the new one in, and refuse the old one',
    ]);
  });

  test('is never such that neither enters, and comes to its end, wherever the control plane dies (I1, I5)', async () => {
    let deaths = 0;
    for (let calls = 1; ; calls += 1) {
      world = await MachineWorld.open();
      await ready('m-1', 'm-2');
      const before = blobOf(await publicKey());
      world.dieAfter(calls);
      const survived = await wantKeyRotation(world.world, 'stack', null)
        .then(() => rotate(2_000))
        .then(
          () => true,
          () => false,
        );
      world.reopen();
      const known = [blobOf(await publicKey())];
      if (await world.store.secrets.has(formerSecretName(secret)))
        known.push(blobOf(await publicKey(formerSecretName(secret))));
      for (const keys of letIn())
        expect(
          keys.some((one) => known.includes(one)),
          `dead after ${calls}`,
        ).toBe(true);
      if ((await rotation()) === undefined && known.includes(before)) await wantKeyRotation(world.world, 'stack', null);
      await rotate(8_000, 'm-1', 'm-2');
      const after = await publicKey();
      expect(letIn(), `dead after ${calls} calls`).toEqual(Array(4).fill([blobOf(after)]));
      expect(after).not.toContain(before);
      expect(await world.store.secrets.names()).toEqual([secret]);
      if (survived) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThan(40);
  });

  test('is changed in all accounts of a machine that died between them', async () => {
    for (const died of ['root', 'nodes'] as const) {
      world = await MachineWorld.open();
      await ready('m-1');
      await wantKeyRotation(world.world, 'stack', null);
      await rotateKey(world.world, secret, goOn);
      const { keys } = world.insides.get('stack-1')!;
      keys[died].clear();
      keys[died].add(blobOf(await publicKey()));
      await rotate(2_000, 'm-1');
      expect(letIn()).toEqual(Array(2).fill([blobOf(await publicKey())]));
    }
  });

  test('waits for a machine that is out of reach, which is met with the old one when it is back', async () => {
    await ready('m-1', 'm-2');
    const off = world.insides.get('stack-2')!;
    const { shown } = off;
    off.shown = null;
    await world.run(12_000, 'm-1', 'm-2');
    expect((await world.machine('m-2'))?.state.phase).toBe('unreachable');
    await wantKeyRotation(world.world, 'stack', null);
    await rotate(10_000, 'm-1', 'm-2');
    expect(await rotation()).toMatchObject({
      done: ['m-1'],
      words: expect.stringMatching(/^1 have it; waits for 1: north\/standard .*: out of reach: /) as string,
      lacking: [{ where: expect.stringContaining('north/standard') as string }],
    });
    const logins = world.logins;
    await rotate(10_000, 'm-1', 'm-2');
    expect(world.logins).toBe(logins);
    off.shown = shown;
    await rotate(20_000, 'm-1', 'm-2');
    expect((await world.machine('m-2'))?.state.phase).toBe('ready');
    expect(letIn()).toEqual(Array(4).fill([blobOf(await publicKey())]));
    expect(await rotation()).toBeUndefined();
  });

  test('of a machine that was ordered before is the one that its order said, also when it is ordered again (I2)', async () => {
    await ready('m-1');
    world.machines.bootMs = 20_000;
    await world.want('m-2');
    await world.run(1_000, 'm-2');
    const first = world.machines.standing.find(({ order }) => order.token === 'm-2')!.order.boot;
    // the answer to its order got lost
    const record = (await world.store.get('machine', 'm-2'))!;
    const lost = { ...record.value, providerId: null, state: { phase: 'wanted', why: null } as const };
    await world.store.commit([{ put: 'machine', key: 'm-2', value: lost, expect: record.version }]);
    world.machines.remove(record.value.providerId!, world.clock.now());
    await wantKeyRotation(world.world, 'stack', null);
    await rotate(4_000, 'm-1');
    expect((await rotation())?.words).toContain('it was ordered before, and is not ready yet');
    await rotate(10_000, 'm-1', 'm-2');
    expect(world.machines.standing.find(({ order }) => order.token === 'm-2')!.order.boot).toEqual(first);
    expect(await rotation()).toBeDefined();
    await rotate(30_000, 'm-1', 'm-2');
    expect(await rotation()).toBeUndefined();
    const inside = world.insides.get(world.machines.standing.find(({ order }) => order.token === 'm-2')!.id)!;
    expect([[...inside.keys.nodes], [...inside.keys.root]]).toEqual(Array(2).fill([blobOf(await publicKey())]));
  });

  test('is the new one for what is ordered from then on, and nobody waits for that', async () => {
    await ready('m-1');
    await wantKeyRotation(world.world, 'stack', null);
    await rotateKey(world.world, secret, goOn);
    world.machines.bootMs = 60_000;
    await world.want('m-2');
    await world.run(1_000, 'm-2');
    await rotate(2_000, 'm-1', 'm-2');
    expect(await rotation()).toBeUndefined();
    const boot = world.machines.standing.find(({ order }) => order.token === 'm-2')!.order.boot;
    expect(boot?.publicKey).toContain(blobOf(await publicKey()));
  });

  test('has a pair at the provider, which goes once it opens nothing any more', async () => {
    await ready('m-1');
    const pairs = () => world.machines.beside.map(({ id }) => id.split('-').at(-1)).slice(1);
    const before = keyDigestOf(await publicKey());
    const look = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 5_000) {
        await reconcileStrays(world.world, 'stack', goOn);
        await world.run(5_000, 'm-1', 'm-2');
      }
    };
    await wantKeyRotation(world.world, 'stack', null);
    await rotateKey(world.world, secret, goOn);
    await world.want('m-2');
    const off = world.insides.get('stack-1')!;
    const { shown } = off;
    off.shown = null;
    await look(60_000);
    const after = keyDigestOf(await publicKey());
    expect(pairs()).toEqual([before, after]);
    off.shown = shown;
    await rotate(15_000, 'm-1', 'm-2');
    expect(await rotation()).toBeUndefined();
    await look(80_000);
    expect(pairs()).toEqual([after]);
    expect(world.machines.standing).toHaveLength(2);
  });

  test('is put back when somebody writes over it meanwhile', async () => {
    await ready('m-1');
    const { fingerprint = '' } = await wantKeyRotation(world.world, 'stack', null);
    await rotateKey(world.world, secret, goOn);
    const fresh = await world.store.secrets.get(nextSecretName(secret, fingerprint));
    await world.store.secrets.put(secret, await world.store.secrets.get(formerSecretName(secret)));
    await rotate(1_000, 'm-1');
    expect(await world.store.secrets.get(secret)).toBe(fresh);
  });

  test('is asked for again while it is under way: the same goes on, another one is refused', async () => {
    await ready('m-1');
    const one = makeSshKeyPair('one').privateKey;
    const first = await wantKeyRotation(world.world, 'stack', one);
    expect(await wantKeyRotation(world.world, 'stack', one)).toEqual(first);
    expect(await wantKeyRotation(world.world, 'stack', null)).toEqual(first);
    const other = wantKeyRotation(world.world, 'stack', makeSshKeyPair('other').privateKey);
    await expect(other).rejects.toMatchObject({ code: 'conflict' });
    await rotate(2_000, 'm-1');
    expect(await world.store.secrets.get(secret)).toBe(one);
    await expect(wantKeyRotation(world.world, 'stack', one)).rejects.toMatchObject({ code: 'invalid' });
  });

  test('cannot be replaced where there is none yet', async () => {
    await expect(wantKeyRotation(world.world, 'stack', null)).rejects.toMatchObject({ code: 'not-found' });
    await expect(wantKeyRotation(world.world, 'rack', null)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a key of one’s own, which a domain names', () => {
  const reference = 'secret://file/keys/image.key';
  const own = secretName('provider:stack', reference);
  const login = { user: 'admin', hostKey: 'SHA256:image', key: reference };
  const [before, after] = [makeSshKeyPair('before'), makeSshKeyPair('after')];

  test('is given: the account that the image has changes its own file, and nobody puts the old one back', async () => {
    world = await MachineWorld.open({ login });
    await world.store.secrets.put(own, before.privateKey);
    await ready('m-1');
    await wantKeyRotation(world.world, 'stack', after.privateKey);
    for (let pass = 0; pass < 4; pass += 1) await rotateKey(world.world, own, goOn);
    expect(letIn()).toEqual([[blobOf(before.publicKey)], [blobOf(after.publicKey)]]);
    expect(await world.store.secrets.get(own)).toBe(after.privateKey);
    expect(await world.store.secrets.names()).toEqual([own, retiredSecretName(own)]);
  });

  test('is not made by us, and ours is not given, where it is plain which one is meant', async () => {
    world = await MachineWorld.open({ login });
    await world.store.secrets.put(own, before.privateKey);
    const made = wantKeyRotation(world.world, 'stack', null);
    await expect(made).rejects.toMatchObject({
      code: 'invalid',
      detail: { next: 'wombat provider rotate-key stack --key new.key' },
    });
    const south = { provider: 'stack', login: { key: 'secret://file/keys/other.key' } };
    const domain = { name: 'south', definition: south, declaredBy: null };
    await world.store.commit([{ put: 'domain', key: 'south', value: domain, expect: 0 }]);
    const given = wantKeyRotation(world.world, 'stack', after.privateKey);
    await expect(given).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('different keys') as string,
    });
  });

  test('must be a key', async () => {
    await ready('m-1');
    const none = wantKeyRotation(world.world, 'stack', 'canary-4711');
    await expect(none).rejects.toSatisfy((error: Error) => !JSON.stringify([error, error.message]).includes('canary'));
  });
});
