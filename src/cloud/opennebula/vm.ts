/**
 * Reading a VM: what it carries of ours, its state, its addresses. Pure.
 *
 * Tags are attributes of its USER_TEMPLATE; OpenNebula writes their names in upper case, without dashes.
 */
import type { Capacity, NodeAddress } from '../../model/machine.ts';
import { madeAccess, readTags, tokenTag } from '../cloud.ts';
import type { CloudContext, Owned, Tags } from '../cloud.ts';
import { allIn, elementAt, numberAt, textAt } from './api.ts';
import type { Xml } from './api.ts';

/** How long a machine may take to its first answer, milliseconds: copying the image takes most of it. */
export const bootMs = 600_000;

/** The same in that domain. */
export function bootMsOf({ domains }: CloudContext, domain: string): number {
  const seconds = domains.find(({ name }) => name === domain)?.definition.bootSeconds;
  return seconds === undefined ? bootMs : seconds * 1_000;
}

const tagNames = ['wombat-owner', tokenTag, 'wombat-domain', 'wombat-host-key'];
const typeTag = 'wombat-machine-type';

/** A tag as an attribute: `wombat-owner` is WOMBAT_OWNER. */
export function attributeOf(tag: string): string {
  return tag.toUpperCase().replaceAll('-', '_');
}

/** The tags of a machine that is ordered, as attributes. */
export function attributesOf(tags: Readonly<Record<string, string>>, machineType: string): Record<string, string> {
  const all = Object.entries({ ...tags, [typeTag]: machineType });
  return Object.fromEntries(all.map(([name, value]) => [attributeOf(name), value]));
}

/** What a machine of ours carries; null for one of somebody else. */
export function ownOf(vm: Xml): (Tags & { readonly machineType: string | undefined }) | null {
  const held = elementAt(vm, 'USER_TEMPLATE');
  const tags = readTags(Object.fromEntries(tagNames.map((name) => [name, textAt(held, attributeOf(name))])));
  return tags === null ? null : { ...tags, machineType: textAt(held, attributeOf(typeTag)) };
}

/** Ids grow with every machine, and are never used again. */
export function idOf(vm: Xml): number {
  return numberAt(vm, 'ID') ?? -1;
}

/** STATE by number, as far as it decides here. */
const states: Readonly<Record<number, Owned['state']>> = {
  0: 'starting', // INIT
  1: 'starting', // PENDING
  2: 'stopped', // HOLD
  4: 'stopped', // STOPPED
  5: 'stopped', // SUSPENDED
  6: 'going', // DONE
  7: 'failed', // FAILED, before version 5
  8: 'stopped', // POWEROFF
  9: 'stopped', // UNDEPLOYED
  10: 'starting', // CLONING
  11: 'failed', // CLONING_FAILURE
};
/** LCM_STATE of a machine in STATE 3, ACTIVE. */
const lcmGoing = [11, 12, 13, 23]; // EPILOG, SHUTDOWN, CANCEL, CLEANUP_DELETE
const lcmFailed = [14, 36, 37, 38, 39, 40, 41, 42, 44, 46, 47, 48, 49, 50, 61];
const lcmStarting = [0, 1, 2, 15, 20, 21, 22, 31, 32]; // LCM_INIT, PROLOG, BOOT …
const active = 3;

/** The machine's state at the provider. */
export function stateOf(vm: Xml): Owned['state'] {
  const state = numberAt(vm, 'STATE') ?? 0;
  if (state !== active) return states[state] ?? 'stopped';
  const lcm = numberAt(vm, 'LCM_STATE') ?? 0;
  if (lcmGoing.includes(lcm)) return 'going';
  if (lcmFailed.includes(lcm)) return 'failed';
  return lcmStarting.includes(lcm) ? 'starting' : 'running';
}

/** Whether OpenNebula would refuse to end it now: it is being copied or booted. */
export function isBusy(vm: Xml): boolean {
  return numberAt(vm, 'STATE') === active && stateOf(vm) === 'starting';
}

/** Whether it has waited for a host for longer than its whole boot may take. */
export function isStuck(vm: Xml, { now, bootMs }: { readonly now: number; readonly bootMs: number }): boolean {
  const begun = (numberAt(vm, 'STIME') ?? 0) * 1_000;
  return numberAt(vm, 'STATE') === 1 && now - begun > bootMs;
}

/** The machine as the seam has it. */
export function ownedOf(context: CloudContext, vm: Xml, own: Tags): Owned {
  const allowedMs = bootMsOf(context, own.domain);
  const stuck = isStuck(vm, { now: context.clock.now(), bootMs: allowedMs });
  const addresses = addressesOf(vm);
  return {
    kind: 'machine',
    id: String(idOf(vm)),
    token: own.token,
    owner: own.owner,
    domain: own.domain,
    state: stuck ? 'failed' : stateOf(vm),
    words: wordsOfVm(vm, stuck ? allowedMs : null),
    access: madeAccess(context, own, addresses[0]?.address ?? null),
    addresses,
    capacity: capacityOfVm(vm),
    platform: null,
  };
}

/** What scheduler or drivers said about it. */
function wordsOfVm(vm: Xml, waitedMs: number | null): string | null {
  const scheduler = numberAt(vm, 'STATE') === 1 ? textAt(vm, 'USER_TEMPLATE', 'SCHED_MESSAGE') : undefined;
  const words = scheduler ?? textAt(vm, 'USER_TEMPLATE', 'ERROR') ?? null;
  if (waitedMs === null) return words;
  return `no-capacity: no host took it within ${waitedMs / 1_000} s: ${words ?? 'the scheduler says nothing'}`;
}

/** Addresses are leased when a machine is made, long before it runs. */
function addressesOf(vm: Xml): NodeAddress[] {
  const nics = allIn(elementAt(vm, 'TEMPLATE'), 'NIC');
  const found = nics.map((nic) => textAt(nic, 'IP') ?? textAt(nic, 'IP6_GLOBAL') ?? textAt(nic, 'IP6'));
  const all = found.length > 0 ? found : [textAt(vm, 'TEMPLATE', 'CONTEXT', 'ETH0_IP')];
  return all.flatMap((address, index) => {
    if (address === undefined) return [];
    const mask = textAt(vm, 'TEMPLATE', 'CONTEXT', `ETH${index}_MASK`);
    return [
      {
        address,
        prefix: address.includes(':') ? 64 : prefixOf(mask),
        scope: 'network' as const,
      },
    ];
  });
}

/** 255.255.255.0 is 24, which is also what is taken for a network that does not say. */
function prefixOf(mask: string | undefined): number {
  if (mask === undefined) return 24;
  const bits = mask.split('.').map((part) => Number(part).toString(2).replaceAll('0', '').length);
  return bits.reduce((sum, one) => sum + one, 0);
}

function capacityOfVm(vm: Xml): Capacity {
  const body = elementAt(vm, 'TEMPLATE');
  const cores = Math.max(1, Math.trunc(numberAt(body, 'VCPU') ?? numberAt(body, 'CPU') ?? 1));
  const memoryBytes = (numberAt(body, 'MEMORY') ?? 0) * 2 ** 20;
  return {
    cores,
    memoryBytes,
    diskFreeBytes: (numberAt(elementAt(body, 'DISK'), 'SIZE') ?? 0) * 2 ** 20,
  };
}
