/**
 * A scripted EC2, after its API Reference (version 2016-11-15) and the pages on idempotency, pagination, eventual consistency and
 * service quotas:
 *
 * - every request is signed, and its signature is checked; a parameter that an action does not know fails the call;
 * - the same RunInstances under one client token is the same reservation, in its present state, until a day after its machines
 *   ended; other parameters under the token are refused with IdempotentParameterMismatch. MinCount to MaxCount machines are made;
 * - `DryRun` says whether the caller may, and does nothing;
 * - lists have filters and pages; a new instance is not described before some looks have passed;
 * - the quota of virtual CPUs, which Service Quotas tells, and the room of a zone end orders in their own words;
 * - a group that is used stays; volumes go with their machine; what has ended is described for a while.
 */
import { authenticate } from './ec2-signature.ts';
import { filtered, paged } from './ec2-lists.ts';
import type { Entry, PageLimits } from './ec2-lists.ts';
import { Ec2Machines } from './ec2-machines.ts';
import { imageEntries, offeringEntries, subnetEntries, typeEntries, zoneText } from './ec2-market.ts';
import { answerOf, elements, element, listOf, Refused, serveQueries, unknownIn } from './ec2-wire.ts';
import type { Asked, Told } from './ec2-wire.ts';

/** How the scripted cloud is. */
export interface Ec2Options {
  /** virtual CPUs that the account may run; 100 000 when absent */
  readonly cores?: number;
  /** most entries on a page, whatever is asked for; as asked for when absent */
  readonly largestPage?: number;
  /** how often instances are described before a new one is among them; at once when absent */
  readonly unseenLooks?: number;
  /** actions that the account may not do */
  readonly denied?: readonly string[];
  /** milliseconds that its clock is ahead of ours */
  readonly aheadMs?: number;
}

/** The cloud, listening. */
export interface Ec2Server {
  readonly url: string;
  readonly machines: Ec2Machines;
  /** how often each action was called, dry runs too */
  readonly calls: ReadonlyMap<string, number>;
  /** Machines start and end; those that have ended are forgotten with their tokens. */
  settle(): void;
  close(): Promise<void>;
}

/** What every list takes. */
const filter = /^Filter\.\d+\.(Name|Value\.\d+)$/;
const page = /^(MaxResults|NextToken)$/;
const dry = /^DryRun$/;
const specification = /^TagSpecification\.\d+\.(ResourceType|Tag\.\d+\.(Key|Value))$/;
const permissions = [
  /^GroupId$/,
  /^IpPermissions\.\d+\.(IpProtocol|FromPort|ToPort)$/,
  /^IpPermissions\.\d+\.IpRanges\.\d+\.CidrIp$/,
  /^IpPermissions\.\d+\.Ipv6Ranges\.\d+\.CidrIpv6$/,
  /^IpPermissions\.\d+\.Groups\.\d+\.GroupId$/,
];

/** What each action takes; everything else fails the call. */
const parametersOf: Readonly<Record<string, readonly RegExp[]>> = {
  DescribeAvailabilityZones: [filter, dry],
  DescribeImages: [filter, page, dry, /^(ImageId|Owner)\.\d+$/],
  DescribeInstanceTypes: [filter, page, dry, /^InstanceType\.\d+$/],
  DescribeInstanceTypeOfferings: [filter, page, dry, /^LocationType$/],
  DescribeSubnets: [filter, page, dry],
  DescribeSecurityGroups: [filter, page, dry, /^Group(Id|Name)\.\d+$/],
  CreateSecurityGroup: [/^(GroupName|GroupDescription|VpcId)$/, specification, dry],
  DeleteSecurityGroup: [/^GroupId$/, dry],
  AuthorizeSecurityGroupIngress: [...permissions, dry],
  RevokeSecurityGroupIngress: [...permissions, dry],
  DescribeKeyPairs: [filter, dry, /^KeyName\.\d+$/],
  ImportKeyPair: [/^(KeyName|PublicKeyMaterial)$/, specification, dry],
  DeleteKeyPair: [/^(KeyName|KeyPairId)$/, dry],
  RunInstances: [
    /^(ImageId|InstanceType|MinCount|MaxCount|ClientToken|KeyName|UserData|SubnetId)$/,
    /^SecurityGroupId\.\d+$/,
    /^NetworkInterface\.\d+\.(DeviceIndex|SubnetId|AssociatePublicIpAddress|SecurityGroupId\.\d+)$/,
    /^Placement\.AvailabilityZone$/,
    specification,
    dry,
  ],
  DescribeInstances: [filter, page, dry, /^InstanceId\.\d+$/],
  DescribeInstanceAttribute: [/^(InstanceId|Attribute)$/, dry],
  TerminateInstances: [/^InstanceId\.\d+$/, dry],
  DescribeAddresses: [filter, dry],
  DescribeVolumes: [filter, page, dry],
  DeleteVolume: [/^VolumeId$/, dry],
  CreateTags: [/^ResourceId\.\d+$/, /^Tag\.\d+\.(Key|Value)$/, dry],
  DeleteTags: [/^ResourceId\.\d+$/, /^Tag\.\d+\.(Key|Value)$/, dry],
};

/** Starts an empty account on a free port of the loopback. */
export async function startEc2(options: Ec2Options = {}): Promise<Ec2Server> {
  const { cores = 100_000, largestPage = Infinity, unseenLooks = 0, denied = [], aheadMs = 0 } = options;
  const now = () => Date.now() + aheadMs;
  const machines = new Ec2Machines({ cores, unseenLooks });
  const calls = new Map<string, number>();
  const account: Account = { machines, cores, largestPage, denied, calls };
  const { origin: url, close } = await serveQueries((asked) => {
    authenticate(asked, now());
    return answer(account, asked);
  }, now);
  return { url, machines, calls, settle: () => machines.settle(), close };
}

interface Account {
  readonly machines: Ec2Machines;
  readonly cores: number;
  readonly largestPage: number;
  readonly denied: readonly string[];
  readonly calls: Map<string, number>;
}

function answer(account: Account, asked: Asked): Told {
  const target = asked.message.headers['x-amz-target'];
  if (typeof target === 'string') return quotaAnswer(target, account.cores);
  const { parameters } = asked;
  const action = parameters.get('Action') ?? '';
  account.calls.set(action, (account.calls.get(action) ?? 0) + 1);
  const allowed = parametersOf[action];
  if (allowed === undefined)
    throw new Refused('InvalidAction', `The action ${action} is not valid for this web service.`);
  const [unknown] = unknownIn(parameters, allowed);
  if (unknown !== undefined) throw new Refused('UnknownParameter', `The parameter ${unknown} is not recognized`);
  const isTagging = parameters.has('TagSpecification.1.ResourceType') && account.denied.includes('CreateTags');
  if (account.denied.includes(action) || isTagging)
    throw new Refused('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
  if (parameters.get('DryRun') === 'true')
    throw new Refused('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  return answerOf(action, 'http://ec2.amazonaws.com/doc/2016-11-15/', act(account, action, parameters));
}

/** An account that was never given another quota has the default one. */
function quotaAnswer(target: string, cores: number): Told {
  const type = 'application/x-amz-json-1.1';
  if (target.endsWith('.GetServiceQuota'))
    return { status: 400, type, text: JSON.stringify({ __type: 'NoSuchResourceException', Message: 'no such quota' }) };
  return { status: 200, type, text: JSON.stringify({ Quota: { ServiceCode: 'ec2', Value: cores } }) };
}

/** A list that can be described: its element, its entries, the filters that it knows and the limits of its pages. */
interface List {
  readonly name: string;
  readonly entries: (account: Account, parameters: URLSearchParams) => readonly Entry[];
  readonly filters: readonly string[];
  readonly limits: PageLimits;
  /** parameters that name entries: what they name, and how one is refused that nobody has */
  readonly named?: Readonly<Record<string, readonly [value: string, code: string]>>;
}

const lists: Readonly<Record<string, List>> = {
  DescribeImages: {
    name: 'imagesSet',
    entries: () => imageEntries,
    filters: ['image-id', 'architecture', 'name'],
    limits: [1, 1000],
    named: { ImageId: ['image-id', 'InvalidAMIID.NotFound'] },
  },
  DescribeInstanceTypes: {
    name: 'instanceTypeSet',
    entries: () => typeEntries,
    filters: ['instance-type'],
    limits: [5, 100],
    named: { InstanceType: ['instance-type', 'InvalidInstanceType'] },
  },
  DescribeInstanceTypeOfferings: {
    name: 'instanceTypeOfferingSet',
    entries: (_account, parameters) => offeringEntries(parameters.get('LocationType') ?? 'region'),
    filters: ['instance-type', 'location'],
    limits: [5, 1000],
  },
  DescribeSubnets: {
    name: 'subnetSet',
    entries: () => subnetEntries,
    filters: ['subnet-id', 'availability-zone', 'vpc-id', 'default-for-az'],
    limits: [5, 1000],
  },
  DescribeSecurityGroups: {
    name: 'securityGroupInfo',
    entries: ({ machines }) => machines.beside.groupEntries(),
    filters: ['group-id', 'group-name', 'vpc-id'],
    limits: [5, 1000],
    named: { GroupId: ['group-id', 'InvalidGroup.NotFound'], GroupName: ['group-name', 'InvalidGroup.NotFound'] },
  },
  DescribeKeyPairs: {
    name: 'keySet',
    entries: ({ machines }) => machines.beside.keyEntries(),
    filters: ['key-name', 'key-pair-id'],
    limits: [5, 1000],
    named: { KeyName: ['key-name', 'InvalidKeyPair.NotFound'] },
  },
  DescribeInstances: {
    name: 'reservationSet',
    entries: ({ machines }) => machines.entries(),
    filters: ['instance-id', 'instance-state-name', 'client-token'],
    limits: [5, 1000],
    named: { InstanceId: ['instance-id', 'InvalidInstanceID.NotFound'] },
  },
  // elastic addresses: the account has none
  DescribeAddresses: { name: 'addressesSet', entries: () => [], filters: ['instance-id'], limits: [5, 1000] },
  DescribeVolumes: {
    name: 'volumeSet',
    entries: ({ machines }) => machines.beside.volumeEntries(),
    filters: ['volume-id', 'status'],
    limits: [5, 500],
  },
};

function act(account: Account, action: string, parameters: URLSearchParams): string {
  const list = lists[action];
  if (list !== undefined) return described(account, list, parameters);
  const { machines } = account;
  const text = (name: string) => parameters.get(name) ?? '';
  switch (action) {
    case 'DescribeAvailabilityZones':
      return zoneText();
    case 'CreateSecurityGroup':
      return machines.beside.createGroup(parameters);
    case 'DeleteSecurityGroup':
      return machines.deleteGroup(text('GroupId'));
    case 'AuthorizeSecurityGroupIngress':
      return machines.beside.grant(text('GroupId'), parameters);
    case 'RevokeSecurityGroupIngress':
      return machines.beside.revoke(text('GroupId'), parameters);
    case 'ImportKeyPair':
      return machines.beside.importKey(parameters);
    case 'DeleteKeyPair':
      return machines.beside.deleteKey(text('KeyName'));
    case 'RunInstances':
      return machines.run(parameters);
    case 'DescribeInstanceAttribute':
      return attribute(machines, text('InstanceId'), text('Attribute'));
    case 'TerminateInstances':
      return machines.terminate(listOf(parameters, 'InstanceId'));
    case 'DeleteVolume':
      return machines.beside.deleteVolume(text('VolumeId'));
    default:
      return machines.tag(parameters, action === 'CreateTags');
  }
}

function described(account: Account, list: List, parameters: URLSearchParams): string {
  if (parameters.has('MaxResults') && parameters.has('InstanceId.1'))
    throw new Refused(
      'InvalidParameterCombination',
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  let found = list.entries(account, parameters);
  for (const [parameter, [value, code]] of Object.entries(list.named ?? {})) {
    const wanted = listOf(parameters, parameter);
    const missing = wanted.find((one) => !found.some(({ values }) => values[value] === one));
    if (missing !== undefined) throw new Refused(code, `'${missing}' does not exist`);
    if (wanted.length > 0) found = found.filter(({ values }) => wanted.includes(values[value] ?? ''));
  }
  const passed = filtered(found, parameters, list.filters);
  return paged(list.name, passed, parameters, { limits: list.limits, largest: account.largestPage });
}

function attribute(machines: Ec2Machines, id: string, name: string): string {
  const value = name === 'userData' ? (machines.instances.get(id)?.parameters.get('UserData') ?? '') : '';
  return elements({ instanceId: id }) + element(name, elements({ value }));
}
