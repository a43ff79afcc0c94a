/** What domains of one region need alike: asked of EC2 once a pass, when the first of them needs it. */
import type { Image, Instance, InstanceTypeInfo, Subnet } from '@aws-sdk/client-ec2';
import type { Fault } from '../../base/fault.ts';
import { onceEach } from '../../base/once.ts';
import { all, pages } from '../ec2-api/beside.ts';
import type { Ec2Api } from '../ec2-api/ec2-api.ts';
import type { Ec2Site } from './ec2.ts';
import { subnetsAt } from './network.ts';
import { limitOf, runningAt } from './quotas.ts';

/** The questions; a zone, a subnet that is null stands for all of the region. */
export interface Asked {
  readonly limit: (region: string, code: string) => Promise<number | Fault>;
  readonly running: (region: string) => Promise<readonly Instance[]>;
  /** the machine types that the region's domains may use */
  readonly types: (region: string) => Promise<readonly InstanceTypeInfo[]>;
  /** names of those of them that the zone, or the region, has */
  readonly offered: (region: string, zone: string | null) => Promise<ReadonlySet<string>>;
  readonly image: (region: string, image: string) => Promise<Image | undefined>;
  readonly subnets: (region: string, subnet: string | null, zone: string | null) => Promise<readonly Subnet[]>;
}

/** Most values that one filter of a request may have (EC2 API Reference, "List and filter using the CLI and API"). */
const mostValues = 200;

/** Nothing is asked yet. */
export function askOnce(site: Ec2Site, signal: AbortSignal): Asked {
  return {
    limit: onceEach((region: string, code: string) => limitOf(site, site.api(region), code, signal)),
    running: onceEach((region: string) => runningAt(site.api(region), signal)),
    types: onceEach((region: string) => typesAt(site.api(region), namedIn(site, region), signal)),
    offered: onceEach((region: string, zone: string | null) =>
      offeredAt(site.api(region), { zone, only: namedIn(site, region) }, signal),
    ),
    image: onceEach((region: string, image: string) => imageAt(site.api(region), image, signal)),
    subnets: onceEach((region: string, subnet: string | null, zone: string | null) =>
      subnetsAt(site.api(region), { subnet, zone }, signal),
    ),
  };
}

type Filters = readonly { readonly Name: string; readonly Values: string[] }[];

/** The filter for what the region's domains name; none where one of them takes every type, or they name too many. */
function namedIn(site: Ec2Site, region: string): Filters {
  const named = site.domainsIn(region).map(({ definition }) => definition.machineTypes);
  const values = [...new Set(named.flatMap((types) => types ?? []))];
  const isAll = named.includes(undefined) || values.length > mostValues;
  return isAll ? [] : [{ Name: 'instance-type', Values: values }];
}

async function typesAt(api: Ec2Api, only: Filters, signal: AbortSignal): Promise<readonly InstanceTypeInfo[]> {
  const described = pages(
    api,
    'DescribeInstanceTypes',
    async (sdk, NextToken, within) => {
      const answer = await sdk.describeInstanceTypes({ Filters: [...only], MaxResults: 100, NextToken }, within);
      return { items: answer.InstanceTypes ?? [], next: answer.NextToken };
    },
    signal,
  );
  return await all(described);
}

async function offeredAt(
  api: Ec2Api,
  { zone, only }: { readonly zone: string | null; readonly only: Filters },
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const LocationType = zone === null ? ('region' as const) : ('availability-zone' as const);
  const where = zone === null ? [] : [{ Name: 'location', Values: [zone] }];
  const offered = pages(
    api,
    'DescribeInstanceTypeOfferings',
    async (sdk, NextToken, within) => {
      const ask = { LocationType, Filters: [...where, ...only], MaxResults: 1000, NextToken };
      const answer = await sdk.describeInstanceTypeOfferings(ask, within);
      return { items: answer.InstanceTypeOfferings ?? [], next: answer.NextToken };
    },
    signal,
  );
  return new Set((await all(offered)).map(({ InstanceType = '' }) => InstanceType));
}

async function imageAt(api: Ec2Api, image: string, signal: AbortSignal): Promise<Image | undefined> {
  const ask = { Filters: [{ Name: 'image-id', Values: [image] }] };
  const { Images = [] } = await api.call('DescribeImages', (sdk, within) => sdk.describeImages(ask, within), signal);
  return Images[0];
}
