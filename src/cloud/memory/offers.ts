/** What the simulated cloud sells: the domain's machine types, all alike, as many as the domain's zone has left. */
import type { Capabilities } from '../../model/capability.ts';
import { parseSize } from '../../model/quantity.ts';
import type { Domain } from '../../model/domain.ts';
import type { Capacity, Offer, Platform } from '../../model/machine.ts';
import { declaredAttributes, placeAttributes } from '../cloud.ts';
import type { MemorySite } from './memory.ts';

const defaults = { machines: 100, cores: 4, memoryBytes: 8 * 2 ** 30, diskFreeBytes: 100 * 2 ** 30 };

/** A Debian 12, as releases built on one find it. */
export const platform: Platform = {
  os: 'linux',
  arch: 'x86_64',
  libc: { kind: 'glibc', version: '2.36' },
  libraries: [
    'ld-linux-x86-64.so.2',
    'libc.so.6',
    'libcrypto.so.3',
    'libdl.so.2',
    'libgcc_s.so.1',
    'libm.so.6',
    'libpthread.so.0',
    'librt.so.1',
    'libstdc++.so.6',
    'libtinfo.so.6',
    'libutil.so.1',
    'libz.so.1',
  ],
};

/** One offer for each domain and machine type. */
export function offersOfMemory(site: MemorySite): readonly Offer[] {
  return site.context.domains.flatMap((domain) =>
    machineTypesOf(domain).map((machineType) => offerOf(site, domain, machineType)),
  );
}

/** The machine types of a domain: names without a meaning. */
export function machineTypesOf(domain: Domain): readonly string[] {
  return domain.definition.machineTypes ?? ['standard'];
}

/** The zone that a domain takes its machines from; domains of one zone share them. */
export function zoneOf(domain: Domain): string {
  const { region, zone } = placeAttributes('memory', domain);
  return `${String(region)}/${String(zone)}`;
}

/** How many more machines the domain's zone has. */
export function leftIn(site: MemorySite, domain: Domain): number {
  return (site.definition.machines ?? defaults.machines) - site.machines.countIn(zoneOf(domain));
}

/** What every machine of the provider has. */
export function capacityOfMemory({ definition }: MemorySite): Capacity {
  const { cores = defaults.cores, memory } = definition;
  const memoryBytes = (memory === undefined ? undefined : parseSize(memory)) ?? defaults.memoryBytes;
  return { cores, memoryBytes, diskFreeBytes: defaults.diskFreeBytes };
}

function offerOf(site: MemorySite, domain: Domain, machineType: string): Offer {
  const capacity = capacityOfMemory(site);
  return {
    id: `${domain.name}/${machineType}`,
    provider: domain.definition.provider,
    domain: domain.name,
    machineType,
    attributes: attributesOf(domain, machineType, capacity),
    capacity,
    platform,
    addresses: [],
    listening: [],
    left: leftIn(site, domain),
    pricePerHour: null,
    fault: null,
  };
}

/** A machine to be made has no `host` yet. */
function attributesOf(domain: Domain, machineType: string, capacity: Capacity): Capabilities {
  return {
    ...placeAttributes('memory', domain),
    machine_type: machineType,
    os: platform.os,
    arch: platform.arch,
    cores: capacity.cores,
    memory: capacity.memoryBytes,
    disk: capacity.diskFreeBytes,
    libc: platform.libc.kind,
    ...declaredAttributes(domain.definition.capabilities),
  };
}
