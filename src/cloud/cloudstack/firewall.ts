/**
 * The security group of an owner: `wombat-<owner>-<provider>`, for zones that have such groups. `members` is the group itself. Rules
 * are added and taken away one by one, asynchronously: what a repeated call finds is what has been done until then.
 */
import { besideName } from '../cloud.ts';
import type { Rule } from '../cloud.ts';
import { CloudStackError, listIn, objectIn, textIn } from './api.ts';
import type { Json } from './api.ts';
import type { CloudStackSite } from './cloudstack.ts';

/** Makes the owner's group exactly so: adds first, then takes away. */
export async function allowCloudStack(
  site: CloudStackSite,
  owner: string,
  rules: readonly Rule[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (site.definition.firewall === 'host') return;
  const group = await ensureGroup(site, owner, signal);
  const id = textIn(group, 'id');
  const present = new Map(listIn(group, 'ingressrule').map((rule) => [lineOf(rule), textIn(rule, 'ruleid')]));
  const wanted = new Map(rules.flatMap((rule) => ingressOf(rule, group)).map((one) => [one.line, one.parameters]));
  for (const [line, parameters] of wanted) {
    if (present.has(line)) continue;
    await site.api.call('authorizeSecurityGroupIngress', { securitygroupid: id, ...parameters }, signal);
  }
  for (const [line, ruleid] of present)
    if (!wanted.has(line)) await site.api.call('revokeSecurityGroupIngress', { id: ruleid }, signal);
}

/** The owner's group, whole; made where there is none. */
export async function ensureGroup(site: CloudStackSite, owner: string, signal: AbortSignal): Promise<Json> {
  const [found] = await findGroups(site, owner, signal);
  if (found !== undefined) return found;
  const name = besideName(site.context, owner);
  const description = 'the machines of one Wombat control plane';
  try {
    return objectIn(await site.api.call('createSecurityGroup', { name, description }, signal), 'securitygroup');
  } catch (error) {
    // made by somebody else meanwhile, or by us when the answer was lost
    const [meanwhile] = error instanceof CloudStackError ? await findGroups(site, owner, signal) : [];
    if (meanwhile === undefined) throw error;
    return meanwhile;
  }
}

/** The owner's groups, as they are listed. */
export async function groupsOf(site: CloudStackSite, owner: string, signal: AbortSignal): Promise<readonly string[]> {
  if (site.definition.firewall === 'host') return [];
  return (await findGroups(site, owner, signal)).map((group) => `securitygroup:${textIn(group, 'id') ?? ''}`);
}

/** Removes it, if it is that owner's. While machines are in it, CloudStack refuses: 536. */
export async function destroyGroup(
  site: CloudStackSite,
  { id, owner }: { readonly id: string; readonly owner: string },
  signal: AbortSignal,
): Promise<void> {
  if (!(await groupsOf(site, owner, signal)).includes(id)) return;
  await site.api.call('deleteSecurityGroup', { id: id.slice('securitygroup:'.length) }, signal);
}

async function findGroups(
  { api, context }: CloudStackSite,
  owner: string,
  signal: AbortSignal,
): Promise<readonly Json[]> {
  const name = besideName(context, owner);
  const found = await api.list('listSecurityGroups', 'securitygroup', { securitygroupname: name }, signal);
  return found.filter((group) => textIn(group, 'name') === name);
}

interface Ingress {
  readonly line: string;
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

function ingressOf({ ports: [startport, endport], from }: Rule, group: Json): Ingress[] {
  const ports = { protocol: 'TCP', startport: String(startport), endport: String(endport) };
  const name = textIn(group, 'name');
  return from.map((source) => {
    const peer =
      source === 'members'
        ? { 'usersecuritygrouplist[0].account': textIn(group, 'account'), 'usersecuritygrouplist[0].group': name }
        : { cidrlist: source };
    const line = `tcp ${startport}-${endport} ${source === 'members' ? `group ${name ?? ''}` : source}`;
    return { line, parameters: { ...ports, ...peer } };
  });
}

/** The same of a rule that stands. */
function lineOf(rule: Json): string {
  const source = textIn(rule, 'cidr') ?? `group ${textIn(rule, 'securitygroupname') ?? ''}`;
  const ports = `${textIn(rule, 'startport') ?? ''}-${textIn(rule, 'endport') ?? ''}`;
  return `${(textIn(rule, 'protocol') ?? '').toLowerCase()} ${ports} ${source}`;
}
