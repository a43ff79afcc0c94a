/** What a Rackspace account can have: a region's flavors in each domain. Their ids are the machine types: `general1-4`. */
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import { onceEach } from '../../base/once.ts';
import type { Domain } from '../../model/domain.ts';
import type { Offer } from '../../model/machine.ts';

import { bareOffer, flavorsAt, imageAttributes, imageOf, Limits, offerOf } from '../nova/market.ts';
import type { Flavor } from '../nova/market.ts';
import type { RackspaceSite } from './rackspace.ts';

/** Asks all regions side by side. Where one of several cannot be asked, its declared machine types carry the reason. */
export async function offersOfRackspace(site: RackspaceSite, signal: AbortSignal): Promise<readonly Offer[]> {
  signal.throwIfAborted();
  const { domains } = site.context;
  const market = onceEach((region: string) => marketIn(site, region, signal));
  const asked = await Promise.allSettled(domains.map((domain) => domainOffers(site, domain, market, signal)));
  signal.throwIfAborted();
  const [first] = asked.filter((one) => one.status === 'rejected');
  if (first !== undefined && asked.every((one) => one.status === 'rejected')) throw first.reason;
  return asked.flatMap((one, index) =>
    one.status === 'fulfilled' ? one.value : withheld(site, domains[index] as Domain, one.reason),
  );
}

/** What the account may use in a region and uses. */
export function limitsIn(site: RackspaceSite, region: string, signal: AbortSignal): Promise<Limits> {
  const call = { method: 'GET', path: '/limits', answer: Limits } as const;
  return site.session.ask({ service: 'compute', region }, call, signal);
}

/** What is the same for all domains of a region. */
interface Market {
  readonly flavors: readonly Flavor[];
  readonly limits: Limits;
}

async function marketIn(site: RackspaceSite, region: string, signal: AbortSignal): Promise<Market> {
  const [flavors, limits] = await Promise.all([
    site.session.all({ service: 'compute', region }, flavorsAt(), signal),
    limitsIn(site, region, signal),
  ]);
  return { flavors, limits };
}

async function domainOffers(
  site: RackspaceSite,
  domain: Domain,
  market: (region: string) => Promise<Market>,
  signal: AbortSignal,
): Promise<Offer[]> {
  const region = await site.regionOf(domain, signal);
  const [{ flavors, limits }, { found, fault }] = await Promise.all([
    market(region),
    imageOf(site.session, region, domain, signal).then(
      (image) => ({ found: imageAttributes(image), fault: null }),
      refused,
    ),
  ]);
  const wanted = domain.definition.machineTypes;
  return flavors
    .filter(({ id }) => wanted?.includes(id) ?? true)
    .toSorted((one, other) => one.id.localeCompare(other.id))
    .map((flavor) => {
      const sale = { kind: 'rackspace', region, domain, machineType: flavor.id };
      return offerOf(sale, flavor, { limits, found, fault: fault ?? diskless(flavor) });
    });
}

/** What is wrong with the image of a domain, rather than with the provider. */
function refused(error: unknown): { readonly found: Record<string, never>; readonly fault: Offer['fault'] } {
  if (!(error instanceof Fault && error.detail.object?.startsWith('domain ') === true)) throw error;
  return { found: {}, fault: { code: error.code, why: wordsOf(error) } };
}

/** Flavors of the compute and memory classes have no disk: they boot from volumes, which we do not make. */
function diskless({ disk, name }: Flavor): Offer['fault'] {
  return disk > 0 ? null : { code: 'invalid', why: `${name} has no disk of its own and boots from volumes only` };
}

/** The offers of a domain that cannot be asked about, as far as they are declared. */
function withheld(site: RackspaceSite, domain: Domain, error: unknown): Offer[] {
  const region = domain.definition.region ?? site.definition.region ?? domain.name;
  const fault = { code: faultCodeOf(error), why: wordsOf(error) };
  const types = domain.definition.machineTypes ?? [];
  return types.map((machineType) => ({ ...bareOffer({ kind: 'rackspace', region, domain, machineType }), fault }));
}
