import { describe, expect, test } from 'vitest';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import * as sample from '../../test/kit/records.ts';
import { Fault } from '../base/fault.ts';
import { noLog } from '../base/log.ts';
import type { Cookies } from '../cluster/cookies.ts';
import type { Node } from '../model/node.ts';
import { cookieSecretName, formerSecretName } from '../model/secret.ts';
import { openMemoryStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { rotateCookies } from './cookie-rotation.ts';
import { Scene } from './scene.ts';
import { wantRotation } from './want-rotation.ts';
import type { World } from './world.ts';

const goOn = new AbortController().signal;
const secret = cookieSecretName('ants', 'colony');
const before = 'the-old-one';

class Death extends Error {}

/** What one node knows, as auth.erl keeps it, and the file from which its next process reads. */
interface Inside {
  own: string;
  told: Map<string, string>;
  file: string;
  reachable: boolean;
}

/** Nodes with their cookies, and a control plane that dies at a chosen call. */
class CookieWorld {
  readonly nodes: readonly Node[];
  readonly insides = new Map<string, Inside>();
  readonly store: Store;
  readonly world: World;
  lives = Infinity;

  constructor(store: Store, count: number) {
    this.store = store;
    this.nodes = Array.from({ length: count }, (_, at) =>
      sample.sampleNode(at + 1, { id: `n-${at + 1}`, state: runningAs(`${at + 1}`) }),
    );
    for (const { name } of this.nodes)
      this.insides.set(name, { own: before, told: new Map(), file: before, reachable: true });
    const cluster = { cookies: this.#cookies(), prove: () => Promise.resolve({ ok: true, verdict: 'mesh' }) };
    const hosts = { of: () => Promise.resolve({ putCookie: (id: string, value: string) => this.#putFile(id, value) }) };
    const wake = { component: () => undefined };
    this.world = { store, cluster, hosts, wake, log: noLog, clock: fakeClock() } as unknown as World;
  }

  static async open(count = 4): Promise<CookieWorld> {
    const store = await openMemoryStore(fakeClock());
    const world = new CookieWorld(store, count);
    await store.secrets.put(secret, before);
    await store.commit([
      { put: 'blueprint', key: 'ants', value: sample.sampleHead(), expect: 0 },
      { put: 'machine', key: 'm-1', value: sample.sampleMachine('m-1'), expect: 0 },
      ...world.nodes.map((node) => ({ put: 'node', key: node.id, value: node, expect: 0 }) as const),
    ]);
    await wantRotation(world.world, 'ants', null);
    return world;
  }

  inside(node: Pick<Node, 'name'>): Inside {
    return this.insides.get(node.name)!;
  }

  /** What a node would use with another in a handshake. */
  towards(node: Node, peer: Node): string {
    const { own, told } = this.inside(node);
    return told.get(peer.name) ?? own;
  }

  /** Pairs that could not be connected anew at this moment. */
  broken(): string[] {
    return this.nodes.flatMap((one, at) =>
      this.nodes
        .slice(at + 1)
        .filter((other) => this.towards(one, other) !== this.towards(other, one))
        .map((other) => `${one.name} ${other.name}`),
    );
  }

  /** The node ends, and another process of it is on record. */
  async restart(node: Node): Promise<void> {
    const inside = this.inside(node);
    [inside.own, inside.told] = [inside.file, new Map()];
    const state = runningAs(`${node.id}-again`);
    await this.store.commit([{ put: 'node', key: node.id, value: { ...node, state }, expect: null }]);
  }

  /** Its host goes down and is booted: for a moment no process of it is on record. */
  async absent(node: Node): Promise<void> {
    const gone: Node = { ...node, state: { phase: 'installing', since: sample.sampleTime } };
    await this.store.commit([{ put: 'node', key: node.id, value: gone, expect: null }]);
  }

  scene(): Promise<Scene> {
    return Scene.read(this.store, sample.sampleDocument('ants', 4));
  }

  /** One pass of the loop; false when something is left to do, or when we died in it. */
  async pass(scene?: Scene): Promise<boolean> {
    try {
      return await rotateCookies(this.world, scene ?? (await this.scene()), goOn);
    } catch (error) {
      if (!(error instanceof Death)) throw error;
      return false;
    }
  }

  async isForgotten(): Promise<boolean> {
    return (
      !(await this.store.secrets.has(formerSecretName(secret))) && (await this.store.list('rotation')).length === 0
    );
  }

  /** Every call happens or not; we may be dead afterwards. The dead do nothing more. */
  async #act<T>(node: Pick<Node, 'name'>, act: (inside: Inside) => T): Promise<T> {
    await Promise.resolve();
    if (this.lives <= 0) throw new Death();
    this.lives -= 1;
    const inside = this.inside(node);
    if (!inside.reachable) throw new Fault('unavailable', `${node.name} does not answer`);
    return act(inside);
  }

  #cookies(): Cookies {
    return {
      own: (node) => this.#act(node, ({ own }) => own),
      set: (node, peer, cookie) =>
        this.#act(node, (inside) => {
          if (peer === node.name) inside.own = cookie;
          else inside.told.set(peer, cookie);
        }),
      accepts: (node, cookie) => this.#act(node, ({ own }) => own === cookie),
    };
  }

  #putFile(id: string, value: string): Promise<void> {
    const node = this.nodes.find((one) => one.id === id)!;
    return this.#act(node, (inside) => void (inside.file = value));
  }
}

function runningAs(startTime: string): Node['state'] {
  return { phase: 'running', since: sample.sampleTime, process: { pid: 1, startTime, bootId: 'boot' } };
}

async function expectRotated(world: CookieWorld): Promise<void> {
  const fresh = await world.store.secrets.get(secret);
  expect(fresh).not.toBe(before);
  expect(world.broken()).toEqual([]);
  expect(await world.isForgotten()).toBe(true);
  for (const node of world.nodes) {
    const { own, file } = world.inside(node);
    expect([own, file]).toEqual([fresh, fresh]);
    for (const peer of world.nodes) if (peer !== node) expect(world.towards(node, peer)).toBe(fresh);
  }
}

test('nodes take the new cookie, one after another and with each other', async () => {
  const world = await CookieWorld.open();
  expect(await world.pass()).toBe(true);
  await expectRotated(world);
});

describe('whenever the control plane dies', () => {
  test('not more edges than one call can touch are without a way back, and it goes on', async () => {
    for (let calls = 0; calls < 80; calls += 1) {
      const world = await CookieWorld.open();
      world.lives = calls;
      const finished = await world.pass();
      expect(world.broken().length, `dead after ${calls} calls`).toBeLessThanOrEqual(1);
      world.lives = Infinity;
      if (!finished) expect(await world.pass()).toBe(true);
      await expectRotated(world);
    }
  });

  test('a node that is started anew then is taken in as well', async () => {
    for (let calls = 0; calls < 80; calls += 3) {
      const world = await CookieWorld.open();
      world.lives = calls;
      await world.pass();
      await world.restart(world.nodes[1]!);
      world.lives = Infinity;
      await world.pass();
      await expectRotated(world);
    }
  });
});

test('towards a node that cannot be reached the old one stays in use, also by those that start anew', async () => {
  const world = await CookieWorld.open();
  const [first, silent] = [world.nodes[0]!, world.nodes[2]!];
  world.inside(silent).reachable = false;
  expect(await world.pass()).toBe(false);
  expect(world.broken()).toEqual([]);
  await world.restart(first);
  expect(await world.pass()).toBe(false);
  expect(world.broken()).toEqual([]);
  expect((await world.store.list('rotation'))[0]?.value.words).toContain('colony-3@127.0.0.1');
  world.inside(silent).reachable = true;
  expect(await world.pass()).toBe(true);
  await expectRotated(world);
});

test('one that has taken it and is then out of reach keeps it', async () => {
  const world = await CookieWorld.open();
  const [first, second] = [world.nodes[0]!, world.nodes[1]!];
  world.inside(first).reachable = false;
  await world.pass();
  world.inside(first).reachable = true;
  world.inside(second).reachable = false;
  expect(await world.pass()).toBe(false);
  expect(world.broken()).toEqual([]);
  world.inside(second).reachable = true;
  expect(await world.pass()).toBe(true);
  await expectRotated(world);
});

test('a second one begins anew', async () => {
  const world = await CookieWorld.open();
  await world.pass();
  const once = await world.store.secrets.get(secret);
  await wantRotation(world.world, 'ants', 'colony');
  expect(await world.pass()).toBe(true);
  expect(await world.store.secrets.get(secret)).not.toBe(once);
  await expectRotated(world);
});

test('what has no cookie is told', async () => {
  const world = await CookieWorld.open();
  await expect(wantRotation(world.world, 'bees', null)).rejects.toMatchObject({ code: 'not-found' });
  await expect(wantRotation(world.world, 'ants', 'none')).rejects.toMatchObject({ code: 'not-found' });
});

test('a node that its host has started by the old cookie, and that is met while we go on, is changed before that is forgotten', async () => {
  const world = await CookieWorld.open();
  const [late] = world.nodes as [Node];
  await world.absent(late);
  const scene = await world.scene();
  await world.restart(late);
  expect(await world.pass(scene)).toBe(false);
  expect(await world.store.secrets.get(formerSecretName(secret))).toBe(before);
  expect(await world.pass()).toBe(true);
  await expectRotated(world);
});
