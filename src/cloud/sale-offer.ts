/** The offer of a machine that would be made: what all clouds say of it in the same way. Pure. */
import type { Capabilities } from '../model/capability.ts';
import type { Domain } from '../model/domain.ts';
import type { Capacity, Offer } from '../model/machine.ts';
import { declaredAttributes, placeAttributes } from './attributes.ts';

/** A machine type on sale in a domain. */
export interface Sale {
  /** of the provider */
  readonly kind: string;
  readonly domain: Domain;
  readonly machineType: string;
}

/** What the cloud tells of the machines of that type. */
export interface Built {
  readonly capacity: Capacity;
  /** attributes besides cores, memory and disk, which are the capacity's */
  readonly found: Capabilities;
}

const unknownCapacity: Capacity = { cores: 0, memoryBytes: 0, diskFreeBytes: 0 };

/** An offer without a fault, of which nobody knows how many are left, at the domain's price; `built` absent where nothing is told. */
export function saleOffer({ kind, domain, machineType }: Sale, built?: Built): Offer {
  const { name, definition } = domain;
  const place = { ...placeAttributes(kind, domain), machine_type: machineType };
  const measures = built === undefined ? {} : { ...built.found, ...measuresOf(built.capacity) };
  return {
    id: `${name}/${machineType}`,
    provider: definition.provider,
    domain: name,
    machineType,
    attributes: { ...place, ...measures, ...declaredAttributes(definition.capabilities) },
    capacity: built?.capacity ?? unknownCapacity,
    platform: null,
    addresses: [],
    listening: [],
    left: null,
    pricePerHour: definition.prices?.[machineType] ?? null,
    fault: null,
  };
}

function measuresOf({ cores, memoryBytes, diskFreeBytes }: Capacity): Capabilities {
  return { cores, memory: memoryBytes, disk: diskFreeBytes };
}
