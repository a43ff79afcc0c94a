/** Reading a virtual machine: what it carries of ours, its state, its addresses. Pure. */
import { sha256Of } from '../../base/sha256.ts';
import type { NodeAddress } from '../../model/machine.ts';
import { madeAccess, readTags, tagsOf } from '../cloud.ts';
import type { CloudContext, Order, Owned, Tags } from '../cloud.ts';
import { listIn, numberIn, textIn } from './api.ts';
import type { Json } from './api.ts';

/** The host name that a token has: what CloudStack keeps unique within a network. */
export function hostNameOf(token: string): string {
  const plain = /^[a-z0-9-]{0,54}[a-z0-9]$/i.test(token);
  return `wombat-${plain ? token : sha256Of(token).slice(0, 32)}`;
}

/** The name for people, which holds the tags too until the machine has them (and should it lose them). */
export function displayNameOf(order: Order): string {
  const tags = Object.entries(tagsOf(order)).map(([name, value]) => `${name}=${value}`);
  return [order.name, ...tags].join(' ');
}

/** The tags that CloudStack keeps for it. */
export function tagsIn(vm: Json): Readonly<Record<string, string>> {
  const pairs = listIn(vm, 'tags').map((tag) => [textIn(tag, 'key') ?? '', textIn(tag, 'value') ?? '']);
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** What a machine of ours carries; null for one of somebody else. */
export function ownOf(vm: Json): Tags | null {
  const said = [...(textIn(vm, 'displayname') ?? '').matchAll(/(wombat-[a-z-]+)=(\S+)/g)];
  const named = Object.fromEntries(said.map(([, name = '', value = '']) => [name, value]));
  return readTags({ ...named, ...tagsIn(vm) });
}

const states: Readonly<Record<string, Owned['state']>> = {
  Starting: 'starting',
  Running: 'running',
  Migrating: 'running',
  // on its way down, and mostly on its way out
  Stopping: 'going',
  Stopped: 'stopped',
  Shutdowned: 'stopped',
  Destroyed: 'going',
  Expunging: 'going',
  Error: 'failed',
  Unknown: 'stopped',
};

/** The machine's state at the provider. */
export function stateOf(vm: Json): Owned['state'] {
  return states[textIn(vm, 'state') ?? ''] ?? 'stopped';
}

/** Destroyed is gone for us: it never runs again by itself, and CloudStack may keep it for a day. */
export function isGone(vm: Json): boolean {
  return textIn(vm, 'state') === 'Destroyed';
}

/** The oldest first; ids are random, and decide only within a second. */
export function byAge(a: Json, b: Json): number {
  const ageOf = (vm: Json) => `${textIn(vm, 'created') ?? ''} ${textIn(vm, 'id') ?? ''}`;
  return ageOf(a) < ageOf(b) ? -1 : 1;
}

/** The machine as the seam has it; `words` are those of a job that failed. */
export function ownedOf(context: CloudContext, vm: Json, own: Tags, words: string | null): Owned {
  const addresses = addressesOf(vm);
  const isPublic = context.domains.find(({ name }) => name === own.domain)?.definition.publicAddress === true;
  const address = (isPublic ? textIn(vm, 'publicip') : addresses[0]?.address) ?? null;
  const state = stateOf(vm) === 'running' && address === null ? 'starting' : stateOf(vm);
  return {
    kind: 'machine',
    id: textIn(vm, 'id') ?? '',
    token: own.token,
    owner: own.owner,
    domain: own.domain,
    state,
    words: words ?? (textIn(vm, 'state') === 'Unknown' ? 'CloudStack does not know the state of its host' : null),
    access: madeAccess(context, own, address),
    addresses,
    capacity: {
      cores: Math.max(1, numberIn(vm, 'cpunumber') ?? 1),
      memoryBytes: (numberIn(vm, 'memory') ?? 0) * 2 ** 20,
      diskFreeBytes: 0,
    },
    platform: null,
  };
}

/** That of the default network first. In basic zones addresses come with the start. */
function addressesOf(vm: Json): NodeAddress[] {
  const nics = listIn(vm, 'nic').toSorted((a, b) => Number(b['isdefault'] === true) - Number(a['isdefault'] === true));
  return nics.flatMap((nic) => {
    const address = textIn(nic, 'ipaddress') ?? textIn(nic, 'ip6address');
    if (address === undefined) return [];
    return [
      { address, prefix: address.includes(':') ? 64 : prefixOf(textIn(nic, 'netmask')), scope: 'network' as const },
    ];
  });
}

/** 255.255.255.0 is 24, which is also what is taken where nothing is said. */
function prefixOf(mask = '255.255.255.0'): number {
  const bits = mask.split('.').map((part) => Number(part).toString(2).replaceAll('0', '').length);
  return bits.reduce((sum, one) => sum + one, 0);
}
