/**
 * What every offer says without anybody declaring it. Pure; shared by all adapters, so that a demand means the same
 * everywhere. What a person declares wins over what was found.
 */
import type { MachineFacts } from '../base/machine-facts.ts';
import type { Capabilities } from '../model/capability.ts';
import { parseSize } from '../model/quantity.ts';
import type { Domain } from '../model/domain.ts';
import type { Capacity, Platform } from '../model/machine.ts';
import { regionAttributes } from './regions.ts';

/** Where a domain is, and where on Earth for a public cloud's region that is known. A domain without a region is a region of its own, a region without zones one zone. */
export function placeAttributes(kind: string, domain: Domain): Capabilities {
  const { provider, region = domain.name, zone = region } = domain.definition;
  return { domain: domain.name, provider, kind, region, zone, ...regionAttributes(kind, region) };
}

/** What was measured on a machine that exists; sizes in bytes. */
export function measuredAttributes(facts: MachineFacts): Capabilities {
  const { activity } = facts;
  return {
    os: facts.os,
    arch: facts.arch,
    cores: facts.cores,
    memory: facts.memoryBytes,
    disk: facts.diskFreeBytes,
    libc: facts.libc.kind,
    ...(activity === undefined
      ? {}
      : { load: activity.load, run_queue: activity.runQueue, memory_free: activity.memoryFreeBytes, measured_ago: 0 }),
  };
}

/** Declared capabilities with their sizes in bytes: `4G` as 4294967296. */
export function declaredAttributes(declared: Capabilities | undefined): Capabilities {
  const value = (one: Capabilities[string]) => (typeof one === 'string' ? (parseSize(one) ?? one) : one);
  return Object.fromEntries(Object.entries(declared ?? {}).map(([name, one]) => [name, value(one)]));
}

/** What decides whether a release can run on a measured machine. */
export function platformOf({ os, arch, libc, libraries }: MachineFacts): Platform {
  return { os, arch, libc: { ...libc }, libraries: [...libraries] };
}

/** What a measured machine has room for. */
export function capacityOf({ cores, memoryBytes, diskFreeBytes }: MachineFacts): Capacity {
  return { cores, memoryBytes, diskFreeBytes };
}
