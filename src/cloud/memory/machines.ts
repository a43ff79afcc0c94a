/**
 * The simulated machines and what is done with them. What is destroyed is kept until no list can show it any more:
 * a list that lags shows the world as it was. Beside machines stand a group, which holds the firewall of an owner, and a
 * key pair for each public key: made with the first machine; the group is refused to go while machines use it, as at most
 * providers, the key pair is not.
 */
import type { Domain } from '../../model/domain.ts';
import { besideKeyName, besideKeyOf, besideOf } from '../cloud.ts';
import type { Cloud, Created, Order, Owned, Rule } from '../cloud.ts';
import { MemoryError } from './faults.ts';
import type { MemorySite } from './memory.ts';
import { capacityOfMemory, leftIn, machineTypesOf, platform, zoneOf } from './offers.ts';

/** One simulated machine. Times are those of the clock, milliseconds. */
export interface MachineOfMemory {
  readonly id: string;
  readonly order: Order;
  /** region and zone that it was taken from */
  readonly zone: string;
  readonly address: string;
  readonly createdAt: number;
  /** from then on its shell answers */
  readonly bootedAt: number;
  readonly destroyedAt: number | null;
  /** why it has died; null while it lives */
  readonly died: string | null;
}

/** What stands beside the machines of an owner. */
export interface BesideOfMemory {
  /** `group wombat-<owner>`, `key wombat-<owner>-<digest>` */
  readonly id: string;
  readonly owner: string;
}

/** The machines of one provider, and the test's commands to them. */
export class Machines {
  readonly #provider: string;
  readonly #address: () => string;
  readonly #standing = new Map<string, MachineOfMemory>();
  readonly #idsByToken = new Map<string, string>();
  readonly #countsByZone = new Map<string, number>();
  readonly #rules = new Map<string, readonly Rule[]>();
  readonly #beside = new Map<string, BesideOfMemory>();
  #destroyed: readonly MachineOfMemory[] = [];
  #made = 0;
  /** how long a machine takes from its creation to an answering shell, milliseconds */
  bootMs = 0;
  /** how far behind the truth a list is, milliseconds */
  listLagMs = 0;

  constructor(provider: string, address: () => string) {
    this.#provider = provider;
    this.#address = address;
  }

  /** Those that exist, in the order of their creation. */
  get standing(): readonly MachineOfMemory[] {
    return [...this.#standing.values()];
  }

  get(id: string): MachineOfMemory | undefined {
    return this.#standing.get(id);
  }

  byToken(token: string): MachineOfMemory | undefined {
    return this.#standing.get(this.#idsByToken.get(token) ?? '');
  }

  countIn(zone: string): number {
    return this.#countsByZone.get(zone) ?? 0;
  }

  add(order: Order, zone: string, now: number): MachineOfMemory {
    this.#made += 1;
    const id = `${this.#provider}-${this.#made}`;
    const life = { createdAt: now, bootedAt: now + this.bootMs, destroyedAt: null, died: null };
    const machine = { id, order, zone, address: this.#address(), ...life };
    this.#standing.set(id, machine);
    this.#idsByToken.set(order.token, id);
    this.#countsByZone.set(zone, this.countIn(zone) + 1);
    return machine;
  }

  /** The machine ends, and the provider knows it: it is listed as failed. */
  kill(id: string, words = 'died on command'): void {
    const machine = this.get(id);
    if (machine !== undefined) this.#standing.set(id, { ...machine, died: words });
  }

  /** The machine is gone: by our own doing, or deleted behind our back. */
  remove(id: string, now: number): void {
    const machine = this.get(id);
    if (machine === undefined) return;
    this.#standing.delete(id);
    this.#idsByToken.delete(machine.order.token);
    this.#countsByZone.set(machine.zone, this.countIn(machine.zone) - 1);
    this.#destroyed = [...this.#destroyed, { ...machine, destroyedAt: now }];
  }

  /** What a list shows now: the world as it was. Forgets what no list will show again. */
  seen(now: number): readonly MachineOfMemory[] {
    const then = now - this.listLagMs;
    this.#destroyed = this.#destroyed.filter(({ destroyedAt }) => (destroyedAt ?? 0) > then);
    return [...this.#standing.values(), ...this.#destroyed].filter(({ createdAt }) => createdAt <= then);
  }

  /** The firewall of an owner, as last made. */
  rules(owner: string): readonly Rule[] {
    return this.#rules.get(owner) ?? [];
  }

  allow(owner: string, rules: readonly Rule[]): void {
    this.#rules.set(owner, rules);
    this.ensure('group', owner);
  }

  /** What stands beside the machines. */
  get beside(): readonly BesideOfMemory[] {
    return [...this.#beside.values()];
  }

  /** Makes it unless it is there. */
  ensure(what: 'group' | 'key', owner: string, publicKey?: string): void {
    const name = `wombat-${owner}`;
    const id = `${what} ${publicKey === undefined ? name : besideKeyName(name, publicKey)}`;
    this.#beside.set(id, { id, owner });
  }

  /** Removes it, if it is that owner's. Error unavailable for a group that a machine uses. */
  drop(id: string, owner: string): void {
    if (this.#beside.get(id)?.owner !== owner) return;
    if (id.startsWith('group ') && this.standing.some(({ order }) => order.owner === owner))
      throw new MemoryError('unavailable', `DependencyViolation: ${id} is used by a machine`);
    this.#beside.delete(id);
    if (id.startsWith('group ')) this.#rules.delete(owner);
  }
}

/** Makes what is ordered, order by order; a token that stands already is that machine (I2). */
export function createInMemory(site: MemorySite, orders: readonly Order[]): readonly Created[] {
  return orders.map((order) => createOne(site, order));
}

function createOne(site: MemorySite, order: Order): Created {
  const { token } = order;
  const { machines, context } = site;
  const standing = machines.byToken(token);
  if (standing !== undefined) return { token, ok: true, owned: ownedOf(site, standing) };
  const domain = domainOf(site, order);
  if (domain === undefined) return refused(token, 'not-found', `there is no offer ${order.offer}`);
  if (leftIn(site, domain) < 1) return refused(token, 'no-capacity', `zone ${zoneOf(domain)} has no machine left`);
  machines.ensure('group', order.owner);
  if (order.boot !== null) machines.ensure('key', order.owner, order.boot.publicKey);
  return { token, ok: true, owned: ownedOf(site, machines.add(order, zoneOf(domain), context.clock.now())) };
}

function domainOf({ context }: MemorySite, { domain, offer }: Order): Domain | undefined {
  return context.domains.find(
    (one) => one.name === domain && machineTypesOf(one).some((type) => offer === `${domain}/${type}`),
  );
}

function refused(token: string, code: 'not-found' | 'no-capacity', words: string): Created {
  return { token, ok: false, error: new MemoryError(code, words) };
}

/** Everything of that owner that a list shows now. */
export function listInMemory(site: MemorySite, owner: string): readonly Owned[] {
  const seen = site.machines.seen(site.context.clock.now());
  const beside = site.machines.beside.filter((one) => one.owner === owner);
  return [
    ...seen.filter(({ order }) => order.owner === owner).map((machine) => ownedOf(site, machine)),
    ...beside.map((one) => besideIn(one, site.context.domains[0]?.name ?? '')),
  ];
}

function besideIn({ id, owner }: BesideOfMemory, domain: string): Owned {
  return id.startsWith('key ') ? besideKeyOf(id, id, { owner, domain }) : besideOf(id, owner, domain);
}

/** Removes the machine, or what stands beside it, if it is that owner's. */
export function destroyInMemory({ machines, context }: MemorySite, owned: Parameters<Cloud['destroy']>[0]): void {
  if (owned.kind === 'beside') machines.drop(owned.id, owned.owner);
  else if (machines.get(owned.id)?.order.owner === owned.owner) machines.remove(owned.id, context.clock.now());
}

/** Keeps the firewall's rules for the test to look at. */
export function allowInMemory({ machines }: MemorySite, owner: string, rules: readonly Rule[]): void {
  machines.allow(owner, rules);
}

function ownedOf(site: MemorySite, machine: MachineOfMemory): Owned {
  const { id, order, address, died } = machine;
  return {
    kind: 'machine',
    id,
    token: order.token,
    owner: order.owner,
    domain: order.domain,
    state: stateOf(machine, site.context.clock.now()),
    words: died,
    access: { method: 'memory', id },
    addresses: [{ address, prefix: 10, scope: 'network' }],
    capacity: capacityOfMemory(site),
    platform,
  };
}

function stateOf({ died, bootedAt }: MachineOfMemory, now: number): Owned['state'] {
  if (died !== null) return 'failed';
  return bootedAt > now ? 'starting' : 'running';
}
