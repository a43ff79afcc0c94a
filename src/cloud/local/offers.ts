/** What this machine offers: itself, once for each domain. */
import { faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { MachineFacts } from '../../base/machine-facts.ts';
import type { Capabilities } from '../../model/capability.ts';
import type { Domain } from '../../model/domain.ts';
import type { NodeAddress, Offer } from '../../model/machine.ts';
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
import type { LocalSite } from './local.ts';

const machineType = 'local';

/** One offer a domain, with what is free now. A directory that cannot be had is an offer with the reason. */
export async function offersOfLocal(site: LocalSite, signal: AbortSignal): Promise<readonly Offer[]> {
  signal.throwIfAborted();
  const offers = site.context.domains.map((domain) =>
    look(site.claims(domain.name), signal).then(
      (sighting) => measuredOffer(site, domain, sighting),
      (error: unknown) => ({ ...declaredOffer(domain), fault: reason(error) }),
    ),
  );
  const all = await Promise.all(offers);
  signal.throwIfAborted();
  return all;
}

/** The id of a domain's only offer. */
export function offerId(domain: string): string {
  return `${domain}/${machineType}`;
}

/**
 * Loopback for nodes that stay among themselves, then the addresses that other hosts can dial, the declared one first.
 * IPv4 only, as Erlang's distribution is unless told otherwise (`-proto_dist`); no link-local ones (RFC 3927).
 */
export function addressesOf(declared: string | undefined, facts: MachineFacts): NodeAddress[] {
  const routable = facts.addresses
    .filter(({ address }) => /^\d+\.\d+\.\d+\.\d+$/.test(address) && !/^(127\.|169\.254\.)/.test(address))
    .map((one) => ({ ...one, scope: 'network' as const }));
  const loopback = { address: '127.0.0.1', prefix: 8, scope: 'loopback' as const };
  if (declared === undefined) return [loopback, ...routable];
  const prefix = routable.find(({ address }) => address === declared)?.prefix ?? 32;
  const others = routable.filter(({ address }) => address !== declared);
  return [loopback, { address: declared, prefix, scope: 'network' }, ...others];
}

function measuredOffer(site: LocalSite, domain: Domain, { facts, claim }: Sighting): Offer {
  const { base, shell } = site.claims(domain.name);
  const foreign = foreignClaim(claim, site.context.owner, { where: shell.where, base });
  return {
    ...declaredOffer(domain),
    attributes: attributesOf(domain, { host: facts.hostname, ...measuredAttributes(facts) }),
    capacity: capacityOf(facts),
    platform: platformOf(facts),
    addresses: addressesOf(site.definition.address, facts),
    listening: [...facts.listening],
    left: claim === null ? 1 : 0,
    fault: foreign && reason(foreign),
  };
}

/** What is known of a domain without looking. */
function declaredOffer(domain: Domain): Offer {
  return {
    id: offerId(domain.name),
    provider: domain.definition.provider,
    domain: domain.name,
    machineType,
    attributes: attributesOf(domain, {}),
    capacity: { cores: 0, memoryBytes: 0, diskFreeBytes: 0 },
    platform: null,
    addresses: [],
    listening: [],
    left: null,
    pricePerHour: null,
    fault: null,
  };
}

function attributesOf(domain: Domain, found: Capabilities): Capabilities {
  return {
    ...placeAttributes('local', domain),
    machine_type: machineType,
    ...found,
    ...declaredAttributes(domain.definition.capabilities),
  };
}

function reason(error: unknown): NonNullable<Offer['fault']> {
  return { code: faultCodeOf(error), why: wordsOf(error) };
}
