/** The directories here that are ours: claimed, found again by their claims, given back. A machine's id is its domain. */
import { readdir } from 'node:fs/promises';
import { timestamp } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import type { Claim } from '../../model/claim.ts';
import { Name } from '../../model/name.ts';
import { capacityOf, claimFault, claimMachine, createEach, lookIfOurs, platformOf, releaseMachine } from '../cloud.ts';
import type { Cloud, Created, Order, Owned, Sighting } from '../cloud.ts';
import type { LocalSite } from './local.ts';
import { addressesOf, offerId } from './offers.ts';

/** Claims the directories of all orders. */
export function createLocal(
  site: LocalSite,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly Created[]> {
  return createEach(orders, (order) => claimDirectory(site, order, signal), signal);
}

async function claimDirectory(site: LocalSite, order: Order, signal: AbortSignal): Promise<Owned> {
  const { token, owner, domain, offer } = order;
  if (!site.context.domains.some(({ name }) => name === domain) || offer !== offerId(domain))
    throw noOffer(site, offer);
  const claims = site.claims(domain);
  const claim = { token, owner, domain, claimedAt: timestamp(site.context.clock) };
  const sighting = await claimMachine(claims, claim, signal);
  const standing = sighting.claim ?? claim;
  const fault = claimFault(standing, claim, { where: claims.shell.where, base: claims.base });
  if (fault !== null) throw fault;
  return ownedOf(site, domain, sighting.facts, standing);
}

function noOffer(site: LocalSite, offer: string): Fault {
  const object = `provider ${site.context.provider.name}`;
  return new Fault('not-found', `${object} has no offer ${offer}`, { object });
}

/** Reads every claim below the root: also those of domains that have been taken from the provider since. */
export async function* listLocal(site: LocalSite, owner: string, signal: AbortSignal): AsyncGenerator<Owned> {
  signal.throwIfAborted();
  for (const domain of await directories(site.root)) {
    const sighting = await lookIfOurs(site.claims(domain), owner, signal);
    if (sighting !== null && sighting.claim !== null) yield ownedOf(site, domain, sighting.facts, sighting.claim);
  }
}

async function directories(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries.flatMap((one) => (one.isDirectory() && isDomain(one.name) ? [one.name] : [])).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Whatever else lies below the root is not ours; an id that is no name must not become a path. */
function isDomain(name: string): boolean {
  return Name.safeParse(name).success;
}

/** Takes the claim back, and the domain's directory once nothing is left in it. */
export async function destroyLocal(site: LocalSite, owned: Parameters<Cloud['destroy']>[0], signal: AbortSignal) {
  signal.throwIfAborted();
  const { id, token, owner } = owned;
  if (token !== null && isDomain(id)) await releaseMachine(site.claims(id), { token, owner }, signal);
}

function ownedOf(site: LocalSite, id: string, facts: Sighting['facts'], claim: Claim): Owned {
  return {
    kind: 'machine',
    id,
    token: claim.token,
    owner: claim.owner,
    domain: claim.domain,
    state: 'running',
    words: null,
    access: { method: 'local', directory: site.claims(id).base },
    addresses: addressesOf(site.definition.address, facts),
    capacity: capacityOf(facts),
    platform: platformOf(facts),
  };
}
