/**
 * Servers of ours and their key pair. Version 2 of the API has no tags to look for: all servers of a region are looked at,
 * and their metadata says whose they are. A create may answer 500 although the server exists; it is found by its metadata.
 */
import { z } from 'zod';
import { Fault } from '../../base/fault.ts';
import type { Domain } from '../../model/domain.ts';
import { besideKeyOf, besideName, groundOf, orderedDomain, tagsOf } from '../cloud.ts';
import type { Created, Order, Owned } from '../cloud.ts';
import { ensureKeyPair, isKeyOf, keyPairsOf, removeKeyPair } from '../nova/key-pairs.ts';
import { imageOf } from '../nova/market.ts';
import { createServers, deleteServer, isUuid, ownedOf, serversAt } from '../nova/servers.ts';
import type { Given, Making, Reached, Server } from '../nova/servers.ts';
import type { RackspaceSite } from './rackspace.ts';

/** The networks that every server has, by the ids that they have everywhere. */
const publicNet = '00000000-0000-0000-0000-000000000000';
const serviceNet = '11111111-1111-1111-1111-111111111111';

/** Makes what is ordered, region by region. */
export async function createAtRackspace(
  site: RackspaceSite,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly Created[]> {
  signal.throwIfAborted();
  const object = `provider ${site.context.provider.name}`;
  const byRegion = new Map<string, Order[]>();
  const byToken = new Map<string, Created>();
  for (const order of orders) {
    const { token, offer } = order;
    const domain = orderedDomain(site.context, order);
    if (domain === undefined) {
      const error = new Fault('not-found', `${object} has no offer ${offer}`, { object });
      byToken.set(token, { token, ok: false, error });
    } else {
      const region = await site.regionOf(domain, signal);
      byRegion.set(region, [...(byRegion.get(region) ?? []), order]);
    }
  }
  const made = [...byRegion].map(([region, here]) => createServers(makingIn(site, region, signal), here, signal));
  for (const one of (await Promise.all(made)).flat()) byToken.set(one.token, one);
  return orders.map(({ token }) => byToken.get(token) as Created);
}

/** What orders of one domain and key need alike; asked for once in a batch. */
interface Shared {
  readonly image: string;
  readonly keyPair: string | null;
}

function makingIn(site: RackspaceSite, region: string, batch: AbortSignal): Making {
  const place = { service: 'compute', region } as const;
  const shared = groundOf(site.context, (order, domain) => sharedBy(site, region, { order, domain }, batch));
  return {
    scope: `${site.definition.endpoint ?? ''} ${site.definition.credentials} ${region}`,
    find: (_orders, signal) => site.session.all(place, serversAt('/servers/detail'), signal),
    make: async (order, signal) => await makeServer(site, region, { order, shared: await shared(order) }, signal),
    remove: async ({ owner, token, domain }, id, signal) => {
      await deleteServer(site.session, place, { id, owner, token, domain, kind: 'machine' }, signal);
    },
    owned: (server) => ownedHere(site, server),
  };
}

async function sharedBy(
  site: RackspaceSite,
  region: string,
  { order, domain }: { readonly order: Order; readonly domain: Domain },
  signal: AbortSignal,
): Promise<Shared> {
  const { session } = site;
  const { owner, boot } = order;
  const { id: image } = await imageOf(session, region, domain, signal);
  const place = { service: 'compute', region } as const;
  const keyPair =
    boot === null
      ? null
      : await ensureKeyPair(
          session,
          place,
          { name: besideName(site.context, owner), publicKey: boot.publicKey },
          signal,
        );
  return { image, keyPair };
}

async function makeServer(
  site: RackspaceSite,
  region: string,
  { order, shared: { image, keyPair } }: { readonly order: Order; readonly shared: Shared },
  signal: AbortSignal,
): Promise<string> {
  const userData = order.boot?.userData ?? null;
  const own = orderedDomain(site.context, order)?.definition.subnet;
  const server = {
    name: order.name,
    imageRef: image,
    flavorRef: order.machineType,
    metadata: tagsOf(order),
    // user-data reaches a server on a configuration drive only
    ...(userData === null ? {} : { config_drive: true, user_data: Buffer.from(userData).toString('base64') }),
    ...(keyPair === null ? {} : { key_name: keyPair }),
    ...(own === undefined ? {} : { networks: [publicNet, serviceNet, own].map((uuid) => ({ uuid })) }),
  };
  const answer = z.object({ server: z.object({ id: z.string() }) });
  const call = { method: 'POST', path: '/servers', body: { server }, answer } as const;
  const made = await site.session.ask({ service: 'compute', region }, call, signal);
  return made.server.id;
}

function ownedHere(site: RackspaceSite, server: Server): Owned | null {
  const domain = site.context.domains.find(({ name }) => name === server.metadata['wombat-domain']);
  return ownedOf(site.context, server, reachedBy(server, domain?.definition.publicAddress !== false));
}

/** A server has a public address unless its domain wants none; then we and its peers go by ServiceNet, within the region. */
function reachedBy({ addresses, accessIPv4 = null }: Server, isPublic: boolean): Reached {
  const of = (network: string) => {
    const all = (addresses[network] ?? []).map(({ addr }) => addr);
    return all.toSorted((one, other) => Number(one.includes(':')) - Number(other.includes(':')));
  };
  const own = Object.keys(addresses).filter((network) => network !== 'public' && network !== 'private');
  const inner = [...own.flatMap(of), ...of('private')];
  if (!isPublic) return { by: inner[0] ?? null, nodes: inner };
  const by = accessIPv4 === null || accessIPv4 === '' ? of('public')[0] : accessIPv4;
  return { by: by ?? null, nodes: [...of('public'), ...inner] };
}

/** Everything of an owner in all regions; a region that cannot be asked is named after what the others have. */
export async function* listRackspace(site: RackspaceSite, owner: string, signal: AbortSignal): AsyncGenerator<Owned> {
  signal.throwIfAborted();
  const errors: unknown[] = [];
  for (const region of await site.regions(signal)) {
    try {
      yield* await listIn(site, region, owner, signal);
    } catch (error) {
      signal.throwIfAborted();
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

async function listIn(site: RackspaceSite, region: string, owner: string, signal: AbortSignal): Promise<Owned[]> {
  const place = { service: 'compute', region } as const;
  const [servers, keys, domains] = await Promise.all([
    site.session.all(place, serversAt('/servers/detail'), signal),
    keyPairsOf(site.session, place, { name: besideName(site.context, owner) }, signal),
    site.domainsIn(region, signal),
  ]);
  const machines = servers.map((server) => ownedHere(site, server));
  const own = machines.filter((one) => one !== null).filter((one) => one.owner === owner);
  const domain = domains[0]?.name ?? region;
  const beside = keys.map((name) => besideKeyOf(`${region}/key-pair/${name}`, name, { owner, domain }));
  return [...own, ...beside];
}

/** Gives a server back, or removes a key pair; what is not there, or somebody else's, is left (I3, I4). */
export async function destroyAtRackspace(site: RackspaceSite, owned: Given, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { id, owner } = owned;
  const [, besideRegion, key = ''] = /^([^/]+)\/key-pair\/([^/]+)$/.exec(id) ?? [];
  if (owned.kind === 'beside') {
    if (besideRegion === undefined || !isKeyOf(besideName(site.context, owner), key)) return;
    await removeKeyPair(site.session, { service: 'compute', region: besideRegion }, key, signal);
    return;
  }
  if (!isUuid(id)) return;
  const domain = site.context.domains.find(({ name }) => name === owned.domain);
  const regions = domain === undefined ? await site.regions(signal) : [await site.regionOf(domain, signal)];
  for (const region of regions) await deleteServer(site.session, { service: 'compute', region }, owned, signal);
}
