/**
 * The firewall's loop, a key a provider: what should be open follows from the nodes on record; it is set where that
 * differs from what was set last, and now and then all the same. At a provider with groups one call makes its group; on
 * hosts each machine has a table of its own.
 */
import { Fault, wordsOf } from '../base/fault.ts';
import { again, done } from '../base/outcome.ts';
import type { Outcome } from '../base/outcome.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { HostRoot } from '../host/host.ts';
import { groupRules, openingsOf, world as everywhere } from '../model/firewall.ts';
import type { Opening } from '../model/firewall.ts';
import type { LinkMap } from '../model/link.ts';
import type { Machine } from '../model/machine.ts';
import type { Node } from '../model/node.ts';
import type { Provider } from '../model/provider.ts';
import { readLinks } from '../store/store.ts';
import type { Store, Versioned } from '../store/store.ts';
import { isPrepared } from './machine/first-boot.ts';
import { providerOf } from './providers.ts';
import type { Place } from './providers.ts';
import type { World } from './world.ts';

const periodMs = 60_000;
const retryMs = 5_000;
/** What was set may have been changed by others: it is set again after so long. */
const refreshMs = 600_000;

/** One pass over a provider. */
export async function reconcileFirewall(world: World, provider: string, signal: AbortSignal): Promise<Outcome> {
  const place = await providerOf(world.store, provider);
  if (place === undefined) return done;
  const cloud = world.offers.cloud(place.provider, place.domains);
  if (cloud.traits.firewall !== 'security groups' && !hasHostFirewall(place.provider, cloud)) return done;
  const machines = await world.store.list('machine');
  const here = machines.flatMap(({ value }) =>
    value.provider === provider && value.state.phase !== 'destroying' ? [value] : [],
  );
  if (here.length === 0) return done;
  const openings = await openingsNow(world.store, machines);
  try {
    await set(world, place, { cloud, here, openings, signal });
    return again(periodMs, 'what is open is looked at now and then');
  } catch (error) {
    if (signal.aborted) throw error;
    await tell(world, provider, wordsOf(error));
    return again(retryMs, wordsOf(error));
  }
}

type Openings = ReadonlyMap<string, readonly Opening[]>;

/** What was read last, and of which records. */
interface Reading {
  readonly nodes: readonly Versioned<Node>[];
  readonly machines: readonly Versioned<Machine>[];
  readonly links: LinkMap;
  readonly openings: Openings;
}

/** All providers are looked at at nearly the same time, and most changes of nodes change nothing of what is open. */
const readings = new WeakMap<Store, Reading>();

/** The openings of all machines as the records have it now. */
async function openingsNow(store: Store, machines: readonly Versioned<Machine>[]): Promise<Openings> {
  const { map: links } = await readLinks(store);
  const nodes = await store.list('node');
  const known = readings.get(store);
  if (known?.links === links && isSame(known.nodes, nodes, asPlaced) && isSame(known.machines, machines, asReached)) {
    readings.set(store, { ...known, nodes, machines });
    return known.openings;
  }
  const openings = openingsOf({
    documents: [...links.documents.values()],
    links,
    nodes: nodes.map(({ value }) => value),
    machines: machines.map(({ value }) => value),
  });
  readings.set(store, { nodes, machines, links, openings });
  return openings;
}

/** Whether records come to the same openings: they are the very same ones, or say the same of what is opened for them. */
function isSame<V>(
  some: readonly Versioned<V>[],
  others: readonly Versioned<V>[],
  said: (value: V) => string,
): boolean {
  if (some === others) return true;
  return (
    some.length === others.length &&
    some.every((one, at) => {
      const other = others[at];
      return one === other || (other?.key === one.key && said(one.value) === said(other.value));
    })
  );
}

/** All that openings say of a node. */
function asPlaced({ blueprint, family, desired, placement, specification }: Node): string {
  const { epmdPort, component } = specification;
  return JSON.stringify([blueprint, family, desired, placement.machine, placement.port, epmdPort, component]);
}

/** All that openings say of a machine. */
function asReached({ addresses, access }: Machine): string {
  return JSON.stringify([addresses, access?.method === 'ssh' ? access.address : null]);
}

interface Wanted {
  readonly cloud: Cloud;
  readonly here: readonly Machine[];
  readonly openings: Openings;
  readonly signal: AbortSignal;
}

async function set(world: World, place: Place, wanted: Wanted): Promise<void> {
  const { cloud, here, openings, signal } = wanted;
  if (cloud.traits.firewall !== 'security groups') return setOnHosts(world, place, wanted);
  const each = here.map(({ token }) => openings.get(token) ?? []);
  const rules = [sshRule(place), ...groupRules(each, here)];
  // a machine that was made since may have brought a group that lets nobody in yet
  const made = here.flatMap(({ providerId }) => providerId ?? []).sort();
  const key = JSON.stringify([rules, made]);
  await once(world, place.provider.name, key, () => cloud.allow(world.store.owner, rules, signal));
}

/** One host that cannot be set keeps none behind it waiting; what failed is told together. */
async function setOnHosts(world: World, place: Place, wanted: Wanted): Promise<void> {
  const failed: string[] = [];
  for (const machine of wanted.here) {
    try {
      await setOnHost(world, place, machine, wanted);
    } catch (error) {
      if (wanted.signal.aborted) throw error;
      failed.push(`${machine.offer}: ${wordsOf(error)}`);
    }
  }
  if (failed.length > 0) throw new Fault('unavailable', failed.join('; '));
}

async function setOnHost(world: World, { domains }: Place, machine: Machine, wanted: Wanted): Promise<void> {
  const { cloud, openings, signal } = wanted;
  const { state, access, token } = machine;
  if (state.phase !== 'ready' || access?.method !== 'ssh') return;
  const own = openings.get(token) ?? [];
  // a host that was started again has no table any more, also where it was away too shortly to be missed
  const key = JSON.stringify([own, state.since, world.hosts.bootId(token)]);
  const domain = domains.find(({ name }) => name === machine.domain);
  const prepared = domain !== undefined && isPrepared({ cloud, domain });
  await once(world, token, key, async () => {
    // it may have been given back while others were set: then nobody would take the table off any more
    if ((await world.store.get('machine', token))?.value.state.phase !== 'ready') return;
    await onHost(world, machine, { prepared }, (root) => root.setFirewall(own, signal));
  });
}

/** Whether the hosts of a provider keep its firewall: they do where it has none, or where somebody asked for it. */
export function hasHostFirewall({ definition }: Provider, cloud: Cloud): boolean {
  return cloud.traits.firewall === 'host' || (definition.kind === 'ssh' && definition.firewall === true);
}

/** Takes our firewall off the host of a machine that is given back. */
export async function dropFirewall(world: World, machine: Machine, signal: AbortSignal): Promise<void> {
  await onHost(world, machine, { prepared: false }, (root) => root.setFirewall(null, signal));
}

/** We come in by SSH from wherever the domains say that we are. */
function sshRule({ domains }: Place): Opening {
  const from = domains.flatMap(({ definition }) => definition.enteredFrom ?? everywhere.slice(0, 1));
  return { ports: [22, 22], from: [...new Set(from)].sort() };
}

/** Does it unless the same was done lately. */
async function once({ memory, clock }: World, key: string, wanted: string, act: () => Promise<void>): Promise<void> {
  const last = memory.firewalls.get(key);
  const now = clock.monotonic();
  if (last?.wanted === wanted && now - last.at < refreshMs) return;
  memory.firewalls.delete(key);
  await act();
  memory.firewalls.set(key, { wanted, at: now });
}

/** Does something as root on a machine's host. */
async function onHost(
  world: World,
  { access }: Machine,
  { prepared }: { readonly prepared: boolean },
  act: (root: HostRoot) => Promise<void>,
): Promise<void> {
  if (access === null) return;
  const root = await world.openHostRoot(access, prepared);
  try {
    await act(root);
  } finally {
    await root.close();
  }
}

/** Said once as long as the words are the same. */
async function tell(world: World, provider: string, words: string): Promise<void> {
  const key = `firewall ${provider} ${words}`;
  if (world.memory.told.has(key)) return;
  world.memory.told.add(key);
  await world.store.commit(
    [],
    [{ level: 'error', kind: 'provider', object: provider, blueprint: null, what: 'firewall not set', words }],
  );
}
