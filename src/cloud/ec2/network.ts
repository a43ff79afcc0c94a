/** Where on the network the machines of a domain are put. */
import type { Subnet } from '@aws-sdk/client-ec2';
import { Fault } from '../../base/fault.ts';
import type { Domain } from '../../model/domain.ts';
import type { Ec2Api } from '../ec2-api/ec2-api.ts';

/** A network, and the subnet that was chosen in it. */
export interface Network {
  readonly vpc: string;
  readonly subnet: string;
}

/**
 * The domain's subnet; without one, that of the default network in the domain's zone. The same for the same domain as long as
 * the account's subnets stay: a repeated order must be the same order.
 */
export async function networkOf(api: Ec2Api, domain: Domain, signal: AbortSignal): Promise<Network> {
  const { subnet, zone } = domain.definition;
  const filters =
    subnet === undefined
      ? [
          { Name: 'default-for-az', Values: ['true'] },
          ...(zone === undefined ? [] : [{ Name: 'availability-zone', Values: [zone] }]),
        ]
      : [{ Name: 'subnet-id', Values: [subnet] }];
  const { Subnets = [] } = await api.call(
    'DescribeSubnets',
    (sdk, within) => sdk.describeSubnets({ Filters: filters }, within),
    signal,
  );
  const [found] = Subnets.toSorted(byZone);
  if (found?.VpcId !== undefined && found.SubnetId !== undefined) return { vpc: found.VpcId, subnet: found.SubnetId };
  const what =
    subnet === undefined ? `default subnet${zone === undefined ? '' : ` in zone ${zone}`}` : `subnet ${subnet}`;
  throw new Fault('not-found', `domain ${domain.name}: region ${api.region} has no ${what}`, {
    object: `domain ${domain.name}`,
    next: 'name a subnet of the region as `subnet` of the domain',
  });
}

function byZone(one: Subnet, other: Subnet): number {
  return (one.AvailabilityZone ?? '').localeCompare(other.AvailabilityZone ?? '');
}
