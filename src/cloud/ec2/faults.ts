/** Is EC2 usable with these credentials, and if not why: each verb that we use, as a dry run where EC2 has one. */
import { faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { Domain } from '../../model/domain.ts';
import { ownerTag } from '../cloud.ts';
import type { Finding } from '../cloud.ts';
import type { Ec2Api, Within } from '../ec2-api/ec2-api.ts';
import { ec2CodeOf } from '../ec2-api/faults.ts';
import type { EC2, ResourceType, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { askOnce } from './asked.ts';
import type { Asked } from './asked.ts';
import type { Ec2Site } from './ec2.ts';
import { networkOf } from './network.ts';
import { imageOf } from './offers.ts';
import { limitOf } from './quotas.ts';

/** A verb, asked for without its effect. */
interface DryRun {
  readonly action: string;
  readonly ask: (sdk: EC2, within: Within) => Promise<unknown>;
}

/** All regions, and all domains in them. */
export async function checkEc2(site: Ec2Site, signal: AbortSignal): Promise<Finding[]> {
  signal.throwIfAborted();
  const findings = await Promise.all(site.regions.map((region) => checkRegion(site, region, signal)));
  signal.throwIfAborted();
  return findings.flat();
}

async function checkRegion(site: Ec2Site, region: string, signal: AbortSignal): Promise<Finding[]> {
  const api = site.api(region);
  const zones = await look(`region ${region}`, async () => {
    const answer = await api.call(
      'DescribeAvailabilityZones',
      (sdk, within) => sdk.describeAvailabilityZones({}, within),
      signal,
    );
    return (answer.AvailabilityZones ?? []).map(({ ZoneName = '' }) => ZoneName).join(', ');
  });
  if (zones.level === 'error') return [zones];
  const quota = await checkQuota(site, api, signal);
  const asked = askOnce(site, signal);
  const domains = await Promise.all(
    site.domainsIn(region).map((domain) => checkDomain(api, domain, { asked, signal })),
  );
  return [zones, quota, ...domains.flat(), ...(await checkVerbs(api, region, signal))];
}

async function checkQuota(site: Ec2Site, api: Ec2Api, signal: AbortSignal): Promise<Finding> {
  const what = `quota of region ${api.region}`;
  const limit = await limitOf(site, api, 'L-1216C47A', signal);
  if (typeof limit === 'number')
    return { level: 'ok', what, words: `${limit} virtual CPUs of standard types`, code: null };
  return { level: 'warning', what, words: `not known: ${wordsOf(limit)}`, code: limit.code };
}

/** What a look at a domain needs besides it. */
interface Look {
  readonly asked: Asked;
  readonly signal: AbortSignal;
}

async function checkDomain(api: Ec2Api, domain: Domain, { asked, signal }: Look): Promise<Finding[]> {
  const what = `domain ${domain.name}`;
  const image = await look(`image of ${what}`, async () => {
    const { Name = '', Architecture = '' } = await imageOf(asked, api.region, domain);
    return `${Name} ${Architecture}`.trim();
  });
  const network = await look(`network of ${what}`, async () => {
    const { vpc, subnet } = await networkOf(asked, api.region, domain);
    return `${subnet} of ${vpc}`;
  });
  if (image.level === 'error' || network.level === 'error') return [image, network];
  return [image, network, await look(`making machines in ${what}`, () => tryRun(api, domain, { asked, signal }))];
}

/** RunInstances without its effect: also says what is wrong with machine type, image and network together. */
async function tryRun(api: Ec2Api, domain: Domain, { asked, signal }: Look): Promise<string> {
  const { image, machineTypes } = domain.definition;
  const { subnet } = await networkOf(asked, api.region, domain);
  const input: RunInstancesCommandInput = {
    DryRun: true,
    MinCount: 1,
    MaxCount: 1,
    ImageId: image,
    InstanceType: (machineTypes?.[0] ?? 't3.micro') as NonNullable<RunInstancesCommandInput['InstanceType']>,
    SubnetId: subnet,
    ...tagged('instance'),
  };
  return await tryDry(api, { action: 'RunInstances', ask: (sdk, within) => sdk.runInstances(input, within) }, signal);
}

async function checkVerbs(api: Ec2Api, region: string, signal: AbortSignal): Promise<Finding[]> {
  const run = (one: DryRun) => look(`${one.action} in ${region}`, () => tryDry(api, one, signal));
  return await Promise.all(dryRuns.map(run));
}

/** Things that nobody has: permission is decided before existence. */
const nothing = {
  group: 'sg-00000000000000000',
  instance: 'i-00000000000000000',
  volume: 'vol-00000000000000000',
  key: 'wombat-check',
};
const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVnZ3MgYXJlIGdvb2QgZm9yIGJyZWFrZmFzdCwgc28u wombat-check';
const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '192.0.2.0/32' }] }];
const rule = { DryRun: true, GroupId: nothing.group, IpPermissions };
const tags = [{ Key: ownerTag, Value: 'wombat-check' }];
/** What is made is tagged by the same call, which needs CreateTags then: a policy may allow it only so. */
const tagged = (ResourceType: ResourceType) => ({ TagSpecifications: [{ ResourceType, Tags: tags }] });

/** Every verb that changes something, and those that look which no other part of the check has asked already. */
const dryRuns: readonly DryRun[] = [
  {
    action: 'ImportKeyPair',
    ask: (sdk, within) => {
      const key = { KeyName: nothing.key, PublicKeyMaterial: Buffer.from(publicKey) };
      return sdk.importKeyPair({ DryRun: true, ...key, ...tagged('key-pair') }, within);
    },
  },
  {
    action: 'DeleteKeyPair',
    ask: (sdk, within) => sdk.deleteKeyPair({ DryRun: true, KeyName: nothing.key }, within),
  },
  {
    action: 'CreateSecurityGroup',
    ask: (sdk, within) => {
      const group = { GroupName: nothing.key, Description: 'a check of Wombat' };
      return sdk.createSecurityGroup({ DryRun: true, ...group, ...tagged('security-group') }, within);
    },
  },
  {
    action: 'DeleteSecurityGroup',
    ask: (sdk, within) => sdk.deleteSecurityGroup({ DryRun: true, GroupId: nothing.group }, within),
  },
  {
    action: 'AuthorizeSecurityGroupIngress',
    ask: (sdk, within) => sdk.authorizeSecurityGroupIngress(rule, within),
  },
  { action: 'RevokeSecurityGroupIngress', ask: (sdk, within) => sdk.revokeSecurityGroupIngress(rule, within) },
  {
    action: 'TerminateInstances',
    ask: (sdk, within) => sdk.terminateInstances({ DryRun: true, InstanceIds: [nothing.instance] }, within),
  },
  {
    action: 'DeleteVolume',
    ask: (sdk, within) => sdk.deleteVolume({ DryRun: true, VolumeId: nothing.volume }, within),
  },
  {
    action: 'DeleteTags',
    ask: (sdk, within) => sdk.deleteTags({ DryRun: true, Resources: [nothing.instance], Tags: tags }, within),
  },
  { action: 'DescribeInstances', ask: (sdk, within) => sdk.describeInstances({ DryRun: true }, within) },
  { action: 'DescribeInstanceTypes', ask: (sdk, within) => sdk.describeInstanceTypes({ DryRun: true }, within) },
  {
    action: 'DescribeInstanceTypeOfferings',
    ask: (sdk, within) => sdk.describeInstanceTypeOfferings({ DryRun: true }, within),
  },
  { action: 'DescribeSecurityGroups', ask: (sdk, within) => sdk.describeSecurityGroups({ DryRun: true }, within) },
  { action: 'DescribeKeyPairs', ask: (sdk, within) => sdk.describeKeyPairs({ DryRun: true }, within) },
  { action: 'DescribeVolumes', ask: (sdk, within) => sdk.describeVolumes({ DryRun: true }, within) },
];

/** A dry run that is allowed ends with `DryRunOperation`; one about things that nobody has may end with their absence. */
async function tryDry(api: Ec2Api, { action, ask }: DryRun, signal: AbortSignal): Promise<string> {
  try {
    await api.call(action, ask, signal);
  } catch (error) {
    const code = ec2CodeOf(error) ?? '';
    if (code !== 'DryRunOperation' && !/\.(NotFound|Malformed)$|^InvalidID$/.test(code)) throw error;
  }
  return 'allowed';
}

async function look(what: string, ask: () => Promise<string>): Promise<Finding> {
  try {
    return { level: 'ok', what, words: await ask(), code: null };
  } catch (error) {
    return { level: 'error', what, words: wordsOf(error), code: faultCodeOf(error) };
  }
}
