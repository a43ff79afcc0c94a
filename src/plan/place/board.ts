/**
 * Board: the places where nodes can be, as the placing of one plan sees and changes them. A site is a machine, there or
 * yet to be made from an offer; sites of one host (a machine that belongs to two domains) share its ports and memory.
 */
import type { Capabilities } from '../../model/capability.ts';
import { domainPorts } from '../../model/domain.ts';
import type { Domain } from '../../model/domain.ts';
import type { LocationLevel } from '../../model/family.ts';
import { refusedForLong } from '../../model/machine.ts';
import type { Machine, Offer } from '../../model/machine.ts';
import type { Node } from '../../model/node.ts';
import type { Facts } from '../../model/plan.ts';
import { networkAddresses } from '../../model/reach.ts';

/** What both a machine and an offer say. */
export type Place = Pick<
  Offer & Machine,
  'provider' | 'domain' | 'attributes' | 'capacity' | 'platform' | 'addresses' | 'pricePerHour'
>;

/** Ports of one host, what of it is taken by attribute, and how many live nodes are on it. */
export class Host {
  readonly ports: Set<number>;
  readonly used = new Map<string, number>();
  nodes = 0;
  #lowest = new Map<number, number>();

  constructor(listening: readonly number[]) {
    this.ports = new Set(listening);
  }

  /** Takes so much of each for one more node. */
  take(uses: Iterable<readonly [string, number]>): void {
    for (const [attribute, amount] of uses) this.used.set(attribute, (this.used.get(attribute) ?? 0) + amount);
  }

  /** The lowest free port of a domain's range; undefined when all are taken. */
  freePort({ definition }: Domain): number | undefined {
    const [first, last] = domainPorts(definition);
    let port = this.#lowest.get(first) ?? first;
    while (this.ports.has(port)) port++;
    this.#lowest.set(first, port);
    return port <= last ? port : undefined;
  }
}

export interface Site {
  /** token of the machine */
  readonly token: string;
  /** id of the offer that it is, or would be, made from: what people know it by */
  readonly offer: string;
  readonly place: Place;
  readonly domain: Domain;
  readonly host: Host;
  readonly hostKey: string;
  /** not there yet: the plan must acquire it */
  readonly fresh: boolean;
  /** why no node may be added here; null when one may */
  readonly closed: { readonly code: string; readonly why: string } | null;
}

/** An offer from which machines can still be made. */
export interface Stock {
  readonly offer: Offer;
  readonly domain: Domain;
  /** how many more of it can be made; Infinity where its provider tells no limit */
  remaining: number;
  /** how many this plan has made of it so far: with the offer it names the next one */
  opened: number;
}

export interface Board {
  /** machines there are, by token */
  readonly sites: ReadonlyMap<string, Site>;
  readonly stocks: readonly Stock[];
  /** offers that cannot be had, with the reason */
  readonly faulty: readonly {
    readonly offer: Offer;
    readonly domain: Domain;
    readonly fault: NonNullable<Offer['fault']>;
  }[];
  /** the host of a place */
  hostOf(place: Place, token: string, offer: string): { host: Host; hostKey: string };
}

/** The board before anything is placed. Nodes of all blueprints hold ports and memory, those that are going, too: they run yet. */
export function boardOf(facts: Facts, domains: ReadonlyMap<string, Domain>, going: ReadonlySet<string>): Board {
  const listening = listeningOf(facts.offers);
  const hosts = new Map<string, Host>();
  const hostOf: Board['hostOf'] = (place, token, offer) => {
    const hostKey = hostKeyOf(place.attributes) ?? token;
    const host = hosts.get(hostKey) ?? new Host(listening.get(offer) ?? []);
    hosts.set(hostKey, host);
    return { host, hostKey };
  };
  const sites = new Map(facts.machines.map((machine) => [machine.token, siteOf(machine, domains, hostOf)]));
  for (const node of facts.nodes) occupy(sites.get(node.placement.machine), node, going.has(node.id));
  return new FactsBoard(sites, hostOf, () => stocksOf(facts, domains));
}

/** What offers can be made into is looked at only when somebody asks: who draws up steps does not. */
class FactsBoard implements Board {
  readonly sites: Board['sites'];
  readonly hostOf: Board['hostOf'];
  readonly #read: () => Pick<Board, 'stocks' | 'faulty'>;
  #known: Pick<Board, 'stocks' | 'faulty'> | null = null;

  constructor(sites: Board['sites'], hostOf: Board['hostOf'], read: () => Pick<Board, 'stocks' | 'faulty'>) {
    this.sites = sites;
    this.hostOf = hostOf;
    this.#read = read;
  }

  get stocks(): Board['stocks'] {
    return (this.#known ??= this.#read()).stocks;
  }

  get faulty(): Board['faulty'] {
    return (this.#known ??= this.#read()).faulty;
  }
}

function listeningOf(offers: readonly Offer[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  for (const { id, listening } of offers) if (listening.length > 0) found.set(id, listening);
  return found;
}

function siteOf(machine: Machine, domains: ReadonlyMap<string, Domain>, hostOf: Board['hostOf']): Site {
  const known = domains.get(machine.domain);
  const domain = known ?? { name: machine.domain, definition: { provider: machine.provider }, declaredBy: null };
  const closed =
    known === undefined
      ? { code: 'invalid', why: `domain ${machine.domain} is not in the blueprint` }
      : closedBy(machine);
  const { token, offer } = machine;
  return { token, offer, place: machine, domain, fresh: false, closed, ...hostOf(machine, token, offer) };
}

function closedBy(machine: Machine): Site['closed'] {
  const { state } = machine;
  if (state.phase === 'unreachable' || state.phase === 'lost') return { code: 'unavailable', why: state.why };
  return state.phase === 'destroying'
    ? { code: 'conflict', why: 'the machine is being given back' }
    : refusedForLong(machine);
}

function occupy(site: Site | undefined, { placement, desired }: Node, isGoing: boolean): void {
  if (site === undefined) return;
  site.host.ports.add(placement.port);
  const { memoryBytes, uses = {} } = placement;
  site.host.take([...Object.entries(uses), ...(memoryBytes === undefined ? [] : [['memory', memoryBytes] as const])]);
  if (desired !== 'removed' && !isGoing) site.host.nodes += 1;
}

function stocksOf(facts: Facts, domains: ReadonlyMap<string, Domain>): Pick<Board, 'stocks' | 'faulty'> {
  const broken = new Map(facts.providers.map(({ name, fault }) => [name, fault]));
  const stocks: Stock[] = [];
  const faulty: Board['faulty'][number][] = [];
  const claimed = Map.groupBy(facts.machines, (machine) => machine.offer);
  for (const offer of inOrder(facts.offers)) {
    const domain = domains.get(offer.domain);
    const machines = claimed.get(offer.id) ?? [];
    const taken = hostKeyOf(offer.attributes) !== undefined && machines.length > 0;
    if (domain === undefined || taken) continue;
    const fault = offer.fault ?? broken.get(offer.provider);
    // those that the provider does not count yet, because they are ordered but not made
    const ordered = machines.filter(({ state }) => state.phase === 'wanted').length;
    const most = hostKeyOf(offer.attributes) === undefined ? Infinity : 1;
    if (fault) faulty.push({ offer, domain, fault });
    else stocks.push({ offer, domain, remaining: Math.min(most, (offer.left ?? Infinity) - ordered), opened: 0 });
  }
  return { stocks, faulty };
}

/** Offers by their ids: sorted once, however many boards are made of them. */
const sorted = new WeakMap<readonly Offer[], readonly Offer[]>();

function inOrder(offers: readonly Offer[]): readonly Offer[] {
  const known = sorted.get(offers) ?? [...offers].sort(byId);
  sorted.set(offers, known);
  return known;
}

function byId(one: Offer, other: Offer): number {
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

/** What the host is called, where the place is a known host. */
function hostKeyOf(attributes: Capabilities): string | undefined {
  const { host } = attributes;
  return host === undefined ? undefined : String(host);
}

/** As much of a site as says where it is. */
export interface Located {
  readonly place: Pick<Place, 'provider' | 'domain' | 'attributes'>;
  readonly hostKey: string;
}

/** What nodes share that are together at a level. */
export function locationOf(site: Located, level: LocationLevel): string {
  const { provider, domain, attributes } = site.place;
  const region = String(attributes['region'] ?? domain);
  if (level === 'provider') return provider;
  if (level === 'host') return site.hostKey;
  return level === 'region' ? `${provider}/${region}` : `${provider}/${region}/${String(attributes['zone'] ?? region)}`;
}

/** Whether only the machine itself can dial its nodes. Addresses that nobody knows yet are taken to be good ones. */
export function isIsolated({ addresses }: Pick<Place, 'addresses'>): boolean {
  return addresses.length > 0 && networkAddresses(addresses).length === 0;
}
