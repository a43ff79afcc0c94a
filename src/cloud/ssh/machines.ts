/** Hosts that are ours: claimed, found again by their claims, given back. A machine's id is its host's address. */
import { timestamp } from '../../base/clock.ts';
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { Claim } from '../../model/claim.ts';
import type { Access } from '../../model/machine.ts';
import type { SshHost } from '../../model/provider.ts';
import { capacityOf, claimFault, claimMachine, createEach, lookIfOurs, platformOf, releaseMachine } from '../cloud.ts';
import type { Cloud, Created, Order, Owned, Sighting } from '../cloud.ts';
import { addressesOf, isIn, offerId } from './offers.ts';
import type { SshSite, Visit } from './ssh.ts';

/** Claims the hosts of all orders side by side. */
export function createSsh(site: SshSite, orders: readonly Order[], signal: AbortSignal): Promise<readonly Created[]> {
  return createEach(orders, (order) => claimHost(site, order, signal), signal);
}

async function claimHost(site: SshSite, order: Order, signal: AbortSignal): Promise<Owned> {
  const { token, owner, domain } = order;
  const host = hostOf(site, order);
  const claim = { token, owner, domain, claimedAt: timestamp(site.context.clock) };
  const sighting = await site.visit(host, (claims) => claimMachine(claims, claim, signal), signal);
  const standing = sighting.claim ?? claim;
  const fault = claimFault(standing, claim, { where: `host ${host.address}`, base: site.base });
  if (fault !== null) throw fault;
  return ownedOf(site, host, sighting.facts, standing);
}

function hostOf(site: SshSite, { domain, offer }: Order): SshHost {
  const definition = site.context.domains.find((one) => one.name === domain);
  const host = site.definition.hosts.find((one) => offerId(domain, one) === offer);
  if (definition !== undefined && host !== undefined && isIn(definition, host)) return host;
  const object = `provider ${site.context.provider.name}`;
  throw new Fault('not-found', `${object} has no host ${offer}`, { object });
}

/** Reads the claims of all hosts; those that cannot be asked are named at the end (see Cloud.list). */
export async function* listSsh(site: SshSite, owner: string, signal: AbortSignal): AsyncGenerator<Owned> {
  const visits = await site.visitAll((claims) => lookIfOurs(claims, owner, signal), signal);
  for (const visit of visits) {
    if (!visit.ok || visit.answer === null) continue;
    const { facts, claim } = visit.answer;
    if (claim !== null) yield ownedOf(site, visit.host, facts, claim);
  }
  const silent = visits.filter((visit) => !visit.ok);
  if (silent.length > 0) throw incomplete(site, silent);
}

function incomplete(site: SshSite, silent: readonly Extract<Visit<unknown>, { ok: false }>[]): Fault {
  const object = `provider ${site.context.provider.name}`;
  const hosts = silent.map(({ host }) => host.address).join(', ');
  const words = silent.map(({ error }) => wordsOf(error)).join('; ');
  const [code = 'unavailable', ...others] = new Set(silent.map(({ error }) => faultCodeOf(error)));
  return new Fault(others.length === 0 ? code : 'unavailable', `${object}: could not ask ${hosts}`, { object, words });
}

/** Takes the claim back. A host that the provider does not name any more is out of our reach for good: gone. */
export async function destroySsh(site: SshSite, owned: Parameters<Cloud['destroy']>[0], signal: AbortSignal) {
  signal.throwIfAborted();
  const host = site.definition.hosts.find(({ address }) => address === owned.id);
  if (host === undefined || owned.token === null) return;
  const { token, owner } = owned;
  await site.visit(host, (claims) => releaseMachine(claims, { token, owner }, signal), signal);
}

function ownedOf(site: SshSite, host: SshHost, facts: Sighting['facts'], claim: Claim): Owned {
  return {
    kind: 'machine',
    id: host.address,
    token: claim.token,
    owner: claim.owner,
    domain: claim.domain,
    state: 'running',
    words: null,
    access: accessOf(site, host),
    addresses: addressesOf(host, facts),
    capacity: capacityOf(facts),
    platform: platformOf(facts),
  };
}

function accessOf(site: SshSite, { address, port = 22, user, hostKey }: SshHost): Access {
  const keySecret = site.context.secretName(site.definition.key);
  return { method: 'ssh', address, port, user, hostKey, keySecret, directory: site.base };
}
