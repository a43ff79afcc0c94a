/** Where on the network the machines of a domain are put, and the ports and floating IPs that some of them need. */
import { z } from 'zod';
import { Fault, faultCodeOf } from '../../base/fault.ts';
import type { Domain } from '../../model/domain.ts';
import { isGone } from '../nova/answers.ts';
import type { Collection, Session } from '../nova/session.ts';
import { withQuery } from '../nova/session.ts';

const Network = z.object({
  id: z.string(),
  name: z.string(),
  subnets: z.array(z.string()),
  'router:external': z.boolean().optional(),
});
type Network = z.infer<typeof Network>;
const Subnet = z.object({ id: z.string(), name: z.string(), network_id: z.string() });
const Port = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullish(),
  device_id: z.string(),
});
export type Port = z.infer<typeof Port>;
const FloatingIp = z.object({ id: z.string(), description: z.string().nullish(), port_id: z.string().nullable() });
export type FloatingIp = z.infer<typeof FloatingIp>;

/** The part of the network that a domain's machines are put on. */
export interface Part {
  readonly network: string;
  /** where the domain asks for one subnet of several; null where the network alone says it */
  readonly subnet: string | null;
}

function collection<T extends { readonly id: string }>(name: string, item: z.ZodType<T>, query = {}): Collection<T> {
  return { path: withQuery(`/${name}`, query), name, item, marker: ({ id }) => id };
}

/** All networks of a region that the project sees. */
export function networksIn(session: Session, region: string, signal: AbortSignal): Promise<Network[]> {
  return session.all({ service: 'network', region }, collection('networks', Network), signal);
}

/**
 * The domain's `subnet`, which names a subnet or a network; else the network that the domain names as its own, where the
 * cloud has one of that name; else the only one there is. Fault not-found or invalid, in words that a user can act on.
 */
export async function partOf(
  session: Session,
  region: string,
  { name, definition }: Domain,
  signal: AbortSignal,
): Promise<Part> {
  const object = `domain ${name}`;
  const networks = await networksIn(session, region, signal);
  const { subnet: wanted, network: own } = definition;
  if (wanted !== undefined) {
    const part = networkNamed(networks, wanted) ?? (await subnetNamed(session, region, { wanted, networks }, signal));
    if (part !== undefined) return part;
    throw new Fault('not-found', `${object}: region ${region} has no subnet or network ${wanted}`, { object });
  }
  const named = own === undefined ? undefined : networkNamed(networks, own);
  if (named !== undefined) return named;
  const inner = networks.filter((one) => one['router:external'] !== true && one.subnets.length > 0);
  const [only] = inner;
  if (only !== undefined && inner.length === 1) return { network: only.id, subnet: null };
  const names = inner.map((one) => one.name).join(', ');
  const why = inner.length === 0 ? 'no network with a subnet' : `several networks: ${names}`;
  const next = 'name the network or subnet as `subnet` of the domain';
  throw new Fault(inner.length === 0 ? 'not-found' : 'invalid', `${object}: region ${region} has ${why}`, {
    object,
    next,
  });
}

function networkNamed(networks: readonly Network[], wanted: string): Part | undefined {
  const found = networks.find(({ id, name }) => id === wanted || name === wanted);
  return found === undefined ? undefined : { network: found.id, subnet: null };
}

async function subnetNamed(
  session: Session,
  region: string,
  { wanted, networks }: { readonly wanted: string; readonly networks: readonly Network[] },
  signal: AbortSignal,
): Promise<Part | undefined> {
  const subnets = await session.all({ service: 'network', region }, collection('subnets', Subnet), signal);
  const found = subnets.find(({ id, name }) => id === wanted || name === wanted);
  if (found === undefined) return undefined;
  const network = networks.find(({ id }) => id === found.network_id);
  // a network of one subnet needs no port of ours to be put there
  return { network: found.network_id, subnet: network?.subnets.length === 1 ? null : found.id };
}

/** The ports of an owner that we made; of one machine where a token is given. They have the owner's name, described by the token. */
export function portsOf(
  session: Session,
  region: string,
  { name, token }: { readonly name: string; readonly token?: string },
  signal: AbortSignal,
): Promise<Port[]> {
  const query = { name, ...(token === undefined ? {} : { description: token }) };
  return session.all({ service: 'network', region }, collection('ports', Port, query), signal);
}

/** The floating IPs of an owner. */
export function floatingIpsOf(
  session: Session,
  region: string,
  name: string,
  signal: AbortSignal,
): Promise<FloatingIp[]> {
  const all = collection('floatingips', FloatingIp, { description: name });
  return session.all({ service: 'network', region }, all, signal);
}

/** What a port of ours is made of. */
export interface PortWish {
  readonly name: string;
  readonly token: string;
  readonly part: Part;
  readonly group: string;
}

/** Has a machine's own port be there; its id. A repeated order uses the one that it has. */
export async function ensurePort(
  session: Session,
  region: string,
  { name, token, part, group }: PortWish,
  signal: AbortSignal,
): Promise<string> {
  const [there] = await portsOf(session, region, { name, token }, signal);
  if (there !== undefined) return there.id;
  const where = part.subnet === null ? {} : { fixed_ips: [{ subnet_id: part.subnet }] };
  const named = { name, description: token };
  const body = { port: { network_id: part.network, ...where, ...named, security_groups: [group] } };
  const answer = z.object({ port: Port });
  const place = { service: 'network', region } as const;
  const { port } = await session.ask(place, { method: 'POST', path: '/ports', body, answer }, signal);
  return port.id;
}

/** Has a floating IP lead to the port, out of the first external network by name. */
export async function ensureFloatingIp(
  session: Session,
  region: string,
  { name, port }: { readonly name: string; readonly port: string },
  signal: AbortSignal,
): Promise<void> {
  const there = await floatingIpsOf(session, region, name, signal);
  if (there.some(({ port_id }) => port_id === port)) return;
  const networks = await networksIn(session, region, signal);
  const [external] = networks
    .filter((one) => one['router:external'] === true)
    .toSorted((one, other) => one.name.localeCompare(other.name));
  if (external === undefined)
    throw new Fault('not-found', `region ${region} has no external network for public addresses`, {
      object: `region ${region}`,
      next: 'leave `publicAddress` out, or ask the operator for an external network',
    });
  const floatingip = { floating_network_id: external.id, port_id: port, description: name };
  const place = { service: 'network', region } as const;
  await session.call(place, { method: 'POST', path: '/floatingips', body: { floatingip } }, signal);
}

/** Removes something of the network service; gone already is success (I3). Something in use is a conflict, to be tried again. */
export async function removeFromNetwork(
  session: Session,
  region: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await session.call({ service: 'network', region }, { method: 'DELETE', path: `/${path}` }, signal);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Gives back the floating IPs that lead to these ports. */
export async function releaseFloatingIps(
  session: Session,
  region: string,
  { name, ports }: { readonly name: string; readonly ports: readonly Port[] },
  signal: AbortSignal,
): Promise<void> {
  if (ports.length === 0) return;
  const led = new Set(ports.map(({ id }) => id));
  for (const { id, port_id } of await floatingIpsOf(session, region, name, signal)) {
    if (port_id !== null && led.has(port_id)) await removeFromNetwork(session, region, `floatingips/${id}`, signal);
  }
}

/** Whether it is a fault that something still uses what was to be removed. */
export function isInUse(error: unknown): boolean {
  return faultCodeOf(error) === 'conflict';
}
