/**
 * Servers of ours and what stands beside them. A server carries the tags of its order as metadata, which is the truth, and
 * two tags by which it is found: its owner's and its token's.
 */
import { z } from 'zod';
import { Fault } from '../../base/fault.ts';
import { sha256Of } from '../../base/sha256.ts';
import type { Domain } from '../../model/domain.ts';
import { besideKeyOf, besideOf, groundOf, orderedDomain, tagsOf } from '../cloud.ts';
import type { Created, Order, Owned, Rule } from '../cloud.ts';
import { ensureKeyPair, isKeyOf, keyPairsOf, removeKeyPair } from '../nova/key-pairs.ts';
import { imageOf } from '../nova/market.ts';
import { createServers, deleteServer, isUuid, ownedOf, serversAt } from '../nova/servers.ts';
import type { Given, Making, Reached, Server } from '../nova/servers.ts';
import { withQuery } from '../nova/session.ts';
import { destroyGroup, ensureGroup, groupsOf, makeRulesExact } from './groups.ts';
import * as network from './network.ts';
import { flavorsIn, zoneOf } from './offers.ts';
import { microversion } from './site.ts';
import type { OpenStackSite } from './site.ts';

/** so many tokens are looked for by one query: a URL has its limits */
const tokensAtOnce = 25;

/** Tags are of 60 characters at most, without commas and slashes. */
function tagOf(what: 'owner' | 'token', value: string): string {
  const plain = `wombat-${what}=${value}`;
  if (plain.length <= 60 && /^[\w.=-]+$/.test(plain)) return plain;
  return `wombat-${what}=${sha256Of(value).slice(0, 40)}`;
}

/** Makes what is ordered: region by region, in each region all orders at once. */
export async function createInOpenStack(
  site: OpenStackSite,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly Created[]> {
  signal.throwIfAborted();
  const refused = orders.filter((order) => orderedDomain(site.context, order) === undefined).map(refusal(site));
  const regions = site.regions.map(async (region) => {
    const here = orders.filter((order) => {
      const domain = orderedDomain(site.context, order);
      return domain !== undefined && site.regionOf(domain) === region;
    });
    return here.length === 0 ? [] : await createIn(site, region, here, signal);
  });
  const byToken = new Map([...refused, ...(await Promise.all(regions)).flat()].map((one) => [one.token, one]));
  return orders.map(({ token }) => byToken.get(token) as Created);
}

function refusal(site: OpenStackSite): (order: Order) => Created {
  const object = `provider ${site.context.provider.name}`;
  return ({ token, offer }) => {
    const error = new Fault('not-found', `${object} has no offer ${offer}`, { object });
    return { token, ok: false, error };
  };
}

async function createIn(
  site: OpenStackSite,
  region: string,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly Created[]> {
  const shared = groundOf(site.context, (order, domain) => sharedBy(site, domain, order, signal));
  const making: Making = {
    scope: `${site.definition.endpoint} ${region}`,
    find: (wanted) => findServers(site, region, wanted, signal),
    make: async (order) => await makeServer(site, order, await shared(order), signal),
    remove: async ({ owner, token, domain }, id) => {
      const given = { id, owner, token, domain, kind: 'machine' } as const;
      await deleteServer(site.session, { service: 'compute', region }, given, signal);
    },
    owned: (server) => ownedHere(site, server),
  };
  return await createServers(making, orders, signal);
}

/** Everything that orders of one owner, domain and key need alike; asked for once in a batch. */
interface Shared {
  readonly flavors: ReadonlyMap<string, string>;
  readonly domain: Domain;
  readonly image: string;
  readonly zone: string | undefined;
  readonly part: network.Part;
  readonly keyPair: string | null;
  readonly group: string;
}

async function sharedBy(site: OpenStackSite, domain: Domain, order: Order, signal: AbortSignal): Promise<Shared> {
  const { session } = site;
  const { owner, boot } = order;
  const region = site.regionOf(domain);
  const [flavors, image, part, zone] = await Promise.all([
    flavorsIn(site, region, signal),
    imageOf(session, region, domain, signal),
    network.partOf(session, region, domain, signal),
    zoneOf(site, domain, signal),
  ]);
  const name = site.nameFor(owner);
  const group = await ensureGroup(session, region, name, signal);
  const place = { service: 'compute', region } as const;
  const key = boot === null ? null : { name, publicKey: boot.publicKey };
  const keyPair = key === null ? null : await ensureKeyPair(session, place, key, signal);
  const byName = new Map(flavors.map(({ name, id }) => [name, id]));
  return { flavors: byName, domain, image: image.id, zone, part, keyPair, group: group.id };
}

async function makeServer(site: OpenStackSite, order: Order, shared: Shared, signal: AbortSignal): Promise<string> {
  const { flavors, domain, image, zone, part, keyPair, group } = shared;
  const { owner, token, machineType } = order;
  const flavor = flavors.get(machineType);
  if (flavor === undefined) throw new Fault('not-found', `there is no flavor ${machineType}`, { object: order.offer });
  const region = site.regionOf(domain);
  const isPublic = domain.definition.publicAddress === true;
  const own = isPublic || part.subnet !== null;
  const name = site.nameFor(owner);
  const port = own ? await network.ensurePort(site.session, region, { name, token, part, group }, signal) : null;
  if (port !== null && isPublic) await network.ensureFloatingIp(site.session, region, { name, port }, signal);
  const userData = order.boot?.userData ?? null;
  const server = {
    name: order.name,
    imageRef: image,
    flavorRef: flavor,
    metadata: tagsOf(order),
    tags: [tagOf('owner', owner), tagOf('token', token)],
    networks: [port === null ? { uuid: part.network } : { port }],
    ...(port === null ? { security_groups: [{ name: group }] } : {}),
    ...(keyPair === null ? {} : { key_name: keyPair }),
    ...(userData === null ? {} : { user_data: Buffer.from(userData).toString('base64') }),
    ...(zone === undefined ? {} : { availability_zone: zone }),
  };
  const answer = z.object({ server: z.object({ id: z.string() }) });
  const call = { method: 'POST', path: '/servers', headers: microversion, body: { server }, answer } as const;
  const made = await site.session.ask({ service: 'compute', region }, call, signal);
  return made.server.id;
}

async function findServers(
  site: OpenStackSite,
  region: string,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly Server[]> {
  const tags = [...new Set(orders.map(({ token }) => tagOf('token', token)))];
  const batches = Array.from({ length: Math.ceil(tags.length / tokensAtOnce) }, (_, index) =>
    tags.slice(index * tokensAtOnce, (index + 1) * tokensAtOnce),
  );
  const found = batches.map((batch) => {
    const path = withQuery('/servers/detail', { 'tags-any': batch.join(',') });
    return site.session.all({ service: 'compute', region }, serversAt(path, microversion), signal);
  });
  return (await Promise.all(found)).flat();
}

function ownedHere(site: OpenStackSite, server: Server): Owned | null {
  const domain = site.context.domains.find(({ name }) => name === server.metadata['wombat-domain']);
  return ownedOf(site.context, server, reachedBy(server, domain?.definition.publicAddress === true));
}

/** Nodes are dialled by the addresses that the machine itself bears; a floating one is borne by the router before it. */
function reachedBy({ addresses }: Server, isPublic: boolean): Reached {
  const all = Object.values(addresses).flat();
  const floating = all.filter((one) => one['OS-EXT-IPS:type'] === 'floating').map(({ addr }) => addr);
  const fixed = all.filter((one) => one['OS-EXT-IPS:type'] !== 'floating').map(({ addr }) => addr);
  const nodes = fixed.toSorted((one, other) => Number(one.includes(':')) - Number(other.includes(':')));
  return { by: (isPublic ? floating[0] : nodes[0]) ?? null, nodes };
}

/** Everything of an owner in all regions; a region that cannot be asked is named after what the others have. */
export async function* listOpenStack(site: OpenStackSite, owner: string, signal: AbortSignal): AsyncGenerator<Owned> {
  signal.throwIfAborted();
  const errors: unknown[] = [];
  for (const region of site.regions) {
    try {
      yield* await listIn(site, region, owner, signal);
    } catch (error) {
      signal.throwIfAborted();
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

async function listIn(site: OpenStackSite, region: string, owner: string, signal: AbortSignal): Promise<Owned[]> {
  const { session } = site;
  const place = { service: 'compute', region } as const;
  const path = withQuery('/servers/detail', { tags: tagOf('owner', owner) });
  const name = site.nameFor(owner);
  const [servers, keys, groups, ports, floating] = await Promise.all([
    session.all(place, serversAt(path, microversion), signal),
    keyPairsOf(session, place, { name, headers: microversion }, signal),
    groupsOf(session, region, name, signal),
    network.portsOf(session, region, { name }, signal),
    network.floatingIpsOf(session, region, name, signal),
  ]);
  const machines = servers.map((server) => ownedHere(site, server)).filter((one) => one?.owner === owner);
  // a port that a server uses goes with it, and so does the floating IP that leads to it
  const used = new Set(ports.filter(({ device_id }) => device_id !== '').map(({ id }) => id));
  const beside = [
    ...groups.map(({ id }) => `security-group/${id}`),
    ...ports.filter(({ id }) => !used.has(id)).map(({ id }) => `port/${id}`),
    ...floating.filter(({ port_id }) => port_id === null || !used.has(port_id)).map(({ id }) => `floating-ip/${id}`),
  ];
  const domain = site.domainsIn(region)[0]?.name ?? region;
  return [
    ...machines.filter((one) => one !== null),
    ...keys.map((key) => besideKeyOf(`${region}/key-pair/${key}`, key, { owner, domain })),
    ...beside.map((id) => besideOf(`${region}/${id}`, owner, domain)),
  ];
}

/** Gives a machine back, or removes what stands beside. */
export async function destroyInOpenStack(site: OpenStackSite, owned: Given, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (owned.kind === 'beside') {
    await destroyBeside(site, owned, signal);
    return;
  }
  const domain = site.context.domains.find(({ name }) => name === owned.domain);
  const regions = domain === undefined ? site.regions : [site.regionOf(domain)];
  for (const region of regions) await destroyMachine(site, region, owned, signal);
}

/** The server, and its port and floating IP where it has some of ours; they are looked for even when the server is gone. */
async function destroyMachine(site: OpenStackSite, region: string, owned: Given, signal: AbortSignal): Promise<void> {
  const { session } = site;
  const { id, owner, token } = owned;
  if (!isUuid(id)) return;
  const name = site.nameFor(owner);
  const ports = token === null ? [] : await network.portsOf(session, region, { name, token }, signal);
  const mine = ports.filter(({ device_id }) => device_id === id || device_id === '');
  await network.releaseFloatingIps(session, region, { name, ports: mine }, signal);
  await deleteServer(session, { service: 'compute', region }, owned, signal);
  for (const port of mine) await network.removeFromNetwork(session, region, `ports/${port.id}`, signal);
}

/** Names such as `RegionOne/security-group/<id>`; each kind looks first whose it is (I4). */
async function destroyBeside(site: OpenStackSite, { id, owner }: Given, signal: AbortSignal): Promise<void> {
  const { session } = site;
  const [, region = '', kind = '', thing = ''] = /^(.*)\/([a-z-]+)\/([^/]+)$/.exec(id) ?? [];
  if (!site.regions.includes(region)) return;
  const name = site.nameFor(owner);
  if (kind === 'key-pair' && isKeyOf(name, thing))
    await removeKeyPair(session, { service: 'compute', region }, thing, signal);
  if (!isUuid(thing)) return;
  if (kind === 'security-group') await destroyGroup(session, region, { id: thing, name }, signal);
  if (kind === 'floating-ip') {
    const own = await network.floatingIpsOf(session, region, name, signal);
    if (own.some((one) => one.id === thing))
      await network.removeFromNetwork(session, region, `floatingips/${thing}`, signal);
  }
  if (kind === 'port') {
    const own = await network.portsOf(session, region, { name }, signal);
    const port = own.find((one) => one.id === thing);
    if (port === undefined) return;
    if (port.device_id !== '') throw new Fault('conflict', `port ${thing} is used by server ${port.device_id}`);
    await network.removeFromNetwork(session, region, `ports/${thing}`, signal);
  }
}

/** Makes the firewall of an owner exactly so in every region. */
export async function allowInOpenStack(
  site: OpenStackSite,
  { owner, rules }: { readonly owner: string; readonly rules: readonly Rule[] },
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const name = site.nameFor(owner);
  for (const region of site.regions) {
    const there = await groupsOf(site.session, region, name, signal);
    if (there.length === 0 && rules.length === 0) continue;
    const groups = there.length > 0 ? there : [await ensureGroup(site.session, region, name, signal)];
    await makeRulesExact(site.session, region, { groups, rules }, signal);
  }
}
