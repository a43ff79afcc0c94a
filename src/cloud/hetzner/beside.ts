/**
 * What stands beside machines at Hetzner: a firewall and a key of an owner. A firewall knows addresses only, so that `members` is a rule
 * of that description with the public addresses of the owner's machines; it is brought up to date with each machine that is made.
 * Private networks are not filtered at all.
 */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Fault } from '../../base/fault.ts';
import { inTurn } from '../../base/turns.ts';
import { besideKeyName, besideKeyOf, besideName, besideOf, isBesideName, ownerTag } from '../cloud.ts';
import type { Owned, Rule } from '../cloud.ts';
import { nameOf } from './faults.ts';
import type { HetznerSite } from './hetzner.ts';
import { all, idIn, listIn, objectIn, textIn } from './json.ts';
import type { Json } from './json.ts';
import { labelsFrom, tagsIn } from './labels.ts';

const members = 'members';
/** A rule needs a source: as long as there are no members, an address that nobody has (TEST-NET-1, RFC 5737). */
const nobody = '192.0.2.1/32';
/** The most sources that a rule may have. */
const sourcesOfRule = 100;

/** The query for what an owner has. */
export function ownedBy(owner: string): Readonly<Record<string, string>> {
  return { label_selector: `${ownerTag}==${owner}` };
}

async function findFirewall(
  { api, context }: HetznerSite,
  owner: string,
  signal: AbortSignal,
): Promise<Json | undefined> {
  const named = await all(api.all('firewalls', { name: besideName(context, owner) }, signal));
  return named.find((one) => tagsIn(one)[ownerTag] === owner);
}

/** The owner's firewall, made unless it is there. Without rules it lets nobody in. */
export async function ensureFirewall(site: HetznerSite, owner: string, signal: AbortSignal): Promise<Json> {
  const there = await findFirewall(site, owner, signal);
  if (there !== undefined) return there;
  const wanted = { name: besideName(site.context, owner), labels: labelsFrom({ [ownerTag]: owner }), rules: [] };
  try {
    return objectIn(await site.api.call('POST', '/firewalls', signal, wanted), 'firewall');
  } catch (error) {
    if (nameOf(error) !== 'uniqueness_error') throw error;
  }
  const made = await findFirewall(site, owner, signal);
  if (made !== undefined) return made;
  throw new Fault('exists', `firewall ${besideName(site.context, owner)} is another's, or is not shown yet`, {
    object: `firewall ${besideName(site.context, owner)}`,
    next: `if this stays, remove the firewall of that name without the label ${ownerTag}`,
  });
}

/** The key's id. A project keeps a key once: one that somebody else brought is used, and stays theirs. */
export async function ensureKey(
  site: HetznerSite,
  owner: string,
  publicKey: string,
  signal: AbortSignal,
): Promise<string> {
  const there = await findKey(site, publicKey, signal);
  if (there !== undefined) return idIn(there);
  const name = besideKeyName(besideName(site.context, owner), publicKey);
  const wanted = { name, public_key: publicKey, labels: labelsFrom({ [ownerTag]: owner }) };
  try {
    return idIn(objectIn(await site.api.call('POST', '/ssh_keys', signal, wanted), 'ssh_key'));
  } catch (error) {
    const made = nameOf(error) === 'uniqueness_error' ? await findKey(site, publicKey, signal) : undefined;
    if (made === undefined) throw error;
    return idIn(made);
  }
}

async function findKey({ api }: HetznerSite, publicKey: string, signal: AbortSignal): Promise<Json | undefined> {
  const digest = createHash('md5')
    .update(Buffer.from(publicKey.split(' ')[1] ?? publicKey, 'base64'))
    .digest('hex');
  const fingerprint = digest.match(/../g)?.join(':') ?? '';
  return (await all(api.all('ssh_keys', { fingerprint }, signal)))[0];
}

/** A rule of a firewall as the API writes it. */
interface FirewallRule {
  readonly direction: 'in';
  readonly protocol: 'tcp';
  readonly port: string;
  readonly source_ips: readonly string[];
  readonly description: string | null;
}

/** Rules are read, changed and written whole: one change at a time, or that of another would be lost. */
function inFirewallsTurn(
  site: HetznerSite,
  owner: string,
  signal: AbortSignal,
  act: () => Promise<void>,
): Promise<void> {
  return inTurn(`hetzner firewall ${besideName(site.context, owner)}`, signal, act);
}

/** Makes the owner's firewall exactly so, in one call where it is not. */
export async function allowInHetzner(
  site: HetznerSite,
  owner: string,
  rules: readonly Rule[],
  signal: AbortSignal,
): Promise<void> {
  await inFirewallsTurn(site, owner, signal, async () => {
    const there = await findFirewall(site, owner, signal);
    if (there === undefined && rules.length === 0) return;
    const firewall = there ?? (await ensureFirewall(site, owner, signal));
    const peers = rules.some(({ from }) => from.includes(members)) ? await addressesOf(site, owner, signal) : [];
    await setRules(
      site,
      firewall,
      rules.flatMap((rule) => rulesFor(rule, peers)),
      signal,
    );
  });
}

/** Brings the rules for members up to date, where there are any, with the machines that there are now. */
export async function refreshMembers(site: HetznerSite, owner: string, signal: AbortSignal): Promise<void> {
  await inFirewallsTurn(site, owner, signal, async () => {
    const firewall = await findFirewall(site, owner, signal);
    if (firewall === undefined) return;
    const known = rulesIn(firewall);
    const ports = new Set(known.filter(({ description }) => description === members).map(({ port }) => port));
    if (ports.size === 0) return;
    const peers = await addressesOf(site, owner, signal);
    const others = known.filter(({ description }) => description !== members);
    await setRules(site, firewall, [...others, ...[...ports].flatMap((port) => memberRules(port, peers))], signal);
  });
}

async function setRules(
  site: HetznerSite,
  firewall: Json,
  rules: readonly FirewallRule[],
  signal: AbortSignal,
): Promise<void> {
  if (textOf(rules) === textOf(rulesIn(firewall))) return;
  await site.api.call('POST', `/firewalls/${idIn(firewall)}/actions/set_rules`, signal, { rules });
}

/** Rules in an order of their own, so that they can be compared. */
function textOf(rules: readonly FirewallRule[]): string {
  return rules
    .map(({ port, source_ips: sources, description }) => `${port} ${sources.toSorted().join(' ')} ${description ?? ''}`)
    .toSorted()
    .join('\n');
}

function rulesIn(firewall: Json): FirewallRule[] {
  return listIn(firewall, 'rules').map((rule) => ({
    direction: 'in',
    protocol: 'tcp',
    port: textIn(rule, 'port'),
    source_ips: Array.isArray(rule['source_ips']) ? rule['source_ips'].map(String) : [],
    description: typeof rule['description'] === 'string' ? rule['description'] : null,
  }));
}

function rulesFor({ ports: [first, last], from }: Rule, peers: readonly string[]): FirewallRule[] {
  const port = first === last ? String(first) : `${first}-${last}`;
  const blocks = from.filter((source) => source !== members);
  return [...chunked(port, blocks, null), ...(from.includes(members) ? memberRules(port, peers) : [])];
}

function memberRules(port: string, peers: readonly string[]): FirewallRule[] {
  return chunked(port, peers.length === 0 ? [nobody] : peers, members);
}

function chunked(port: string, sources: readonly string[], description: string | null): FirewallRule[] {
  return Array.from({ length: Math.ceil(sources.length / sourcesOfRule) }, (_, index) => ({
    direction: 'in',
    protocol: 'tcp',
    port,
    source_ips: sources.slice(index * sourcesOfRule, (index + 1) * sourcesOfRule),
    description,
  }));
}

async function addressesOf({ api }: HetznerSite, owner: string, signal: AbortSignal): Promise<string[]> {
  const servers = await all(api.all('servers', ownedBy(owner), signal));
  const addresses = servers.map((server) => textIn(objectIn(objectIn(server, 'public_net'), 'ipv4'), 'ip'));
  return addresses.filter((address) => address !== '').map((address) => `${address}/${isIPv6(address) ? 128 : 32}`);
}

/** The firewall and the keys of an owner. */
export async function* listBeside(site: HetznerSite, owner: string, signal: AbortSignal): AsyncGenerator<Owned> {
  const domain = site.context.domains[0]?.name ?? '';
  for (const [collection, prefix] of collections)
    for await (const one of site.api.all(collection, ownedBy(owner), signal))
      if (isBesideName(site.context, owner, textIn(one, 'name'))) yield besideIn(prefix, one, { owner, domain });
}

function besideIn(prefix: string, one: Json, place: { readonly owner: string; readonly domain: string }): Owned {
  const id = `${prefix}-${idIn(one)}`;
  return prefix === 'key' ? besideKeyOf(id, textIn(one, 'name'), place) : besideOf(id, place.owner, place.domain);
}

const collections = [
  ['firewalls', 'firewall'],
  ['ssh_keys', 'key'],
] as const;

/** Removes the firewall or key, if it is that owner's. One that is still used is a conflict, to be tried again. */
export async function destroyBeside(site: HetznerSite, id: string, owner: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const [, prefix, number] = /^(\w+)-(\d+)$/.exec(id) ?? [];
  const collection = collections.find(([, one]) => one === prefix)?.[0];
  if (collection === undefined || number === undefined) return;
  const found = await all(site.api.all(collection, ownedBy(owner), signal));
  if (!found.some((one) => idIn(one) === number)) return;
  try {
    await site.api.call('DELETE', `/${collection}/${number}`, signal);
  } catch (error) {
    if (nameOf(error) !== 'not_found') throw error;
  }
}
