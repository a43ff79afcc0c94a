/** What an OpenStack project can have: a region's flavors in each domain, as far as its quota goes. */
import { z } from 'zod';
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { Capabilities } from '../../model/capability.ts';
import type { Domain } from '../../model/domain.ts';
import type { Offer } from '../../model/machine.ts';

import { bareOffer, flavorsAt, imageAttributes, imageOf, Limits, offerOf } from '../nova/market.ts';
import type { Flavor } from '../nova/market.ts';
import { partOf } from './network.ts';
import { microversion } from './site.ts';
import type { OpenStackSite } from './site.ts';

/** What is the same for all domains of a region. */
interface Market {
  readonly flavors: readonly Flavor[];
  readonly limits: Limits;
}

/** Asks all regions side by side. Where one of several cannot be asked, its declared machine types carry the reason. */
export async function offersOfOpenStack(site: OpenStackSite, signal: AbortSignal): Promise<readonly Offer[]> {
  signal.throwIfAborted();
  const regions = site.regions.filter((region) => site.domainsIn(region).length > 0);
  const asked = await Promise.allSettled(regions.map((region) => regionOffers(site, region, signal)));
  signal.throwIfAborted();
  const [first] = asked.filter((one) => one.status === 'rejected');
  if (first !== undefined && asked.every((one) => one.status === 'rejected')) throw first.reason;
  return asked.flatMap((one, index) =>
    one.status === 'fulfilled' ? one.value : withheld(site, regions[index] ?? '', one.reason),
  );
}

/** All flavors of a region, by name. */
export async function flavorsIn(site: OpenStackSite, region: string, signal: AbortSignal): Promise<Flavor[]> {
  const flavors = await site.session.all({ service: 'compute', region }, flavorsAt(microversion), signal);
  return flavors.toSorted((one, other) => one.name.localeCompare(other.name));
}

/** What the project may use in a region and uses. */
export function limitsIn(site: OpenStackSite, region: string, signal: AbortSignal): Promise<Limits> {
  const call = { method: 'GET', path: '/limits', answer: Limits } as const;
  return site.session.ask({ service: 'compute', region }, call, signal);
}

async function regionOffers(site: OpenStackSite, region: string, signal: AbortSignal): Promise<Offer[]> {
  const [flavors, limits] = await Promise.all([flavorsIn(site, region, signal), limitsIn(site, region, signal)]);
  const offers = site.domainsIn(region).map((domain) => domainOffers(site, domain, { flavors, limits }, signal));
  return (await Promise.all(offers)).flat();
}

async function domainOffers(
  site: OpenStackSite,
  domain: Domain,
  { flavors, limits }: Market,
  signal: AbortSignal,
): Promise<Offer[]> {
  const { found, fault } = await usable(site, domain, signal);
  const wanted = domain.definition.machineTypes;
  const sold = flavors.filter(({ name }) => wanted?.includes(name) ?? true);
  return sold.map((flavor) => {
    const sale = { kind: 'openstack', region: site.regionOf(domain), domain, machineType: flavor.name };
    return offerOf(sale, flavor, { limits, found, fault });
  });
}

/** What the domain's image tells, or why machines cannot be made there at all. */
async function usable(
  site: OpenStackSite,
  domain: Domain,
  signal: AbortSignal,
): Promise<{ readonly found: Capabilities; readonly fault: Offer['fault'] }> {
  const region = site.regionOf(domain);
  try {
    const [image] = await Promise.all([
      imageOf(site.session, region, domain, signal),
      partOf(site.session, region, domain, signal),
      zoneOf(site, domain, signal),
    ]);
    return { found: imageAttributes(image), fault: null };
  } catch (error) {
    if (!isOfDomain(error)) throw error;
    return { found: {}, fault: { code: faultCodeOf(error), why: wordsOf(error) } };
  }
}

/** What is wrong with one domain rather than with the provider. */
function isOfDomain(error: unknown): boolean {
  return error instanceof Fault && error.detail.object?.startsWith('domain ') === true;
}

const Zones = z.object({
  availabilityZoneInfo: z.array(z.object({ zoneName: z.string(), zoneState: z.object({ available: z.boolean() }) })),
});

/** The domain's zone, if it names one. Fault not-found, or no-capacity where it is there and not available. */
export async function zoneOf(site: OpenStackSite, domain: Domain, signal: AbortSignal): Promise<string | undefined> {
  const { zone } = domain.definition;
  if (zone === undefined) return undefined;
  const region = site.regionOf(domain);
  const call = { method: 'GET', path: '/os-availability-zone', answer: Zones } as const;
  const { availabilityZoneInfo: zones } = await site.session.ask({ service: 'compute', region }, call, signal);
  const found = zones.find(({ zoneName }) => zoneName === zone);
  if (found?.zoneState.available === true) return zone;
  const object = `domain ${domain.name}`;
  if (found !== undefined) throw new Fault('no-capacity', `${object}: zone ${zone} is not available`, { object });
  const next = `region ${region} has ${zones.map(({ zoneName }) => zoneName).join(', ')}`;
  throw new Fault('not-found', `${object}: region ${region} has no availability zone ${zone}`, { object, next });
}

/** The offers of a region that cannot be asked, as far as they are declared. */
function withheld(site: OpenStackSite, region: string, error: unknown): Offer[] {
  const fault = { code: faultCodeOf(error), why: wordsOf(error) };
  return site.domainsIn(region).flatMap((domain) => {
    const types = domain.definition.machineTypes ?? [];
    return types.map((machineType) => ({ ...bareOffer({ kind: 'openstack', region, domain, machineType }), fault }));
  });
}
