/**
 * Simulated providers: the real adapters `memory` and `ssh`, and between them and the wrappers a network that loses,
 * delays and doubles calls. Machines that they make appear in the park; those of the `rack` stand there from the beginning.
 *
 *   grid    makes machines; a token makes one
 *   stack   the same, entered over SSH by a host key that serves once
 *   loose   as `stack`, but knows no tokens: an order that arrives twice makes two
 *   rack    machines that exist already, and are claimed
 */
import type { Random } from '../../src/base/random.ts';
import type { Command, Finished, Shell } from '../../src/base/shell.ts';
import { Fault } from '../../src/base/fault.ts';
import { besideKeyName, madeAccess, readTags, tagsOf } from '../../src/cloud/cloud.ts';
import type { Cloud, CloudContext, Created, Order, Owned } from '../../src/cloud/cloud.ts';
import { MemoryError } from '../../src/cloud/memory/faults.ts';
import { openMemory } from '../../src/cloud/memory/memory.ts';
import type { MemoryWorld } from '../../src/cloud/memory/memory.ts';
import type { MachineOfMemory } from '../../src/cloud/memory/machines.ts';
import { zoneOf } from '../../src/cloud/memory/offers.ts';
import { openSshOver } from '../../src/cloud/ssh/ssh.ts';
import { Claim } from '../../src/model/claim.ts';
import type { DomainDefinition } from '../../src/model/domain.ts';
import type { ProviderDefinition } from '../../src/model/provider.ts';
import { bodyOf } from './login-keys.ts';
import type { MachinePark, SimulatedMachine } from './machines.ts';
import { epochMs } from './timeline.ts';
import { calm } from './weather.ts';
import type { Weather } from './weather.ts';

/** The kinds of simulated provider. */
export const siteKinds = ['grid', 'stack', 'rack', 'loose'] as const;
export type SiteKind = (typeof siteKinds)[number];

/** Who else has machines at the providers. */
export const stranger = 'wombat-stranger';

const imageKey = `SHA256:${'i'.repeat(43)}`;
const rackKey = `SHA256:${'r'.repeat(43)}`;
/** A machine takes no longer to boot than that, unless it never does, milliseconds. */
const bootMs = 20_000;
const neverBootsMs = 10 * 3_600_000;
const rackHosts = 4;
const zoneMachines = 9;

/** What providers stand in. */
export interface Surroundings {
  readonly memory: MemoryWorld;
  readonly park: MachinePark;
  readonly chance: Random;
}

/** One provider as it really is. */
export class Site {
  readonly name: string;
  readonly kind: SiteKind;
  readonly weather: Weather = calm();
  readonly memory: MemoryWorld;
  readonly park: MachinePark;
  readonly #chance: Random;
  /** claims on the machines of a rack, by their addresses */
  readonly claims = new Map<string, Claim>();
  readonly #hosts: readonly string[];
  /** the bodies of the keys by which its machines are entered at the moment */
  opening: () => readonly string[] = () => [];

  constructor({ name, kind }: { readonly name: string; readonly kind: SiteKind }, around: Surroundings) {
    const { memory, park, chance } = around;
    this.name = name;
    this.kind = kind;
    this.memory = memory;
    this.park = park;
    this.#chance = chance;
    const net = 10 + chance.below(200);
    this.#hosts = Array.from({ length: rackHosts }, (_, at) => `10.${net}.${name.length}.${at + 1}`);
    if (kind === 'rack') for (const host of this.#hosts) park.add(`${name}/${host}`, host, rackKey).isGuarded = true;
    this.#settleStrangers();
  }

  /** What the blueprint says of it. */
  get definition(): ProviderDefinition {
    if (this.kind !== 'rack') return { kind: 'memory', machines: zoneMachines, cores: 4 };
    const hosts = this.#hosts.map((address) => ({ address, user: 'erl', hostKey: rackKey }));
    return { kind: 'ssh', hosts, key: 'secret://env/RACK', firewall: true };
  }

  get domain(): DomainDefinition {
    return { provider: this.name, lostAfterSeconds: 45 };
  }

  get machines() {
    return this.memory.provider(this.name).machines;
  }

  /** Machines of an owner that stand, by their ids at the provider, with their tokens. */
  standing(owner: string): readonly { readonly id: string; readonly token: string }[] {
    if (this.kind === 'rack')
      return [...this.claims].filter(([, claim]) => claim.owner === owner).map(([id, { token }]) => ({ id, token }));
    return this.machines.standing
      .filter(({ order }) => order.owner === owner)
      .map(({ id, order }) => ({ id, token: order.token }));
  }

  /** When a machine was made there, milliseconds from the beginning; 0 for what was there before. */
  bornAt(id: string): number {
    return Math.max(0, (this.machines.get(id)?.createdAt ?? epochMs) - epochMs);
  }

  /** Whether a machine of that owner, of one of these tokens, is opened by the key of that pair. */
  isOpenedBy(id: string, owner: string, tokens: ReadonlyMap<string, unknown>): boolean {
    const ordered = this.machines.standing.filter(({ order }) => order.owner === owner);
    const lines = ordered.flatMap(({ order }) => order.boot?.publicKey ?? []);
    const line = lines.find((one) => id === `key ${besideKeyName(`wombat-${owner}`, one)}`);
    if (line === undefined) return false;
    const body = bodyOf(line);
    const opens = (machine: MachineOfMemory) => this.#keysOf(machine).has(body);
    return ordered.some((machine) => tokens.has(machine.order.token) && opens(machine));
  }

  /** What opens a machine: the keys that it lets in, or, where nobody looks at keys, the one it was ordered with if that is in force. */
  #keysOf({ id, order }: MachineOfMemory): ReadonlySet<string> {
    const keys = this.park.get(id)?.keys ?? null;
    if (keys !== null || order.boot === null) return keys ?? new Set();
    const inForce = new Set(this.opening());
    return new Set([bodyOf(order.boot.publicKey)]).intersection(inForce);
  }

  /** What stands of an owner beside machines. */
  beside(owner: string): readonly string[] {
    return this.machines.beside.filter((one) => one.owner === owner).map(({ id }) => id);
  }

  /** The adapter: as good as it is told to be, at once and without a network. */
  adapter(context: CloudContext): Cloud {
    if (this.kind === 'rack') return openSshOver(({ address }) => this.#shell(address), context);
    // a provider goes by its own clock, whatever ours says
    const memory = openMemory(this.memory)({ ...context, clock: { ...context.clock, now: () => this.#nowMs() } });
    const over = (owned: Owned) => (this.kind === 'grid' ? owned : this.#overSsh(context, owned));
    return {
      ...memory,
      traits: { ...memory.traits, clientTokens: this.kind !== 'loose' },
      create: async (orders, signal) => {
        this.machines.bootMs = this.#drawBootMs();
        const created = this.kind === 'loose' ? this.#createLoosely(orders) : await memory.create(orders, signal);
        this.#sync();
        return created.map((one) => (one.ok ? { ...one, owned: over(one.owned) } : one));
      },
      list: async function* (owner, signal) {
        for await (const owned of memory.list(owner, signal)) yield over(owned);
      },
      // what is accepted takes its time
      destroy: (owned, signal) => {
        const end = () => memory.destroy(owned, signal).then(() => this.#sync());
        if (owned.kind === 'beside') return end();
        if (this.weather.forgets) return Promise.resolve();
        this.park.timeline.after(1_000 + this.#chance.below(6_000), () => void end());
        return Promise.resolve();
      },
    };
  }

  /** Machines of that owner appear that are on nobody's record: one of an unknown token, and a twin of each that stands. Answers their ids. */
  strand(owner: string): readonly string[] {
    if (this.kind === 'rack') return [];
    const tokens = ['m-stray', ...this.standing(owner).map((known) => known.token)];
    const ids = tokens.map((token) => this.#add(orderOf(token, owner, this.name)).id);
    this.#sync();
    return ids;
  }

  /** A machine fails, and its provider knows it. */
  fail(id: string): void {
    this.machines.kill(id);
    this.park.end(id, 'it failed at its provider');
  }

  /** A machine is deleted behind our back. */
  remove(id: string): void {
    this.machines.remove(id, this.#nowMs());
    this.#sync();
  }

  /** Somebody else's machines, and one that is nobody's: none of them is ever ours to touch. */
  #settleStrangers(): void {
    if (this.kind === 'rack') {
      const [, , , host = ''] = this.#hosts;
      this.claims.set(host, {
        token: 'm-stranger',
        owner: stranger,
        domain: this.name,
        claimedAt: '2026-01-01T00:00:00Z',
      });
      return;
    }
    this.#add(orderOf('m-stranger', stranger, this.name));
    this.machines.ensure('group', stranger);
  }

  #add(order: Order): MachineOfMemory {
    return this.machines.add(order, this.#zone, this.#nowMs());
  }

  /** The one zone that its domain takes machines from. */
  get #zone(): string {
    return zoneOf({ name: this.name, definition: this.domain, declaredBy: null });
  }

  #nowMs(): number {
    return Math.floor(epochMs + this.park.timeline.now);
  }

  #drawBootMs(): number {
    const { stillborn, isSwift } = this.weather;
    if (stillborn > 0 && this.#chance.below(1_000) < stillborn * 1_000) return neverBootsMs;
    return 2_000 + this.#chance.below(isSwift ? 1_000 : bootMs - 2_000);
  }

  /** Without tokens, an adapter looks whether its order stands already; a list that lags does not show it. */
  #createLoosely(orders: readonly Order[]): Created[] {
    return orders.map((order): Created => {
      const { token, owner } = order;
      const seen = this.machines.seen(this.#nowMs());
      const found = seen.find(
        (one) => one.order.token === token && one.order.owner === owner && one.destroyedAt === null,
      );
      const left = zoneMachines - this.machines.countIn(this.#zone);
      if (found === undefined && left < 1)
        return { token, ok: false, error: new MemoryError('no-capacity', 'there is no machine left') };
      this.machines.ensure('group', owner);
      if (order.boot !== null) this.machines.ensure('key', owner, order.boot.publicKey);
      return { token, ok: true, owned: ownedOf(found ?? this.#add(order)) };
    });
  }

  /** The park holds what the provider says stands. */
  #sync(): void {
    for (const machine of this.machines.standing) if (this.park.get(machine.id) === undefined) this.#appear(machine);
    const standing = new Set(this.machines.standing.map(({ id }) => id));
    for (const { key } of this.park.all)
      if (key.startsWith(`${this.name}-`) && !standing.has(key)) this.park.end(key, 'its provider ended it');
  }

  /** A machine that boots shows its image's host key at first. */
  #appear({ id, address, order, bootedAt, createdAt, died }: MachineOfMemory): void {
    if (died !== null || order.owner === stranger) return;
    const machine = this.park.add(id, address, imageKey);
    machine.isUp = false;
    if (this.kind !== 'grid' && order.boot !== null) machine.keys = new Set([bodyOf(order.boot.publicKey)]);
    const { timeline } = this.park;
    timeline.after(bootedAt - createdAt, () => {
      machine.isUp = true;
      timeline.after(1_500, () => (machine.shown = order.boot?.hostKey ?? imageKey));
    });
  }

  #overSsh(context: CloudContext, owned: Owned): Owned {
    const order = this.machines.get(owned.id)?.order;
    if (owned.kind !== 'machine' || order === undefined) return owned;
    const address = owned.state === 'starting' ? null : (owned.addresses[0]?.address ?? null);
    const access = madeAccess(context, readTags(tagsOf(order))!, address);
    return { ...owned, access, addresses: access === null ? [] : owned.addresses };
  }

  /** The shell of a rack's host, as far as claims are concerned. */
  #shell(address: string): Shell {
    const nothing = () => Promise.reject(new Error('nothing but claims is asked for here'));
    return {
      where: address,
      run: (command) => Promise.try(() => this.#claimed(address, command)),
      follow: () => ({ [Symbol.asyncIterator]: () => ({ next: nothing }) }),
      dial: nothing,
      close: () => Promise.resolve(),
    };
  }

  #claimed(address: string, { what, script, input }: Command): Finished {
    const machine = this.park.at(address);
    if (machine?.isUp !== true || !machine.isReachable)
      throw new Fault('unavailable', `${address} does not answer`, { object: `host ${address}` });
    const standing = this.claims.get(address);
    const isNamed = standing !== undefined && script.includes(`"owner":"${standing.owner}"`);
    if (what.startsWith('looking for') && !isNamed) return finished('');
    if (what.startsWith('claiming') && standing === undefined)
      this.claims.set(address, Claim.parse(JSON.parse(Buffer.from(input as Uint8Array).toString())));
    if (what.startsWith('releasing') && isNamed && script.includes(`"token":"${standing.token}"`))
      this.claims.delete(address);
    return finished(factsText(machine, this.claims.get(address), this.park.timeline.now));
  }
}

function finished(stdout: string): Finished {
  return { code: 0, stdout, stderr: '' };
}

function factsText(machine: SimulatedMachine, claim: Claim | undefined, nowMs: number): string {
  return `os=linux
arch=x86_64
hostname=${machine.key}
cores=4
memory=${8 * 2 ** 30}
disk=${2 ** 36}
libc=glibc 2.36
addr=${machine.address}/16
boot=${machine.bootId}
clock=${Math.floor((epochMs + nowMs) / 1_000)}
systemd=${machine.hasSystemd ? 'yes' : 'no'}
claim=${claim === undefined ? '' : JSON.stringify(claim)}`;
}

function orderOf(token: string, owner: string, name: string): Order {
  return { token, owner, domain: name, offer: `${name}/standard`, machineType: 'standard', name: token, boot: null };
}

function ownedOf({ id, order, address, died }: MachineOfMemory): Owned {
  return {
    ...{ kind: 'machine', id, token: order.token, owner: order.owner, domain: order.domain, words: died },
    ...{ state: died === null ? 'starting' : 'failed', access: null, capacity: null, platform: null },
    addresses: [{ address, prefix: 10, scope: 'network' }],
  };
}
