/**
 * Where the regions of public clouds are. Which city a region is in: the providers' own lists (docs.aws.amazon.com "AWS
 * Regions", docs.rackspace.com "About regions", docs.hetzner.com "Locations", docs.digitalocean.com "Regional
 * availability", as of autumn 2026). Where the city is: GeoNames (geonames.org, CC BY 4.0), rounded to a tenth of a
 * degree, because no provider says more than the city; continents by its codes. What a domain declares wins.
 */
import type { Capabilities } from '../model/capability.ts';

/** City, country (ISO 3166-1), continent, latitude, longitude. */
type Place = readonly [country: string, continent: string, latitude: number, longitude: number];

const ashburn: Place = ['US', 'NA', 39.0, -77.5];
const oregon: Place = ['US', 'NA', 45.5, -123.0];
const newYork: Place = ['US', 'NA', 40.7, -74.0];
const sanFrancisco: Place = ['US', 'NA', 37.8, -122.4];
const london: Place = ['GB', 'EU', 51.5, -0.1];
const frankfurt: Place = ['DE', 'EU', 50.1, 8.7];
const singapore: Place = ['SG', 'AS', 1.3, 103.9];
const sydney: Place = ['AU', 'OC', -33.9, 151.2];
const hongKong: Place = ['HK', 'AS', 22.3, 114.2];

const ec2: Readonly<Record<string, Place>> = {
  'us-east-1': ashburn,
  'us-east-2': ['US', 'NA', 40.0, -83.0],
  'us-west-1': sanFrancisco,
  'us-west-2': ['US', 'NA', 45.8, -119.7],
  'ca-central-1': ['CA', 'NA', 45.5, -73.6],
  'ca-west-1': ['CA', 'NA', 51.1, -114.1],
  'mx-central-1': ['MX', 'NA', 20.6, -100.4],
  'sa-east-1': ['BR', 'SA', -23.5, -46.6],
  'eu-west-1': ['IE', 'EU', 53.3, -6.2],
  'eu-west-2': london,
  'eu-west-3': ['FR', 'EU', 48.9, 2.3],
  'eu-central-1': frankfurt,
  'eu-central-2': ['CH', 'EU', 47.4, 8.5],
  'eu-north-1': ['SE', 'EU', 59.3, 18.1],
  'eu-south-1': ['IT', 'EU', 45.5, 9.2],
  'eu-south-2': ['ES', 'EU', 41.7, -0.9],
  'af-south-1': ['ZA', 'AF', -33.9, 18.4],
  'me-south-1': ['BH', 'AS', 26.2, 50.6],
  'me-central-1': ['AE', 'AS', 25.1, 55.2],
  'il-central-1': ['IL', 'AS', 32.1, 34.8],
  'ap-east-1': hongKong,
  'ap-east-2': ['TW', 'AS', 25.0, 121.5],
  'ap-south-1': ['IN', 'AS', 19.1, 72.9],
  'ap-south-2': ['IN', 'AS', 17.4, 78.5],
  'ap-southeast-1': singapore,
  'ap-southeast-2': sydney,
  'ap-southeast-3': ['ID', 'AS', -6.2, 106.8],
  'ap-southeast-4': ['AU', 'OC', -37.8, 145.0],
  'ap-southeast-5': ['MY', 'AS', 3.1, 101.7],
  'ap-southeast-6': ['NZ', 'OC', -36.8, 174.8],
  'ap-southeast-7': ['TH', 'AS', 13.8, 100.5],
  'ap-northeast-1': ['JP', 'AS', 35.7, 139.7],
  'ap-northeast-2': ['KR', 'AS', 37.6, 127.0],
  'ap-northeast-3': ['JP', 'AS', 34.7, 135.5],
};

const rackspace: Readonly<Record<string, Place>> = {
  DFW: ['US', 'NA', 32.8, -96.8],
  ORD: ['US', 'NA', 41.9, -87.7],
  IAD: ashburn,
  LON: london,
  SYD: sydney,
  HKG: hongKong,
};

const hetzner: Readonly<Record<string, Place>> = {
  fsn1: ['DE', 'EU', 50.5, 12.4],
  nbg1: ['DE', 'EU', 49.5, 11.1],
  hel1: ['FI', 'EU', 60.2, 24.9],
  ash: ashburn,
  hil: oregon,
  sin: singapore,
};

const digitalocean: Readonly<Record<string, Place>> = {
  nyc1: newYork,
  nyc2: newYork,
  nyc3: newYork,
  sfo1: sanFrancisco,
  sfo2: sanFrancisco,
  sfo3: sanFrancisco,
  atl1: ['US', 'NA', 33.7, -84.4],
  tor1: ['CA', 'NA', 43.7, -79.4],
  ams2: ['NL', 'EU', 52.4, 4.9],
  ams3: ['NL', 'EU', 52.4, 4.9],
  lon1: london,
  fra1: frankfurt,
  blr1: ['IN', 'AS', 13.0, 77.6],
  sgp1: singapore,
  syd1: sydney,
};

const tables: Readonly<Record<string, Readonly<Record<string, Place>>>> = { ec2, rackspace, hetzner, digitalocean };

/**
 * Country, continent and coordinates of a public cloud's region, by the name that its API has for it; nothing for a
 * region that is not known, or a cloud that is wherever its owner put it.
 */
export function regionAttributes(kind: string, region: string): Capabilities {
  const table = Object.hasOwn(tables, kind) ? tables[kind] : undefined;
  const place = table !== undefined && Object.hasOwn(table, region) ? table[region] : undefined;
  if (place === undefined) return {};
  const [country, continent, latitude, longitude] = place;
  return { country, continent, latitude, longitude };
}
