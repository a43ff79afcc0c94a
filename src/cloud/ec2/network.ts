/** Where on the network the machines of a domain are put. */
import type { Subnet } from '@aws-sdk/client-ec2';
import { Fault } from '../../base/fault.ts';
import type { Domain } from '../../model/domain.ts';
import type { Ec2Api } from '../ec2-api/ec2-api.ts';
import type { Asked } from './asked.ts';

/** A network, and the subnet that was chosen in it. */
export interface Network {
  readonly vpc: string;
  readonly subnet: string;
}

/** The subnet of that id, or the default ones, of that zone where one is said. */
export async function subnetsAt(
  api: Ec2Api,
  { subnet, zone }: { readonly subnet: string | null; readonly zone: string | null },
  signal: AbortSignal,
): Promise<readonly Subnet[]> {
  const filters =
    subnet === null
      ? [
          { Name: 'default-for-az', Values: ['true'] },
          ...(zone === null ? [] : [{ Name: 'availability-zone', Values: [zone] }]),
        ]
      : [{ Name: 'subnet-id', Values: [subnet] }];
  const { Subnets = [] } = await api.call(
    'DescribeSubnets',
    (sdk, within) => sdk.describeSubnets({ Filters: filters }, within),
    signal,
  );
  return Subnets;
}

/**
 * The domain's subnet; without one, that of the default network in the domain's zone. The same for the same domain as long as
 * the account's subnets stay: a repeated order must be the same order.
 */
export async function networkOf(
  { subnets }: Pick<Asked, 'subnets'>,
  region: string,
  { name, definition }: Domain,
): Promise<Network> {
  const { subnet = null, zone = null } = definition;
  const [found] = (await subnets(region, subnet, subnet === null ? zone : null)).toSorted(byZone);
  if (found?.VpcId !== undefined && found.SubnetId !== undefined) return { vpc: found.VpcId, subnet: found.SubnetId };
  const what = subnet === null ? `default subnet${zone === null ? '' : ` in zone ${zone}`}` : `subnet ${subnet}`;
  throw new Fault('not-found', `domain ${name}: region ${region} has no ${what}`, {
    object: `domain ${name}`,
    next: 'name a subnet of the region as `subnet` of the domain',
  });
}

function byZone(one: Subnet, other: Subnet): number {
  return (one.AvailabilityZone ?? '').localeCompare(other.AvailabilityZone ?? '');
}
