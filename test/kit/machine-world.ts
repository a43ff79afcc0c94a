/**
 * A world for the life of made machines: the real loops' stages over a store in memory, the simulated cloud with machines
 * that are entered over SSH, and hosts that show one host key after the other as real ones do. Everything that acts can
 * be made to die at any call, and the world opened again from what was written down.
 */
import { Fault } from '../../src/base/fault.ts';
import { noLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { MachineFacts } from '../../src/base/machine-facts.ts';
import { fingerprintOf } from '../../src/base/ssh/host-key.ts';
import { sshKeyPairOf } from '../../src/base/ssh/key-pair.ts';
import { madeAccess, readTags, tagsOf } from '../../src/cloud/cloud.ts';
import type { Cloud, CloudContext, Owned } from '../../src/cloud/cloud.ts';
import { MemoryWorld, openMemory } from '../../src/cloud/memory/memory.ts';
import { around } from '../../src/cloud/wrappers/around.ts';
import type { Host, HostLogin, HostRoot, KeyChanger } from '../../src/host/host.ts';
import type { Opening } from '../../src/model/firewall.ts';
import type { Access, Machine, SshAccess } from '../../src/model/machine.ts';
import { formerSecretName, loginKeySecretName, secretName, secretScope } from '../../src/model/secret.ts';
import { Hosts } from '../../src/reconcile/hosts.ts';
import { Listings } from '../../src/reconcile/listings.ts';
import { reconcileMachine } from '../../src/reconcile/machine/machine-loop.ts';
import { Offers } from '../../src/reconcile/offers.ts';
import { emptyMemory } from '../../src/reconcile/world.ts';
import type { World } from '../../src/reconcile/world.ts';
import { openMemoryStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { fakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';
import { sampleMachine } from './records.ts';

const goOn = new AbortController().signal;

/** Thrown where the control plane dies. */
export class Death extends Error {}

/** What a machine shows and has at the moment. */
interface Inside {
  /** the key that it shows; null while its SSH server does not answer */
  shown: string | null;
  /** the one that it made for itself */
  next: string | null;
  /** the public keys that let somebody in, by account: of the nodes, and root's program */
  readonly keys: Readonly<Record<Account, Set<string>>>;
}

type Account = 'nodes' | 'root';

function accountOf({ user }: SshAccess): Account {
  return user === 'root' ? 'root' : 'nodes';
}

/** The inside of a machine that was ordered so; without a key nobody is let in. */
export function insideOf(shown: string | null, publicKey?: string): Inside {
  const keys = () => new Set(publicKey === undefined ? [] : [blobOf(publicKey)]);
  return { shown, next: null, keys: { nodes: keys(), root: keys() } };
}

function hostKeyOf(access: Access): string | null {
  return access.method === 'ssh' ? access.hostKey : null;
}

/** A public key without its comment. */
export function blobOf(publicKey: string): string {
  return publicKey.split(' ').slice(0, 2).join(' ');
}

const facts: MachineFacts = {
  hostname: 'made-1',
  os: 'linux',
  arch: 'x86_64',
  libc: { kind: 'glibc', version: '2.36' },
  libraries: [],
  cores: 2,
  memoryBytes: 2 ** 31,
  diskFreeBytes: 2 ** 33,
} as unknown as MachineFacts;

/** The machines of one provider, their insides, and the loops that look after them. */
export class MachineWorld {
  readonly clock: FakeClock;
  readonly memory = new MemoryWorld();
  readonly store: Store;
  readonly insides = new Map<string, Inside>();
  /** what firewalls of hosts were set to, in order */
  readonly firewalls: (readonly Opening[] | null)[] = [];
  /** how often an account was entered by one key */
  logins = 0;
  /** how often the provider was asked for a list */
  listings = 0;
  /** calls until the control plane dies; never when infinite */
  #lives = Infinity;
  world: World;

  private constructor(clock: FakeClock, store: Store) {
    this.clock = clock;
    this.store = store;
    this.world = this.#open();
  }

  /** A world with a provider of one domain, with these settings. */
  static async open(domain: object = {}, provider: object = {}): Promise<MachineWorld> {
    const clock = fakeClock();
    const world = new MachineWorld(clock, await openMemoryStore(clock));
    await world.#begin(domain, provider);
    return world;
  }

  get machines() {
    return this.memory.provider('stack').machines;
  }

  async #begin(definition: object, settings: object): Promise<void> {
    const own = { kind: 'memory', machines: 1_000, ...settings } as const;
    const provider = { name: 'stack', definition: own, declaredBy: null };
    const domain = { name: 'north', definition: { provider: 'stack', ...definition }, declaredBy: null };
    await this.store.commit([
      { put: 'provider', key: 'stack', value: provider, expect: null },
      { put: 'domain', key: 'north', value: domain, expect: null },
    ]);
  }

  /** Puts the wish for a machine on record. */
  async want(token: string): Promise<void> {
    const value = sampleMachine(token, {
      ...{ provider: 'stack', domain: 'north', offer: 'north/standard', machineType: 'standard', addresses: [] },
      ...{ providerId: null, access: null, platform: null, state: { phase: 'wanted', why: null } },
    });
    await this.store.commit([{ put: 'machine', key: token, value, expect: 0 }]);
  }

  async machine(token: string): Promise<Machine | undefined> {
    return (await this.store.get('machine', token))?.value;
  }

  /** Has the control plane die at its `calls`-th act on store, provider or machine from now on. */
  dieAfter(calls: number): void {
    this.#lives = calls;
  }

  /** Opens the loops again: what was in memory is gone. */
  reopen(): void {
    this.#lives = Infinity;
    this.world = this.#open();
  }

  /** Looks at machines now and then, for so long. */
  async run(ms: number, ...tokens: readonly string[]): Promise<void> {
    for (let passed = 0; passed < ms; passed += 500) {
      await Promise.all(tokens.map((token) => reconcileMachine(this.world, token, goOn)));
      await this.clock.advance(500);
    }
  }

  #open(): World {
    const { clock } = this;
    const store = this.#mortal(this.store);
    const openCloud: ConstructorParameters<typeof Offers>[0] = (provider, domains) =>
      this.#mortal(this.#overSsh(provider, domains));
    return {
      ...{ store, clock, random: seededRandom(1), log: noLog, memory: emptyMemory() },
      ...{ artifacts: null as never, planner: null as never, cluster: null as never },
      hosts: new Hosts(
        (access) => Promise.resolve(this.#host(access)),
        clock,
        () => undefined,
      ),
      openLogin: (access, privateKey, by) => this.#mortal(this.#login(access, privateKey, by)),
      openHostRoot: (access) => Promise.resolve(this.#mortal(this.#root(access))),
      offers: new Offers(openCloud, clock),
      listings: new Listings(clock, this.store.owner),
      wake: {
        provider: nothing,
        blueprint: nothing,
        component: nothing,
        machine: nothing,
        node: nothing,
        operation: nothing,
      },
      why: () => null,
    };
  }

  /** The simulated cloud, its machines entered over SSH once they have booted. */
  #overSsh(provider: CloudContext['provider'], domains: CloudContext['domains']): Cloud {
    const context: CloudContext = {
      ...{ provider, domains, owner: this.store.owner, directory: '/nowhere', clock: this.clock },
      ...{ random: seededRandom(2), log: noLog, keySecret: loginKeySecretName(provider.name) },
      secret: () => Promise.reject(new Error('none')),
      secretName: (reference) => secretName(secretScope(provider), reference),
    };
    const cloud = openMemory(this.memory)(context);
    const over = (owned: Owned): Owned => {
      const order = this.machines.get(owned.id)?.order;
      if (owned.kind !== 'machine' || order === undefined) return owned;
      const address = owned.state === 'starting' ? null : (owned.addresses[0]?.address ?? null);
      const access = madeAccess(context, readTags(tagsOf(order))!, address);
      if (access !== null && !this.insides.has(owned.id))
        this.insides.set(owned.id, insideOf(hostKeyOf(access), order.boot?.publicKey));
      return { ...owned, access, addresses: access === null ? [] : owned.addresses };
    };
    const listed = around(cloud, {
      call: (_verb, act, signal) => act(signal),
      list: async function* (this: void, act, signal) {
        for await (const owned of act(signal)) yield over(owned);
      },
    });
    const count = () => (this.listings += 1);
    return {
      ...listed,
      create: async (orders, signal) =>
        (await listed.create(orders, signal)).map((one) => (one.ok ? { ...one, owned: over(one.owned) } : one)),
      list: (owner, signal) => (count(), listed.list(owner, signal)),
    };
  }

  #inside(access: Access): Inside {
    if (access.method !== 'ssh') throw new Fault('unavailable', 'it is not there');
    const standing = this.machines.standing.find(({ address }) => address === access.address);
    const inside = this.insides.get(standing?.id ?? '');
    if (inside === undefined || inside.shown === null) throw new Fault('timeout', `${access.address} does not answer`);
    if (inside.shown !== access.hostKey) throw new Fault('denied', `it shows ${inside.shown}`);
    return inside;
  }

  /** What is inside, for who comes in by what the login key is now, or was before. */
  async #entered(access: Access, account: Account): Promise<Inside> {
    const inside = this.#inside(access);
    const names = access.method === 'ssh' ? [access.keySecret, formerSecretName(access.keySecret)] : [];
    for (const name of names) {
      if (!(await this.store.secrets.has(name))) continue;
      const { publicKey } = sshKeyPairOf(await this.store.secrets.get(name), 'test');
      if (inside.keys[account].has(blobOf(publicKey))) return inside;
    }
    throw new Fault('denied', `${account} refuses every key that is known`);
  }

  /** An account entered by one key; the program changes all accounts that the former key opens. */
  #login(access: SshAccess, privateKey: string, by: KeyChanger): HostLogin {
    const { publicKey } = sshKeyPairOf(privateKey, 'test');
    const account = accountOf(access);
    const enter = (): Inside => {
      this.logins += 1;
      const inside = this.#inside(access);
      if (inside.keys[account].has(blobOf(publicKey))) return inside;
      throw new Fault('denied', `${account} refuses the key`);
    };
    const change = (act: (keys: Set<string>) => void) =>
      Promise.try(() => {
        const { keys } = enter();
        for (const one of by === 'program' ? (['root', 'nodes'] as const) : [account]) act(keys[one]);
      });
    return {
      enter: () => Promise.try(() => void enter()),
      add: ({ former, fresh }) =>
        change((keys) => {
          if (keys.has(blobOf(former))) keys.add(blobOf(fresh));
        }),
      drop: ({ former, fresh }) =>
        change((keys) => {
          if (keys.has(blobOf(fresh))) keys.delete(blobOf(former));
        }),
      close: () => Promise.resolve(),
    };
  }

  #root(access: Access): HostRoot {
    return {
      newHostKey: async () => {
        const inside = await this.#entered(access, 'root');
        inside.next ??= fingerprintOf(Buffer.from(`own key of ${JSON.stringify(access)}`));
        return inside.next;
      },
      useHostKey: async () => {
        const inside = await this.#entered(access, 'root');
        if (inside.next !== null) inside.shown = inside.next;
      },
      setFirewall: async (openings) => {
        await this.#entered(access, 'root');
        this.firewalls.push(openings);
      },
      close: () => Promise.resolve(),
    };
  }

  #host(access: Access): Host {
    const host = {
      facts: async () => {
        await this.#entered(access, 'nodes');
        return facts;
      },
      state: async () => {
        await this.#entered(access, 'nodes');
        return { bootId: 'b', nodes: [], releases: [], epmd: { running: false, ours: false, exposed: false } };
      },
      close: () => Promise.resolve(),
    };
    return this.#mortal(host as unknown as Host);
  }

  /** The same, dying before or after the call that uses up the last life: in turn, so that both are met. */
  #mortal<T extends object>(of: T): T {
    return new Proxy(of, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (name === 'secrets') return this.#mortal(member as object);
        if (typeof member !== 'function') return member;
        const act = member as (...given: unknown[]) => unknown;
        return (...given: unknown[]) => this.#live(() => act.apply(target, given));
      },
    });
  }

  #live(act: () => unknown): unknown {
    this.#lives -= 1;
    if (this.#lives === 0) throw new Death('before');
    if (this.#lives < 0) throw new Death('dead already');
    const done = act();
    // the last life's act is done, and nobody hears of it
    if (this.#lives === 1 && done instanceof Promise) return done.then(() => Promise.reject(new Death('after')));
    return done;
  }
}

function nothing(): void {
  // nobody is woken: the test looks itself
}
