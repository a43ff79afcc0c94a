/** Servers: made one a call under a name that says the order, found by their owner's label, deleted. */
import { Fault } from '../../base/fault.ts';
import { sha256Of } from '../../base/sha256.ts';
import type { Domain } from '../../model/domain.ts';
import type { NodeAddress } from '../../model/machine.ts';
import { createEach, groundOf, madeAccess, ownerTag, readTags, tagsOf } from '../cloud.ts';
import type { Cloud, Created, Order, Owned } from '../cloud.ts';
import { destroyBeside, ensureFirewall, ensureKey, listBeside, ownedBy, refreshMembers } from './beside.ts';
import { nameOf } from './faults.ts';
import type { HetznerSite } from './hetzner.ts';
import { all, idIn, listIn, objectIn, textIn } from './json.ts';
import type { Json } from './json.ts';
import { labelsFrom, tagsIn } from './labels.ts';
import { networkOf } from './network.ts';

/** What the orders of one domain share: asked for once a batch. */
interface Ground {
  readonly domain: Domain;
  readonly network: string | null;
  readonly firewall: Json;
  readonly key: string | undefined;
}

/** Makes what is ordered; then the firewall of its owner knows the new members. */
export async function createInHetzner(
  site: HetznerSite,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly Created[]> {
  const ground = groundOf(site.context, (order, domain) => prepare(site, domain, order, signal));
  const created = await createEach(
    orders,
    async (order) => await make(site, await ground(order), order, signal),
    signal,
  );
  return await withMembers(site, orders, created, signal);
}

/** Where a firewall could not be brought up to date, one order of the batch has failed with that, and is asked for again. */
async function withMembers(
  site: HetznerSite,
  orders: readonly Order[],
  created: readonly Created[],
  signal: AbortSignal,
): Promise<Created[]> {
  const outcomes = [...created];
  const seen = new Set<string>();
  for (const [index, order] of orders.entries()) {
    if (outcomes[index]?.ok !== true || seen.has(order.owner)) continue;
    seen.add(order.owner);
    try {
      await refreshMembers(site, order.owner, signal);
    } catch (error) {
      signal.throwIfAborted();
      outcomes[index] = { token: order.token, ok: false, error };
    }
  }
  return outcomes;
}

async function prepare(
  site: HetznerSite,
  domain: Domain,
  { owner, boot }: Order,
  signal: AbortSignal,
): Promise<Ground> {
  const network = await networkOf(site, domain, signal);
  const firewall = await ensureFirewall(site, owner, signal);
  const key = boot === null ? undefined : await ensureKey(site, owner, boot.publicKey, signal);
  return { domain, network, firewall, key };
}

/** The server's name: unique in the project, and a valid host name. */
function serverName({ owner, token }: Pick<Order, 'owner' | 'token'>): string {
  const plain = `wombat-${owner}-${token}`;
  const isHostName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(plain);
  return isHostName ? plain : `wombat-${sha256Of(plain).slice(0, 40)}`;
}

async function make(site: HetznerSite, ground: Ground, order: Order, signal: AbortSignal): Promise<Owned> {
  try {
    const answer = await site.api.call('POST', '/servers', signal, wanted(ground, order));
    return owned(site, objectIn(answer, 'server'), order);
  } catch (error) {
    if (nameOf(error) !== 'uniqueness_error') throw error;
    // the name is the order's: that server is what was ordered before
    const [standing] = await all(site.api.all('servers', { name: serverName(order) }, signal));
    if (standing === undefined)
      throw new Fault('unavailable', `server ${serverName(order)} is not shown yet`, { cause: error });
    return owned(site, standing, order);
  }
}

function wanted({ domain, network, firewall, key }: Ground, order: Order): Json {
  const { image, region, publicAddress = false } = domain.definition;
  const userData = order.boot?.userData ?? null;
  return {
    name: serverName(order),
    server_type: order.machineType,
    image,
    labels: labelsFrom(tagsOf(order)),
    firewalls: [{ firewall: Number(idIn(firewall)) }],
    public_net: { enable_ipv4: publicAddress, enable_ipv6: publicAddress },
    ...(region === undefined ? {} : { location: region }),
    ...(network === null ? {} : { networks: [Number(network)] }),
    ...(key === undefined ? {} : { ssh_keys: [Number(key)] }),
    ...(userData === null ? {} : { user_data: userData }),
  };
}

function owned(site: HetznerSite, server: Json, { owner, token }: Order): Owned {
  const found = ownedOf(site, server);
  if (found !== null && found.owner === owner && found.token === token) return found;
  throw new Fault('exists', `server ${textIn(server, 'name')} is another's`, { object: `server ${idIn(server)}` });
}

function ownedOf({ context }: HetznerSite, server: Json): Owned | null {
  const tags = readTags(tagsIn(server));
  if (tags === null) return null;
  const publicIp = textIn(objectIn(objectIn(server, 'public_net'), 'ipv4'), 'ip');
  const privateIp = textIn(privateNet(server), 'ip');
  const address = publicIp === '' ? privateIp : publicIp;
  return {
    kind: 'machine',
    id: idIn(server),
    token: tags.token,
    owner: tags.owner,
    domain: tags.domain,
    state: states[textIn(server, 'status')] ?? 'starting',
    words: null,
    access: madeAccess(context, tags, address === '' ? null : address),
    addresses: [privateIp, publicIp].filter((one) => one !== '').map(addressOf),
    capacity: null,
    platform: null,
  };
}

function privateNet(server: Json): Json {
  return Array.isArray(server['private_net']) ? (listIn(server, 'private_net')[0] ?? {}) : {};
}

function addressOf(address: string): NodeAddress {
  return { address, prefix: 32, scope: 'network' };
}

/** The states of a server; one that nobody has told us yet is one that starts. */
const states: Readonly<Record<string, Owned['state']>> = {
  initializing: 'starting',
  starting: 'starting',
  running: 'running',
  migrating: 'running',
  stopping: 'stopped',
  off: 'stopped',
  deleting: 'going',
};

/** The servers of an owner, and what stands beside them. */
export async function* listHetzner(site: HetznerSite, owner: string, signal: AbortSignal): AsyncGenerator<Owned> {
  for await (const server of site.api.all('servers', ownedBy(owner), signal)) {
    const one = ownedOf(site, server);
    if (one !== null) yield one;
  }
  yield* listBeside(site, owner, signal);
}

/** Deletes a server of that order, or what stands beside. Its public address goes with it. */
export async function destroyInHetzner(
  site: HetznerSite,
  { id, kind, owner, token }: Parameters<Cloud['destroy']>[0],
  signal: AbortSignal,
): Promise<void> {
  if (kind === 'beside') {
    await destroyBeside(site, id, owner, signal);
    return;
  }
  signal.throwIfAborted();
  if (!/^\d+$/.test(id)) return;
  try {
    const server = objectIn(await site.api.call('GET', `/servers/${id}`, signal), 'server');
    const tags = tagsIn(server);
    const isOther = token !== null && readTags(tags)?.token !== token;
    if (tags[ownerTag] !== owner || isOther || textIn(server, 'status') === 'deleting') return;
    await site.api.call('DELETE', `/servers/${id}`, signal);
  } catch (error) {
    if (nameOf(error) !== 'not_found') throw error;
  }
}
