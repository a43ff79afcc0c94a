/** What Hetzner sells: the server types of a location with their prices, for which there is the domain's image. */
import { Fault, faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { Capabilities } from '../../model/capability.ts';
import type { Domain } from '../../model/domain.ts';
import type { Capacity, Offer } from '../../model/machine.ts';
import { libraryAttributes, saleOffer } from '../cloud.ts';
import type { HetznerSite } from './hetzner.ts';
import { all, numberIn, objectIn, textIn } from './json.ts';
import type { Json } from './json.ts';
import { networkOf } from './network.ts';

/** What a domain stands on. */
export interface Ground {
  /** the image by architecture, `x86` or `arm` */
  readonly images: ReadonlyMap<string, Json>;
  /** where its machines are; null where Hetzner chooses */
  readonly location: string | null;
  /** country, coordinates and city of that location */
  readonly geography: Capabilities;
}

/** As `uname` says it. */
const architectures: Readonly<Record<string, string>> = { x86: 'x86_64', arm: 'aarch64' };

/** One offer for each domain and server type; a domain that cannot be used says why on each of them. */
export async function offersOfHetzner(site: HetznerSite, signal: AbortSignal): Promise<readonly Offer[]> {
  signal.throwIfAborted();
  const types = await all(site.api.all('server_types', {}, signal));
  const offers = site.context.domains.map(async (domain) => {
    const ground = await groundOrReason(site, domain, signal);
    return types
      .filter((type) => domain.definition.machineTypes?.includes(textIn(type, 'name')) ?? true)
      .flatMap((type) => offersFor(site, domain, type, ground));
  });
  return (await Promise.all(offers)).flat();
}

type Reason = NonNullable<Offer['fault']>;

async function groundOrReason(site: HetznerSite, domain: Domain, signal: AbortSignal): Promise<Ground | Reason> {
  try {
    await networkOf(site, domain, signal);
    return await groundOf(site, domain, signal);
  } catch (error) {
    if (!['invalid', 'not-found'].includes(faultCodeOf(error))) throw error;
    return { code: faultCodeOf(error), why: wordsOf(error) };
  }
}

/** Image and location of a domain. Faults: invalid and not-found, about the domain. */
export async function groundOf({ api }: HetznerSite, domain: Domain, signal: AbortSignal): Promise<Ground> {
  const object = `domain ${domain.name}`;
  const { image, region } = domain.definition;
  if (image === undefined)
    throw new Fault('invalid', `${object} names no image`, {
      object,
      next: 'give the domain an image, e.g. `debian-13`',
    });
  const byId = /^\d+$/.test(image);
  const found = byId
    ? [objectIn(await api.call('GET', `/images/${image}`, signal), 'image')]
    : await all(api.all('images', { name: image, status: 'available' }, signal));
  const images = new Map(found.map((one) => [textIn(one, 'architecture'), one]));
  if (images.size === 0) throw new Fault('not-found', `${object}: the project has no image ${image}`, { object });
  if (region === undefined) return { images, location: null, geography: {} };
  const [place] = await all(api.all('locations', { name: region }, signal));
  if (place === undefined) throw new Fault('not-found', `${object}: there is no location ${region}`, { object });
  return { images, location: region, geography: geographyOf(place) };
}

function geographyOf(place: Json): Capabilities {
  return {
    country: textIn(place, 'country'),
    city: textIn(place, 'city'),
    latitude: numberIn(place, 'latitude'),
    longitude: numberIn(place, 'longitude'),
  };
}

/** No offer where the type is not sold at the location, or there is no image for its processors. */
function offersFor(site: HetznerSite, domain: Domain, type: Json, ground: Ground | Reason): Offer[] {
  const sale = { kind: 'hetzner', domain, machineType: textIn(type, 'name') };
  const capacity = capacityOf(type);
  if ('why' in ground) return [{ ...saleOffer(sale), capacity, fault: ground }];
  const price = priceAt(type, ground.location);
  if (price === null || isGone(site, type) || !ground.images.has(textIn(type, 'architecture'))) return [];
  // the limits of a project are told nowhere in the API: nobody knows how many are left
  const bare = saleOffer(sale, { capacity, found: attributesOf(type, ground) });
  return [{ ...bare, pricePerHour: bare.pricePerHour ?? price }];
}

/** The net price of an hour there; null where it is not sold. Without a location, the dearest: any may be chosen. */
function priceAt(type: Json, location: string | null): number | null {
  const prices = Array.isArray(type['prices']) ? (type['prices'] as Json[]) : [];
  const there = prices.filter((one) => location === null || one['location'] === location);
  return there.length === 0 ? null : Math.max(...there.map((one) => numberIn(objectIn(one, 'price_hourly'), 'net')));
}

/** A type that is withdrawn can be ordered until a day that the API says. */
function isGone({ context }: HetznerSite, type: Json): boolean {
  const until = Date.parse(textIn(objectIn(type, 'deprecation'), 'unavailable_after'));
  return Number.isFinite(until) && until <= context.clock.now();
}

function attributesOf(type: Json, { geography, images }: Ground): Capabilities {
  const architecture = textIn(type, 'architecture');
  const image = images.get(architecture) ?? {};
  const flavor = textIn(image, 'os_flavor');
  return {
    ...geography,
    os: 'linux',
    arch: architectures[architecture] ?? architecture,
    ...(flavor === '' || flavor === 'unknown' ? {} : { distribution: flavor }),
    ...libraryAttributes(flavor, textIn(image, 'os_version')),
    dedicated: textIn(type, 'cpu_type') === 'dedicated',
  };
}

/** Memory and disk are told in GB of 1024 MB each. */
function capacityOf(type: Json): Capacity {
  return {
    cores: numberIn(type, 'cores'),
    memoryBytes: numberIn(type, 'memory') * 2 ** 30,
    diskFreeBytes: numberIn(type, 'disk') * 2 ** 30,
  };
}
