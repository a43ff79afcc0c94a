/** Security groups: one for an owner in each network, whose rules are made exactly so. */
import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2';
import { isIPv6 } from 'node:net';
import type { Rule } from '../cloud.ts';
import type { Ec2Api } from './ec2-api.ts';
import { ec2CodeOf } from './faults.ts';

/** Who may reach which ports, as one word: `9100-9199 10.0.0.0/8`; the group itself is written as `members`. */
type Grant = string;

/** How the group itself is named in a permission: by its id, or by its name where groups have no network. */
export type Members = { readonly GroupId: string } | { readonly GroupName: string; readonly UserId: string };

/** What a group is to be. */
export interface Exact {
  readonly rules: readonly Rule[];
  readonly members: Members;
  /** how the group is called in a call */
  readonly target: { readonly GroupId: string } | { readonly GroupName: string };
}

/** Adds what is missing, then takes away what is too much. Repeatable; a change that somebody else made meanwhile is success. */
export async function makeRulesExact(
  api: Ec2Api,
  group: SecurityGroup,
  { rules, members, target }: Exact,
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Set(rules.flatMap(grantsOfRule));
  const there = new Set((group.IpPermissions ?? []).flatMap((one) => grantsOfPermission(one, group)));
  const missing = permissionsOf([...wanted.difference(there)], members);
  if (missing.length > 0)
    await unless('InvalidPermission.Duplicate', () =>
      api.call(
        'AuthorizeSecurityGroupIngress',
        (sdk, within) => sdk.authorizeSecurityGroupIngress({ ...target, IpPermissions: missing }, within),
        signal,
      ),
    );
  const surplus = permissionsOf([...there.difference(wanted)], members);
  if (surplus.length > 0)
    await unless('InvalidPermission.NotFound', () =>
      api.call(
        'RevokeSecurityGroupIngress',
        (sdk, within) => sdk.revokeSecurityGroupIngress({ ...target, IpPermissions: surplus }, within),
        signal,
      ),
    );
}

/** Does it; an error of that code is success. */
export async function unless(code: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (ec2CodeOf(error) !== code) throw error;
  }
}

function grantsOfRule({ ports: [first, last], from }: Rule): Grant[] {
  return from.map((source) => `tcp ${first}-${last} ${source}`);
}

function grantsOfPermission(permission: IpPermission, group: SecurityGroup): Grant[] {
  const { IpProtocol = '-1', FromPort = -1, ToPort = -1 } = permission;
  const v4 = (permission.IpRanges ?? []).map(({ CidrIp }) => CidrIp ?? '');
  const v6 = (permission.Ipv6Ranges ?? []).map(({ CidrIpv6 }) => CidrIpv6 ?? '');
  const groups = (permission.UserIdGroupPairs ?? []).map(({ GroupId, GroupName }) =>
    GroupId === group.GroupId || (GroupId === undefined && GroupName === group.GroupName)
      ? 'members'
      : `group:${GroupId ?? GroupName ?? ''}`,
  );
  return [...v4, ...v6, ...groups].map((source) => `${IpProtocol} ${FromPort}-${ToPort} ${source}`);
}

/** One permission for each protocol and range of ports. */
function permissionsOf(grants: readonly Grant[], members: Members): IpPermission[] {
  const byPorts = Map.groupBy(grants, (grant) => grant.split(' ').slice(0, 2).join(' '));
  return [...byPorts].map(([head, some]) => {
    const [, protocol = '-1', first, last] = /^(\S+) (-?\d+)-(-?\d+)$/.exec(head) ?? [];
    const sources = some.map((grant) => grant.split(' ')[2] ?? '');
    const groups = sources.filter((source) => source === 'members' || source.startsWith('group:'));
    const blocks = sources.filter((source) => !groups.includes(source));
    const [v6, v4] = [blocks.filter(isV6), blocks.filter((block) => !isV6(block))];
    return {
      IpProtocol: protocol,
      ...(protocol === '-1' ? {} : { FromPort: Number(first), ToPort: Number(last) }),
      ...(v4.length === 0 ? {} : { IpRanges: v4.map((CidrIp) => ({ CidrIp })) }),
      ...(v6.length === 0 ? {} : { Ipv6Ranges: v6.map((CidrIpv6) => ({ CidrIpv6 })) }),
      ...(groups.length === 0 ? {} : { UserIdGroupPairs: groups.map((one) => pairOf(one, members)) }),
    };
  });
}

function pairOf(source: string, members: Members) {
  return source === 'members' ? { ...members } : { GroupId: source.slice('group:'.length) };
}

function isV6(block: string): boolean {
  return isIPv6(block.split('/')[0] ?? '');
}
