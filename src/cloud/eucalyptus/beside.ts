/** What stands beside machines at Eucalyptus: one group and one key pair of an owner, known by their names. */
import type { SecurityGroup } from '@aws-sdk/client-ec2';
import { isIPv4 } from 'node:net';
import { Fault } from '../../base/fault.ts';
import { besideKeyName, besideKeyOf, besideOf } from '../cloud.ts';
import type { Owned, Rule } from '../cloud.ts';
import { importKey } from '../ec2-api/beside.ts';
import { makeRulesExact, unless } from '../ec2-api/group.ts';
import type { EucalyptusSite } from './eucalyptus.ts';

async function groups({ api }: EucalyptusSite, signal: AbortSignal): Promise<readonly SecurityGroup[]> {
  const answer = await api.call(
    'DescribeSecurityGroups',
    (sdk, within) => sdk.describeSecurityGroups({}, within),
    signal,
  );
  return answer.SecurityGroups ?? [];
}

async function keyNames({ api }: EucalyptusSite, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await api.call('DescribeKeyPairs', (sdk, within) => sdk.describeKeyPairs({}, within), signal);
  return (answer.KeyPairs ?? []).map(({ KeyName = '' }) => KeyName);
}

async function findGroup(site: EucalyptusSite, owner: string, signal: AbortSignal): Promise<SecurityGroup | undefined> {
  return (await groups(site, signal)).find(({ GroupName }) => GroupName === site.api.nameFor(owner));
}

/** The owner's group, made unless it is there. It lets nobody in until `allow` says whom. */
export async function ensureGroup(site: EucalyptusSite, owner: string, signal: AbortSignal): Promise<SecurityGroup> {
  const there = await findGroup(site, owner, signal);
  if (there !== undefined) return there;
  const input = { GroupName: site.api.nameFor(owner), Description: 'machines of a Wombat control plane' };
  await unless('InvalidGroup.Duplicate', () =>
    site.api.call('CreateSecurityGroup', (sdk, within) => sdk.createSecurityGroup(input, within), signal),
  );
  const made = await findGroup(site, owner, signal);
  if (made !== undefined) return made;
  throw new Fault('unavailable', `security group ${site.api.nameFor(owner)} was made and is not shown yet`);
}

/** The owner's key pair, imported unless it is there; its name. */
export async function ensureKey(
  site: EucalyptusSite,
  owner: string,
  publicKey: string,
  signal: AbortSignal,
): Promise<string> {
  const name = besideKeyName(site.api.nameFor(owner), publicKey);
  if (!(await keyNames(site, signal)).includes(name)) await importKey(site.api, { name, publicKey, tags: {} }, signal);
  return name;
}

/** Makes the owner's group exactly so. Its machines have no IPv6 address: sources of that family cannot reach them anyway. */
export async function allowInEucalyptus(
  site: EucalyptusSite,
  owner: string,
  rules: readonly Rule[],
  signal: AbortSignal,
): Promise<void> {
  const there = await findGroup(site, owner, signal);
  if (there === undefined && rules.length === 0) return;
  const group = there ?? (await ensureGroup(site, owner, signal));
  const known = rules.map((rule) => ({ ...rule, from: rule.from.filter(isKnown) }));
  const members = { GroupName: site.api.nameFor(owner), UserId: group.OwnerId ?? '' };
  await makeRulesExact(
    site.api,
    group,
    { rules: known, members, target: { GroupName: site.api.nameFor(owner) } },
    signal,
  );
}

function isKnown(source: string): boolean {
  return source === 'members' || isIPv4(source.split('/')[0] ?? '');
}

/** The group and the keys of an owner. */
export async function* listBeside(site: EucalyptusSite, owner: string, signal: AbortSignal): AsyncGenerator<Owned> {
  const domain = site.context.domains[0]?.name ?? '';
  const group = await findGroup(site, owner, signal);
  if (group?.GroupId !== undefined) yield besideOf(group.GroupId, owner, domain);
  for (const name of await keyNames(site, signal))
    if (isKeyOf(site, owner, name)) yield besideKeyOf(name, name, { owner, domain });
}

function isKeyOf({ api }: EucalyptusSite, owner: string, name: string): boolean {
  return api.isNamed(owner, name) && name !== api.nameFor(owner);
}

/** Removes the owner's group or key of that id, if it is that owner's (I4). */
export async function destroyBeside(
  site: EucalyptusSite,
  id: string,
  owner: string,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (isKeyOf(site, owner, id)) {
    if ((await keyNames(site, signal)).includes(id))
      await site.api.call('DeleteKeyPair', (sdk, within) => sdk.deleteKeyPair({ KeyName: id }, within), signal);
    return;
  }
  const group = await findGroup(site, owner, signal);
  if (group?.GroupId !== id) return;
  await unless('InvalidGroup.NotFound', () =>
    site.api.call(
      'DeleteSecurityGroup',
      (sdk, within) => sdk.deleteSecurityGroup({ GroupName: group.GroupName }, within),
      signal,
    ),
  );
}
