/**
 * The security group of an owner: `wombat-<owner>-<provider>`. Its rules know addresses and networks, but no other group: `members`
 * are the addresses of the owner's machines, run by run. The rules as they were given are kept in the group itself, so
 * that machines which come later are let in when they are made.
 */
import { Fault } from '../../base/fault.ts';
import { isIP } from 'node:net';
import { inTurn } from '../../base/turns.ts';
import { besideName, ownerTag } from '../cloud.ts';
import type { Rule } from '../cloud.ts';
import { allIn, elementAt, OpenNebulaError, textAt, xmlOf } from './api.ts';
import type { Xml } from './api.ts';
import type { OpenNebulaSite } from './opennebula.ts';
import { ofOwner, readAll, readNewer } from './pool.ts';
import type { Found } from './pool.ts';
import { attributeOf, stateOf } from './vm.ts';

const rulesAttribute = 'WOMBAT_RULES';
const ownerAttribute = attributeOf(ownerTag);
const [alreadyTaken, noSuchObject] = [0x4000, 0x0400];

/** Makes the owner's group exactly so. */
export async function allowOpenNebula(
  site: OpenNebulaSite,
  owner: string,
  rules: readonly Rule[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  await inGroupsTurn(site, owner, signal, async () => {
    const found = await findGroup(site, owner, signal);
    const group = await ensureGroup(site, { owner, found }, signal);
    const members = needsMembers(rules) ? (await readAll(site, [ofOwner(owner)], signal)).vms : [];
    const present = found === undefined ? contentOf(owner, [], []) : elementAt(found, 'TEMPLATE');
    await write(site, { group, owner, rules, members, present }, signal);
  });
}

/** The content is read, changed and written whole: one change at a time, or that of another would be lost. */
function inGroupsTurn(
  site: OpenNebulaSite,
  owner: string,
  signal: AbortSignal,
  act: () => Promise<void>,
): Promise<void> {
  return inTurn(`opennebula group ${besideName(site.context, owner)}`, signal, act);
}

/** Whose machines are let into a group, and what was seen of them before: none where nobody has looked. */
export interface Joined {
  readonly owner: string;
  readonly group: string;
  readonly seen: Found | null;
}

/** Lets the owner's machines into the rules that are for members, where they are not yet. */
export async function refreshMembers(
  site: OpenNebulaSite,
  { owner, group, seen }: Joined,
  signal: AbortSignal,
): Promise<void> {
  await inGroupsTurn(site, owner, signal, async () => {
    const found = await site.api.read('one.secgroup.info', [Number(group), false], signal);
    const rules = rulesIn(found);
    if (!needsMembers(rules)) return;
    // those that came since are asked for in this turn: nobody who writes after us knows fewer than we do
    const wanted = ofOwner(owner);
    const members =
      seen === null
        ? (await readAll(site, [wanted], signal)).vms
        : [...seen.vms, ...(await readNewer(site, { newest: seen.newest, wanted }, signal))];
    await write(site, { group, owner, rules, members, present: elementAt(found, 'TEMPLATE') }, signal);
  });
}

/** The id of the owner's group, which was `found`; made where there is none. */
export async function ensureGroup(
  site: OpenNebulaSite,
  { owner, found }: { readonly owner: string; readonly found: Xml | undefined },
  signal: AbortSignal,
): Promise<string> {
  if (found !== undefined) return textAt(found, 'ID') ?? '';
  const template = xmlOf('TEMPLATE', {
    NAME: besideName(site.context, owner),
    ...contentOf(owner, [], []),
  });
  try {
    return await site.api.call('one.secgroup.allocate', [template], signal);
  } catch (error) {
    // made by somebody else meanwhile, or by us when the answer was lost
    if (!(error instanceof OpenNebulaError) || error.code !== alreadyTaken) throw error;
    const made = await findGroup(site, owner, signal);
    if (made === undefined) throw error;
    return textAt(made, 'ID') ?? '';
  }
}

/** Whether the group's rules are for the owner's machines too. */
export function letsMembersIn(group: Xml): boolean {
  return needsMembers(rulesIn(group));
}

/** The ids of the owner's groups, as they are listed. */
export async function groupsOf(site: OpenNebulaSite, owner: string, signal: AbortSignal): Promise<readonly string[]> {
  const groups = (await readGroups(site, signal)).filter((group) => isOurs(site, group, owner));
  return groups.map((group) => `secgroup-${textAt(group, 'ID') ?? ''}`);
}

/** Removes it, if it is that owner's. Fault unavailable while machines use it. */
export async function destroyGroup(
  { api }: OpenNebulaSite,
  { id, owner }: { readonly id: string; readonly owner: string },
  signal: AbortSignal,
): Promise<void> {
  const [, number] = /^secgroup-(\d{1,9})$/.exec(id) ?? [];
  if (number === undefined) return;
  try {
    const group = await api.read('one.secgroup.info', [Number(number), false], signal);
    if (isOf(group, owner)) await api.call('one.secgroup.delete', [Number(number)], signal);
  } catch (error) {
    if (!(error instanceof OpenNebulaError) || error.code !== noSuchObject) throw error;
  }
}

function isOf(group: Xml, owner: string): boolean {
  return textAt(group, 'TEMPLATE', ownerAttribute) === owner;
}

/** That owner's, and this provider's: another one may be of the same account. */
function isOurs({ context }: OpenNebulaSite, group: Xml, owner: string): boolean {
  return isOf(group, owner) && textAt(group, 'NAME') === besideName(context, owner);
}

async function readGroups({ api }: OpenNebulaSite, signal: AbortSignal): Promise<readonly Xml[]> {
  return allIn(await api.read('one.secgrouppool.info', [-2, -1, -1], signal), 'SECURITY_GROUP');
}

/** The owner's group, whole; undefined where there is none. */
export async function findGroup(site: OpenNebulaSite, owner: string, signal: AbortSignal): Promise<Xml | undefined> {
  return (await readGroups(site, signal)).find((group) => isOurs(site, group, owner));
}

function needsMembers(rules: readonly Rule[]): boolean {
  return rules.some(({ from }) => from.includes('members'));
}

/** The rules as they were given; none where they cannot be read. */
function rulesIn(group: Xml): readonly Rule[] {
  try {
    return JSON.parse(textAt(group, 'TEMPLATE', rulesAttribute) ?? '[]') as Rule[];
  } catch {
    return [];
  }
}

interface Wanted {
  readonly group: string;
  readonly owner: string;
  readonly rules: readonly Rule[];
  /** the owner's machines, where the rules need them */
  readonly members: readonly Xml[];
  /** what the group holds now */
  readonly present: Xml;
}

/** Writes the group's content unless it is so already. */
async function write(
  { api }: OpenNebulaSite,
  { group, owner, rules, members, present }: Wanted,
  signal: AbortSignal,
): Promise<void> {
  const content = contentOf(owner, rules, addressesOf(members));
  if (fingerprint(present) === fingerprint(content)) return;
  const replace = 0;
  await api.call('one.secgroup.update', [Number(group), xmlOf('TEMPLATE', content), replace], signal);
}

function fingerprint(content: Xml): string {
  const lines = allIn(content, 'RULE').map((rule) => {
    const names = ['PROTOCOL', 'RULE_TYPE', 'RANGE', 'IP', 'SIZE'];
    return names.map((name) => (textAt(rule, name) ?? '').toLowerCase()).join(' ');
  });
  return [textAt(content, rulesAttribute) ?? '', ...lines.toSorted()].join('\n');
}

/** What the group holds: everything may leave, and only what the rules say may come. */
function contentOf(
  owner: string,
  rules: readonly Rule[],
  members: readonly string[],
): { readonly [name: string]: Xml | readonly Xml[] } {
  const runs = runsOf(members);
  const inbound = rules.flatMap(({ ports: [low, high], from }) => {
    const range = low === high ? String(low) : `${low}:${high}`;
    const sources = from.flatMap((one) => (one === 'members' ? runs : [blockOf(one)]));
    return sources.map((source) => ({
      PROTOCOL: 'TCP',
      RULE_TYPE: 'inbound',
      RANGE: range,
      ...source,
    }));
  });
  return {
    DESCRIPTION: 'the machines of one Wombat control plane',
    [ownerAttribute]: owner,
    [rulesAttribute]: JSON.stringify(rules),
    RULE: [{ PROTOCOL: 'ALL', RULE_TYPE: 'outbound' }, ...inbound],
  };
}

/** The first address of some in a row, and how many; nothing for the whole world. */
type Source = Readonly<Record<string, string>>;

function blockOf(cidr: string): Source {
  const [address = '', bits = '32'] = cidr.split('/');
  const length = Number(bits);
  if (isIP(address) !== 4 || !(length >= 0 && length <= 32))
    throw new Fault('invalid', `${cidr}: rules of OpenNebula's security groups are for IPv4 blocks`);
  if (length === 0) return {};
  const size = 2 ** (32 - length);
  return {
    IP: addressFrom(Math.floor(numberFrom(address) / size) * size),
    SIZE: String(size),
  };
}

/** Addresses that follow each other are one rule. */
function runsOf(addresses: readonly string[]): Source[] {
  const runs: { first: number; size: number }[] = [];
  for (const number of [...new Set(addresses.map(numberFrom))].toSorted((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run.first + run.size === number) run.size += 1;
    else runs.push({ first: number, size: 1 });
  }
  return runs.map(({ first, size }) => ({
    IP: addressFrom(first),
    SIZE: String(size),
  }));
}

function numberFrom(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function addressFrom(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

function addressesOf(members: readonly Xml[]): string[] {
  const standing = members.filter((vm) => stateOf(vm) !== 'going');
  return standing.flatMap((vm) =>
    allIn(elementAt(vm, 'TEMPLATE'), 'NIC').flatMap((nic) => {
      const address = textAt(nic, 'IP');
      return address === undefined ? [] : [address];
    }),
  );
}
