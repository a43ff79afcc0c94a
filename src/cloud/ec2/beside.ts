/** What stands beside machines at EC2: security groups, key pairs, and volumes that outlive their machine. */
import type { SecurityGroup } from '@aws-sdk/client-ec2';
import { Fault } from '../../base/fault.ts';
import { besideKeyName, besideKeyOf, besideOf, ownerTag } from '../cloud.ts';
import type { Cloud, Owned, Rule } from '../cloud.ts';
import { importKey, pages } from '../ec2-api/beside.ts';
import type { Ec2Api } from '../ec2-api/ec2-api.ts';
import { ec2CodeOf } from '../ec2-api/faults.ts';
import { makeRulesExact, unless } from '../ec2-api/group.ts';
import { recordOf, tagsFrom } from '../ec2-api/machine.ts';
import { askOnce } from './asked.ts';
import type { Ec2Site } from './ec2.ts';
import { networkOf } from './network.ts';

/** The filter that finds what an owner has. */
export function ownedBy(owner: string) {
  return { Name: `tag:${ownerTag}`, Values: [owner] };
}

async function findGroup(
  api: Ec2Api,
  owner: string,
  vpc: string,
  signal: AbortSignal,
): Promise<SecurityGroup | undefined> {
  const named = { Name: 'group-name', Values: [api.nameFor(owner)] };
  const filters = [named, { Name: 'vpc-id', Values: [vpc] }, ownedBy(owner)];
  const { SecurityGroups = [] } = await api.call(
    'DescribeSecurityGroups',
    (sdk, within) => sdk.describeSecurityGroups({ Filters: filters }, within),
    signal,
  );
  return SecurityGroups[0];
}

/** The owner's group in that network, made unless it is there. It lets nobody in until `allow` says whom. */
export async function ensureGroup(
  api: Ec2Api,
  owner: string,
  vpc: string,
  signal: AbortSignal,
): Promise<SecurityGroup> {
  const there = await findGroup(api, owner, vpc, signal);
  if (there !== undefined) return there;
  const input = {
    GroupName: api.nameFor(owner),
    Description: 'machines of a Wombat control plane',
    VpcId: vpc,
    TagSpecifications: [{ ResourceType: 'security-group' as const, Tags: tagsFrom({ [ownerTag]: owner }) }],
  };
  await unless('InvalidGroup.Duplicate', () =>
    api.call('CreateSecurityGroup', (sdk, within) => sdk.createSecurityGroup(input, within), signal),
  );
  const made = await findGroup(api, owner, vpc, signal);
  if (made !== undefined) return made;
  throw new Fault('unavailable', `security group ${api.nameFor(owner)} was made and is not shown yet`, {
    object: `security group ${api.nameFor(owner)}`,
    next: `if this stays, a group of that name in ${vpc} lacks the tag ${ownerTag}: remove it`,
  });
}

/** The owner's key pair, imported unless it is there; its name. */
export async function ensureKey(api: Ec2Api, owner: string, publicKey: string, signal: AbortSignal): Promise<string> {
  const name = besideKeyName(api.nameFor(owner), publicKey);
  const filters = [{ Name: 'key-name', Values: [name] }];
  const { KeyPairs = [] } = await api.call(
    'DescribeKeyPairs',
    (sdk, within) => sdk.describeKeyPairs({ Filters: filters }, within),
    signal,
  );
  const tags = { TagSpecifications: [{ ResourceType: 'key-pair', Tags: tagsFrom({ [ownerTag]: owner }) }] };
  if (KeyPairs.length === 0) await importKey(api, { name, publicKey, tags }, signal);
  return name;
}

/** Makes the owner's group in each network of the domains exactly so. */
export async function allowInEc2(
  site: Ec2Site,
  owner: string,
  rules: readonly Rule[],
  signal: AbortSignal,
): Promise<void> {
  const asked = askOnce(site, signal);
  for (const region of site.regions) {
    const api = site.api(region);
    const networks = await Promise.all(site.domainsIn(region).map((domain) => networkOf(asked, region, domain)));
    for (const vpc of new Set(networks.map((network) => network.vpc))) {
      const there = await findGroup(api, owner, vpc, signal);
      if (there === undefined && rules.length === 0) continue;
      const group = there ?? (await ensureGroup(api, owner, vpc, signal));
      const itself = { GroupId: group.GroupId ?? '' };
      await makeRulesExact(api, group, { rules, members: itself, target: itself }, signal);
    }
  }
}

/** What stands beside machines in one region. */
export async function* listBeside(
  site: Ec2Site,
  region: string,
  owner: string,
  signal: AbortSignal,
): AsyncGenerator<Owned> {
  const api = site.api(region);
  const domain = site.domainsIn(region)[0]?.name ?? region;
  const Filters = [ownedBy(owner)];
  const groups = pages(
    api,
    'DescribeSecurityGroups',
    async (sdk, NextToken, within) => {
      const named = [...Filters, { Name: 'group-name', Values: [api.nameFor(owner)] }];
      const answer = await sdk.describeSecurityGroups({ Filters: named, MaxResults: 1000, NextToken }, within);
      return { items: answer.SecurityGroups ?? [], next: answer.NextToken };
    },
    signal,
  );
  for await (const { GroupId = '' } of groups) yield besideOf(GroupId, owner, domain);
  const keys = await api.call('DescribeKeyPairs', (sdk, within) => sdk.describeKeyPairs({ Filters }, within), signal);
  for (const { KeyPairId = '', KeyName = '' } of keys.KeyPairs ?? [])
    if (api.isNamed(owner, KeyName)) yield besideKeyOf(KeyPairId, KeyName, { owner, domain });
  const left = pages(
    api,
    'DescribeVolumes',
    async (sdk, NextToken, within) => {
      const filters = [...Filters, { Name: 'status', Values: ['available', 'error'] }];
      const answer = await sdk.describeVolumes({ Filters: filters, MaxResults: 500, NextToken }, within);
      return { items: answer.Volumes ?? [], next: answer.NextToken };
    },
    signal,
  );
  for await (const { VolumeId = '' } of left) yield besideOf(VolumeId, owner, domain);
}

/** Removes a group, a key pair or a volume of that owner. A group that is still used is a conflict, to be tried again. */
export async function destroyBeside(
  api: Ec2Api,
  { id, owner }: Parameters<Cloud['destroy']>[0],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const [prefix = ''] = id.split('-');
  const remove = removals[prefix];
  if (remove === undefined) return;
  try {
    await remove(api, { id, owner }, signal);
  } catch (error) {
    if (!/\.NotFound$/.test(ec2CodeOf(error) ?? '')) throw error;
  }
}

type Removal = (
  api: Ec2Api,
  what: { readonly id: string; readonly owner: string },
  signal: AbortSignal,
) => Promise<void>;

/** By the prefix of an id; each looks first whose it is (I4). */
const removals: Readonly<Record<string, Removal>> = {
  async sg(api, { id, owner }, signal) {
    const ask = { Filters: [{ Name: 'group-id', Values: [id] }] };
    const { SecurityGroups } = await api.call(
      'DescribeSecurityGroups',
      (sdk, within) => sdk.describeSecurityGroups(ask, within),
      signal,
    );
    if (isOf(owner, SecurityGroups))
      await api.call('DeleteSecurityGroup', (sdk, within) => sdk.deleteSecurityGroup({ GroupId: id }, within), signal);
  },
  async key(api, { id, owner }, signal) {
    const ask = { Filters: [ownedBy(owner)] };
    const { KeyPairs = [] } = await api.call(
      'DescribeKeyPairs',
      (sdk, within) => sdk.describeKeyPairs(ask, within),
      signal,
    );
    const found = KeyPairs.find(({ KeyPairId }) => KeyPairId === id);
    const input = { KeyName: found?.KeyName };
    if (found !== undefined) await api.call('DeleteKeyPair', (sdk, within) => sdk.deleteKeyPair(input, within), signal);
  },
  async vol(api, { id, owner }, signal) {
    const ask = { Filters: [{ Name: 'volume-id', Values: [id] }] };
    const { Volumes } = await api.call('DescribeVolumes', (sdk, within) => sdk.describeVolumes(ask, within), signal);
    if (isOf(owner, Volumes))
      await api.call('DeleteVolume', (sdk, within) => sdk.deleteVolume({ VolumeId: id }, within), signal);
  },
};

function isOf(
  owner: string,
  found: readonly { readonly Tags?: Parameters<typeof recordOf>[0] }[] | undefined,
): boolean {
  return found?.some(({ Tags }) => recordOf(Tags)[ownerTag] === owner) ?? false;
}
