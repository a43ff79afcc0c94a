/**
 * Servers as Nova lists and makes them. Its create has no client token, and names may repeat: the order's token travels as
 * metadata, and identity is kept by looking (I2): a server of the token that is there is the machine; after a create it
 * is looked again, and of twins (an answer lost, late or doubled on the wire) the younger ones go. Within this process
 * orders of one token go one after another, whatever adapter they come from.
 */
import { z } from 'zod';
import { Fault, faultCodeOf } from '../../base/fault.ts';
import { takeTurns } from '../../base/turns.ts';
import { createEach, madeAccess, readTags, tagsOf } from '../cloud.ts';
import type { Cloud, CloudContext, Created, Order, Owned } from '../cloud.ts';
import type { NodeAddress } from '../../model/machine.ts';
import { codeOfWords, isGone } from './answers.ts';
import type { Collection, Place, Session } from './session.ts';

/** What is read of a server. */
export const Server = z.object({
  id: z.string(),
  status: z.string(),
  created: z.string(),
  metadata: z.record(z.string(), z.string()),
  addresses: z.record(z.string(), z.array(z.object({ addr: z.string(), 'OS-EXT-IPS:type': z.string().optional() }))),
  fault: z.object({ message: z.string().optional() }).optional(),
  'OS-EXT-STS:task_state': z.string().nullish(),
  accessIPv4: z.string().nullish(),
});
export type Server = z.infer<typeof Server>;

/** The servers that a query finds. */
export function serversAt(path: string, headers: Readonly<Record<string, string>> = {}): Collection<Server> {
  return { path, name: 'servers', item: Server, marker: ({ id }) => id, headers };
}

const states: Readonly<Record<string, Owned['state']>> = {
  BUILD: 'starting',
  REBUILD: 'starting',
  ERROR: 'failed',
  SHUTOFF: 'stopped',
  PAUSED: 'stopped',
  SUSPENDED: 'stopped',
  SHELVED: 'stopped',
  SHELVED_OFFLOADED: 'stopped',
  DELETED: 'going',
  SOFT_DELETED: 'going',
};

/** The state of a server; one that is being deleted says so in its task. */
export function stateOf({ status, 'OS-EXT-STS:task_state': task }: Server): Owned['state'] {
  if (task === 'deleting' || task === 'soft-deleting') return 'going';
  return states[status.toUpperCase()] ?? 'running';
}

/** Which of a server's addresses is for what. */
export interface Reached {
  /** by which we enter it; null while it has none */
  readonly by: string | null;
  /** those that nodes are dialled by */
  readonly nodes: readonly string[];
}

/** How a server of ours is listed; null for one that is nobody's. */
export function ownedOf(context: CloudContext, server: Server, reached: Reached): Owned | null {
  const tags = readTags(server.metadata);
  if (tags === null) return null;
  const state = stateOf(server);
  return {
    kind: 'machine',
    id: server.id,
    token: tags.token,
    owner: tags.owner,
    domain: tags.domain,
    state: state === 'running' && reached.by === null ? 'starting' : state,
    words: state === 'failed' ? (server.fault?.message ?? 'the provider gave it up') : null,
    access: madeAccess(context, tags, reached.by),
    addresses: reached.nodes.map(addressOf),
    capacity: null,
    platform: null,
  };
}

function addressOf(address: string): NodeAddress {
  return { address, prefix: address.includes(':') ? 128 : 32, scope: 'network' };
}

/** How a cloud makes servers. */
export interface Making {
  /** the account and owner, so that orders of the same token wait for each other */
  readonly scope: string;
  /** The servers of that owner with one of these tokens; more may be found. */
  find(orders: readonly Order[], signal: AbortSignal): Promise<readonly Server[]>;
  /** Makes one; its id. */
  make(order: Order, signal: AbortSignal): Promise<string>;
  /** Gives one back. */
  remove(order: Order, id: string, signal: AbortSignal): Promise<void>;
  /** What it is to us. */
  owned(server: Server): Owned | null;
}

/** Makes a server for each order, once. */
export async function createServers(
  how: Making,
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly Created[]> {
  signal.throwIfAborted();
  const leave = await takeTurns(
    orders.map(({ token }) => `${how.scope} ${token}`),
    signal,
  );
  try {
    return await createInTurn(how, orders, signal);
  } finally {
    leave();
  }
}

async function createInTurn(how: Making, orders: readonly Order[], signal: AbortSignal): Promise<readonly Created[]> {
  const before = await how.find(orders, signal);
  const missing = orders.filter((order) => standing(before, order).length === 0);
  if (missing.length === 0) return await createEach(orders, (order) => settle(how, order, before, signal), signal);
  const ids = new Map<string, string>();
  const make = async (order: Order): Promise<never> => {
    ids.set(order.token, await how.make(order, signal));
    throw new Fault('unknown', 'made');
  };
  const asked = await createEach(missing, make, signal);
  const errors = new Map(asked.map((one) => [one.token, one.ok ? undefined : one.error]));
  const after = ids.size > 0 || [...errors.values()].some(mayHaveHappened) ? await how.find(orders, signal) : before;
  const finish = async (order: Order): Promise<Owned> => {
    if (standing(after, order).length > 0) return await settle(how, order, after, signal);
    const id = ids.get(order.token);
    if (id === undefined) throw errors.get(order.token);
    return fresh(how, order, id);
  };
  return await createEach(orders, finish, signal);
}

/** A create whose answer says nothing about what was done: there may be a server all the same. */
function mayHaveHappened(error: unknown): boolean {
  return ['unavailable', 'timeout', 'unknown', 'conflict'].includes(faultCodeOf(error));
}

function standing(servers: readonly Server[], { owner, token }: Order): Server[] {
  const own = servers.filter(({ metadata }) => {
    const tags = readTags(metadata);
    return tags?.owner === owner && tags.token === token;
  });
  return own.toSorted(byAge);
}

function byAge(one: Server, other: Server): number {
  return one.created.localeCompare(other.created) || one.id.localeCompare(other.id);
}

/** The oldest server of the token is the machine, those beside it go. One for which there was no room is refused, and goes too. */
async function settle(how: Making, order: Order, servers: readonly Server[], signal: AbortSignal): Promise<Owned> {
  const all = standing(servers, order);
  const staying = all.filter((server) => stateOf(server) !== 'going');
  const [oldest = all[0], ...younger] = staying;
  if (oldest === undefined) throw new Fault('unavailable', `no server of ${order.token} is listed any more`);
  for (const { id } of younger) await how.remove(order, id, signal);
  const words = oldest.fault?.message ?? '';
  if (stateOf(oldest) === 'failed' && codeOfWords(words) === 'no-capacity') {
    await how.remove(order, oldest.id, signal);
    throw new Fault('no-capacity', `${order.machineType} in domain ${order.domain}: ${words}`, { words });
  }
  return ownedIn(how, oldest);
}

/** A server that was accepted and is not listed yet. */
function fresh(how: Making, order: Order, id: string): Owned {
  return ownedIn(how, { id, status: 'BUILD', created: '', metadata: tagsOf(order), addresses: {} });
}

function ownedIn(how: Making, server: Server): Owned {
  const owned = how.owned(server);
  if (owned === null) throw new Fault('unavailable', `server ${server.id} has lost its tags`);
  return owned;
}

/** What `destroy` is handed. */
export type Given = Parameters<Cloud['destroy']>[0];

/** Nothing else is an id of a server, a group or a port; nothing else is put into a path. */
export function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(id);
}

/** Deletes a server if it is that owner's and of that token; false where it is not there, or somebody else's (I3, I4). */
export async function deleteServer(
  session: Session,
  place: Place,
  { id, owner, token }: Given,
  signal: AbortSignal,
): Promise<boolean> {
  const path = `/servers/${id}`;
  try {
    const answer = z.object({ server: Server });
    const { server } = await session.ask(place, { method: 'GET', path, answer }, signal);
    const tags = readTags(server.metadata);
    if (tags?.owner !== owner || (token !== null && tags.token !== token)) return false;
    if (stateOf(server) !== 'going') await session.call(place, { method: 'DELETE', path }, signal);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}
