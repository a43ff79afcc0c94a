/** What the hosts can offer: one offer for each host in each domain that it belongs to. */
import { faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { MachineFacts } from '../../base/machine-facts.ts';
import type { Capabilities } from '../../model/capability.ts';
import type { Domain } from '../../model/domain.ts';
import type { NodeAddress, Offer } from '../../model/machine.ts';
import type { SshHost } from '../../model/provider.ts';
import {
  capacityOf,
  declaredAttributes,
  foreignClaim,
  look,
  measuredAttributes,
  placeAttributes,
  platformOf,
} from '../cloud.ts';
import type { Sighting } from '../cloud.ts';
import type { SshSite, Visit } from './ssh.ts';

/** All hosts are of one type: what each of them is gets measured. */
const machineType = 'host';

/** Asks every host at once. A host that cannot be had is an offer with the reason. */
export async function offersOfSsh(site: SshSite, signal: AbortSignal): Promise<readonly Offer[]> {
  const visits = await site.visitAll((claims) => look(claims, signal), signal);
  return site.context.domains.flatMap((domain) =>
    visits.filter(({ host }) => isIn(domain, host)).map((visit) => offerOf(site, domain, visit)),
  );
}

/** Whether a host of the provider belongs to the domain: all do where the domain names none. */
export function isIn(domain: Domain, host: SshHost): boolean {
  return domain.definition.hosts?.includes(host.address) ?? true;
}

/** The id of a host's offer in a domain. */
export function offerId(domain: string, host: SshHost): string {
  return `${domain}/${host.address}`;
}

/** Declared wins over found, the host's own over its domain's. */
export function attributesOf(domain: Domain, host: SshHost, found: Capabilities): Capabilities {
  return {
    ...placeAttributes('ssh', domain),
    host: host.address,
    machine_type: machineType,
    ...found,
    ...declaredAttributes(domain.definition.capabilities),
    ...declaredAttributes(host.capabilities),
  };
}

/** The address that peers dial. Its prefix is known only where the host itself bears the address. */
export function addressesOf(host: SshHost, facts: MachineFacts | null): NodeAddress[] {
  const address = host.advertised ?? host.address;
  const prefix = facts?.addresses.find((one) => one.address === address)?.prefix ?? (address.includes(':') ? 128 : 32);
  return [{ address, prefix, scope: /^(127\.|::1$|localhost$)/.test(address) ? 'loopback' : 'network' }];
}

function offerOf(site: SshSite, domain: Domain, visit: Visit<Sighting>): Offer {
  const declared = declaredOffer(domain, visit.host);
  if (!visit.ok) return { ...declared, fault: reason(visit.error) };
  const { facts, claim } = visit.answer;
  const foreign = foreignClaim(claim, site.context.owner, { where: `host ${visit.host.address}`, base: site.base });
  return {
    ...declared,
    attributes: attributesOf(domain, visit.host, measuredAttributes(facts)),
    capacity: capacityOf(facts),
    platform: platformOf(facts),
    addresses: addressesOf(visit.host, facts),
    listening: [...facts.listening],
    left: claim === null ? 1 : 0,
    fault: foreign && reason(foreign),
  };
}

function reason(error: unknown): NonNullable<Offer['fault']> {
  return { code: faultCodeOf(error), why: wordsOf(error) };
}

/** What is known of a host without asking it. */
function declaredOffer(domain: Domain, host: SshHost): Offer {
  return {
    id: offerId(domain.name, host),
    provider: domain.definition.provider,
    domain: domain.name,
    machineType,
    attributes: attributesOf(domain, host, {}),
    capacity: { cores: 0, memoryBytes: 0, diskFreeBytes: 0 },
    platform: null,
    addresses: addressesOf(host, null),
    listening: [],
    left: null,
    pricePerHour: null,
    fault: null,
  };
}
