/**
 * Security groups: one for an owner in each region, by name. Neutron lets names repeat, so that two creates at once may make
 * two: the oldest is the group, a younger one goes as soon as nothing uses it, and until then both have the rules.
 */
import { z } from 'zod';
import { inTurn } from '../../base/turns.ts';
import type { Rule } from '../cloud.ts';
import { isGone } from '../nova/answers.ts';
import { withQuery } from '../nova/session.ts';
import type { Session } from '../nova/session.ts';
import { isInUse, removeFromNetwork } from './network.ts';

const GroupRule = z.object({
  id: z.string(),
  direction: z.string(),
  ethertype: z.string(),
  protocol: z.string().nullable(),
  port_range_min: z.number().nullable(),
  port_range_max: z.number().nullable(),
  remote_ip_prefix: z.string().nullable(),
  remote_group_id: z.string().nullable(),
});
type GroupRule = z.infer<typeof GroupRule>;
const Group = z.object({
  id: z.string(),
  name: z.string(),
  created_at: z.string().optional(),
  security_group_rules: z.array(GroupRule),
});
export type Group = z.infer<typeof Group>;

/** The groups of that name, which is an owner's, the oldest first. */
export async function groupsOf(session: Session, region: string, name: string, signal: AbortSignal): Promise<Group[]> {
  const path = withQuery('/security-groups', { name });
  const all = { path, name: 'security_groups', item: Group, marker: ({ id }: Group) => id };
  const found = await session.all({ service: 'network', region }, all, signal);
  return found.filter((one) => one.name === name).toSorted(byAge);
}

function byAge(one: Group, other: Group): number {
  return (one.created_at ?? '').localeCompare(other.created_at ?? '') || one.id.localeCompare(other.id);
}

/** Has the owner's group be there. It lets nobody in until `allow` says whom. */
export async function ensureGroup(session: Session, region: string, name: string, signal: AbortSignal): Promise<Group> {
  return await inTurn(`openstack group ${region} ${name}`, signal, async () => {
    const [there] = await groupsOf(session, region, name, signal);
    if (there !== undefined) return there;
    const security_group = { name, description: 'machines of a Wombat control plane' };
    const call = { method: 'POST', path: '/security-groups', body: { security_group } } as const;
    const answer = z.object({ security_group: Group });
    const made = await session.ask({ service: 'network', region }, { ...call, answer }, signal);
    const [oldest = made.security_group, ...younger] = await groupsOf(session, region, name, signal);
    for (const { id } of younger) await removeUnlessUsed(session, region, id, signal);
    return oldest;
  });
}

async function removeUnlessUsed(session: Session, region: string, id: string, signal: AbortSignal): Promise<void> {
  try {
    await removeFromNetwork(session, region, `security-groups/${id}`, signal);
  } catch (error) {
    if (!isInUse(error)) throw error;
  }
}

/** Who may reach which ports, as one word: `tcp 9100-9199 IPv4 10.0.0.0/8`; the members of a group by its id. */
type Grant = string;

/** Makes the rules of all groups of an owner exactly so: adds what is missing, then takes away what is too much. */
export async function makeRulesExact(
  session: Session,
  region: string,
  { groups, rules }: { readonly groups: readonly Group[]; readonly rules: readonly Rule[] },
  signal: AbortSignal,
): Promise<void> {
  const place = { service: 'network', region } as const;
  const ids = groups.map(({ id }) => id);
  const wanted = new Map(rules.flatMap((rule) => grantsOf(rule, ids)));
  for (const { id: group, security_group_rules } of groups) {
    const inward = security_group_rules.filter(({ direction }) => direction === 'ingress');
    const there = new Set(inward.map(grantOf));
    const missing = [...wanted].filter(([grant]) => !there.has(grant)).map(([, rule]) => rule);
    const security_group_rules_new = missing.map((rule) => ({ ...rule, security_group_id: group }));
    if (missing.length > 0) {
      const body = { security_group_rules: security_group_rules_new };
      await session.call(place, { method: 'POST', path: '/security-group-rules', body }, signal);
    }
    for (const rule of inward.filter((one) => !wanted.has(grantOf(one))))
      await removeFromNetwork(session, region, `security-group-rules/${rule.id}`, signal);
  }
}

function grantOf(rule: GroupRule): Grant {
  const { protocol, port_range_min: first, port_range_max: last, ethertype } = rule;
  const from = rule.remote_group_id ?? rule.remote_ip_prefix ?? 'anybody';
  return `${protocol ?? 'any'} ${first ?? 'any'}-${last ?? 'any'} ${ethertype} ${from}`;
}

function grantsOf({ ports: [first, last], from }: Rule, groups: readonly string[]): [Grant, Record<string, unknown>][] {
  const base = { direction: 'ingress', protocol: 'tcp', port_range_min: first, port_range_max: last };
  return from.flatMap((source) => {
    const sources = source === 'members' ? groups : [source];
    return sources.flatMap((one) =>
      familiesOf(source).map((ethertype): [Grant, Record<string, unknown>] => {
        const remote = source === 'members' ? { remote_group_id: one } : { remote_ip_prefix: one };
        return [`tcp ${first}-${last} ${ethertype} ${one}`, { ...base, ethertype, ...remote }];
      }),
    );
  });
}

function familiesOf(source: string): readonly string[] {
  if (source === 'members') return ['IPv4', 'IPv6'];
  return [source.includes(':') ? 'IPv6' : 'IPv4'];
}

/** Removes a group if it is that owner's; one that is still used is a conflict, to be tried again. */
export async function destroyGroup(
  session: Session,
  region: string,
  { id, name }: { readonly id: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const path = `/security-groups/${id}`;
  const answer = z.object({ security_group: Group });
  try {
    const { security_group: group } = await session.ask(
      { service: 'network', region },
      { method: 'GET', path, answer },
      signal,
    );
    if (group.name !== name) return;
  } catch (error) {
    if (isGone(error)) return;
    throw error;
  }
  await removeFromNetwork(session, region, `security-groups/${id}`, signal);
}
