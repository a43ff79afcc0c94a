/**
 * A simulated cloud in this process's memory: the tests' and the dry run's. Its machines live in a MemoryWorld, which
 * outlives the adapter as a real provider would; what goes wrong, and when, is commanded there (`faults.ts`). Under a
 * scripted clock it does the same things in the same order (I10).
 */
import { Fault } from '../../base/fault.ts';
import type { ProviderDefinition } from '../../model/provider.ts';
import type { Cloud, CloudContext, OpenCloud, Traits } from '../cloud.ts';
import { faultOfMemory, Mishaps } from './faults.ts';
import { allowInMemory, createInMemory, destroyInMemory, listInMemory, Machines } from './machines.ts';
import type { MachineOfMemory } from './machines.ts';
import { offersOfMemory } from './offers.ts';

const traits: Traits = {
  machines: 'made',
  clientTokens: true,
  tags: true,
  firewall: 'security groups',
  zones: true,
  priceFeed: false,
  batchCreate: true,
  bootMs: 30_000,
};

/** One simulated provider: what it has, and what is to go wrong. */
export interface MemoryProviderState {
  readonly machines: Machines;
  readonly mishaps: Mishaps;
}

/** All simulated providers of a process, by name. */
export class MemoryWorld {
  readonly #providers = new Map<string, MemoryProviderState>();
  #addresses = 0;

  /** The provider of that name; made when it is first asked for. */
  provider(name: string): MemoryProviderState {
    const known = this.#providers.get(name);
    if (known !== undefined) return known;
    const made = { machines: new Machines(name, () => this.#nextAddress()), mishaps: new Mishaps() };
    this.#providers.set(name, made);
    return made;
  }

  /** The machine behind an Access of method `memory`; undefined when it is gone. */
  machine(id: string): MachineOfMemory | undefined {
    for (const { machines } of this.#providers.values()) {
      const found = machines.get(id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** One address after the other out of 100.64.0.0/10, which routes nowhere (RFC 6598). */
  #nextAddress(): string {
    const n = (this.#addresses += 1);
    return `100.${64 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
  }
}

/** What the verbs share. */
export interface MemorySite extends MemoryProviderState {
  readonly context: CloudContext;
  readonly definition: Extract<ProviderDefinition, { kind: 'memory' }>;
}

/** Opens simulated providers in that world. */
export function openMemory(world: MemoryWorld): OpenCloud {
  return (context) => {
    const { name, definition } = context.provider;
    if (definition.kind !== 'memory') throw new Fault('invalid', `provider ${name} is not of kind memory`);
    return openSite({ context, definition, ...world.provider(name) });
  };
}

function openSite(site: MemorySite): Cloud {
  const { mishaps, context } = site;
  const { clock } = context;
  return {
    kind: 'memory',
    traits,
    check: (signal) => mishaps.meet({ verb: 'check', clock, signal }, () => [usable(site)]),
    offers: (signal) => mishaps.meet({ verb: 'offers', clock, signal }, () => offersOfMemory(site)),
    create: (orders, signal) => mishaps.meet({ verb: 'create', clock, signal }, () => createInMemory(site, orders)),
    allow: (owner, rules, signal) =>
      mishaps.meet({ verb: 'allow', clock, signal }, () => allowInMemory(site, owner, rules)),
    async *list(owner, signal) {
      yield* await mishaps.meet({ verb: 'list', clock, signal }, () => listInMemory(site, owner));
    },
    destroy: (owned, signal) => mishaps.meet({ verb: 'destroy', clock, signal }, () => destroyInMemory(site, owned)),
    faultOf: faultOfMemory,
  };
}

function usable({ context }: MemorySite) {
  return { level: 'ok', what: `provider ${context.provider.name}`, words: 'simulated', code: null } as const;
}
