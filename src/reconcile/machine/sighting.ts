/**
 * A made machine as its provider sees it. Where the machine itself does not answer, the provider may know why: it failed,
 * was stopped, or is gone, deleted behind our back. Machines that exist already are not asked about: the look is the same.
 */
import type { Owned } from '../../cloud/cloud.ts';
import type { Access, Machine } from '../../model/machine.ts';
import { becomeMachine, nowOf } from './stage.ts';
import type { AnyMachinePass, BecomeMachine } from './stage.ts';

/** How old the listing may be that a machine is looked for in. */
const listingAgeMs = 2_500;
/** How long an accepted order may be missing from the listings, and how long a machine that was listed: lists lag. */
const unlistedMs = { unseen: 90_000, seen: 8_000 };

/** What the provider says of the machine: what changes by that, or null when nothing does. */
export async function sighted(pass: AnyMachinePass): Promise<BecomeMachine | null> {
  const { world, machine, provider, cloud } = pass;
  if (cloud.traits.machines !== 'made') return null;
  const listing = await world.listings.recent(provider.name, cloud, listingAgeMs);
  const owned = listing.owned.find((one) => isOf(machine, one));
  if (owned === undefined) return listing.error === null ? missing(pass, listing.at) : null;
  world.memory.unlisted.delete(machine.token);
  if (owned.state === 'failed' || owned.state === 'going')
    return lost(
      pass,
      `the provider says that it ${owned.state === 'failed' ? 'failed' : 'is being deleted'}${said(owned)}`,
    );
  return moved(pass, owned);
}

/** Whether what is listed is that machine, not a twin that a doubled order made. */
function isOf({ token, providerId }: Machine, owned: Owned): boolean {
  return owned.kind === 'machine' && owned.token === token && (providerId === null || owned.id === providerId);
}

function said({ words }: Owned): string {
  return words === null || words === '' ? '' : `: ${words}`;
}

/** Not listed: given up when that lasts. */
function missing(pass: AnyMachinePass, atMs: number): BecomeMachine | null {
  const { world, machine } = pass;
  const { unlisted } = world.memory;
  const since = unlisted.get(machine.token) ?? atMs;
  unlisted.set(machine.token, since);
  const allowedMs = machine.access === null ? unlistedMs.unseen : unlistedMs.seen;
  if (atMs - since < allowedMs) return null;
  unlisted.delete(machine.token);
  return lost(
    pass,
    `the provider has no ${machine.providerId ?? 'machine of it'} any more: it was deleted, and not by us`,
  );
}

function lost(pass: AnyMachinePass, why: string): BecomeMachine {
  const state = { phase: 'lost', since: nowOf(pass), why } as const;
  return becomeMachine(pass, { state }, { level: 'error', what: 'lost', words: why });
}

/** Its addresses and how it is entered, once they are known. A host key on record is not replaced by one that is listed. */
function moved(pass: AnyMachinePass, owned: Owned): BecomeMachine | null {
  const { machine } = pass;
  const access = owned.access === null ? machine.access : keepingKey(machine.access, owned.access);
  const addresses = owned.addresses.length > 0 ? [...owned.addresses] : machine.addresses;
  const isNews =
    JSON.stringify([access, addresses, owned.id]) !==
    JSON.stringify([machine.access, machine.addresses, machine.providerId]);
  return isNews ? becomeMachine(pass, { access, addresses, providerId: owned.id }) : null;
}

function keepingKey(known: Access | null, listed: Access): Access {
  return known?.method === 'ssh' && listed.method === 'ssh' ? { ...listed, hostKey: known.hostKey } : listed;
}
