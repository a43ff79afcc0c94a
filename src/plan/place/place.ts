/**
 * Placing: which node goes where. Families are placed one after another, nodes of a family one by one, each on the
 * cheapest site that satisfies everything hard. Costs, in points (less is better):
 *
 *   a preference that holds                     - its weight
 *   each node of the family on the same host    + 10, or 1000 where the family is to be spread over hosts
 *   each other node on the same host            + 1
 *   each node of the family in the same place   + 1000, where the family is to be spread over such places
 *   a place that is not used yet                + 1000, where the family is to be consolidated on such places
 *
 * Where nodes of a family were refused or lost their machine, these are weighed one after another instead: first what
 * spreading, consolidating and preferences say, then how near a place is to where one was, then nodes beside each other.
 *
 * Ties go to machines that are there, then by name, so that the same question has the same answer (I10). Placing only
 * ever makes sites less fit, so what was found unfit for a family stays so: with a heap a family of n nodes costs
 * n log(sites).
 */
import type { BlueprintDocument } from '../../model/blueprint.ts';
import type { LocationLevel } from '../../model/family.ts';
import { holds } from '../../model/holds.ts';
import type { Offer } from '../../model/machine.ts';
import type { Node } from '../../model/node.ts';
import { idFrom } from '../ids.ts';
import type { Need } from '../need.ts';
import { locationOf } from './board.ts';
import type { Board, Site, Stock } from './board.ts';
import { Heap } from './heap.ts';
import { Nearness } from './nearness.ts';
import type { Former } from './nearness.ts';
import type { Aim, Appraisal, Certainty } from './problem.ts';
import { plain, Refusals, trap } from './refusals.ts';
import type { Misfit } from './refusals.ts';
import { Ledger, limitsOf } from './limits.ts';
import { hardRulesOf, reservation, roomOf, staticMisfit } from './rules.ts';
import type { HardRules } from './rules.ts';

/** A node that was placed: its site, the port that was taken for it there, and the reason in words. */
export interface Seat {
  readonly site: Site;
  readonly port: number;
  readonly why: string;
}

/** So many nodes of a family to be placed. */
export interface Order {
  readonly need: Need;
  readonly count: number;
}

/** What came of placing. */
export interface Placing {
  readonly seats: ReadonlyMap<string, readonly Seat[]>;
  readonly refusals: ReadonlyMap<string, Refusals>;
  /** how sure it is that nothing is better; null where nobody asked for the best */
  readonly certainty: Certainty | null;
  /** why it is not known whether more could be placed; absent where that is known */
  readonly undecided?: string;
}

/** What placing starts from. */
export interface Scene {
  readonly board: Board;
  /** nodes that stay where they are, of all families of the blueprint */
  readonly staying: readonly Node[];
  readonly seed: number;
  readonly document: BlueprintDocument;
  /** families that are confined to some sites, lest they end where others do not fit beside them */
  readonly confined: ReadonlyMap<string, Confinement>;
  /** nodes that are placed anew although they are well where they are: where as many stay as may be */
  readonly anew?: readonly Node[];
  /** by family: where those of its nodes were whose machine was refused or lost; absent where there are none */
  readonly former?: ReadonlyMap<string, Former>;
  /** what counts, where that is not what the blueprint says */
  readonly aims?: readonly Aim[];
  /** what offers come to, kept for other ways to meet the same blueprint */
  readonly appraised?: Map<Offer, Appraisal>;
}

/** Whether a site is open to a family. */
export type Confinement = (at: Spot) => boolean;
export type Spot = Pick<Site, 'domain' | 'place' | 'hostKey'>;

/** Places all orders, in their order. Changes the scene's board. */
export function place(orders: readonly Order[], scene: Scene): Placing {
  const settled = new Map<string, Site[]>();
  for (const { family, placement } of scene.staying) {
    const site = scene.board.sites.get(placement.machine);
    if (site !== undefined) settle(settled, family, site);
  }
  const opened: Site[] = [];
  const ledger = new Ledger(
    limitsOf(
      scene.document,
      scene,
      orders.map(({ need }) => need),
    ),
    scene.staying.map(({ placement }) => placement.machine),
  );
  const seats = new Map<string, readonly Seat[]>();
  const refusals = new Map<string, Refusals>();
  for (const { need, count } of orders) {
    if (count === 0) continue;
    const placer = new FamilyPlacer(need, scene, { settled, opened, ledger });
    seats.set(need.family, placer.place(count));
    refusals.set(need.family, placer.refusals);
  }
  return { seats, refusals, certainty: null };
}

/** What families placed later see of those placed earlier. */
interface Shared {
  /** where the nodes of each family are */
  readonly settled: Map<string, Site[]>;
  /** sites that this plan acquires */
  readonly opened: Site[];
  /** what limits leave */
  readonly ledger: Ledger;
}

/** A site or a stock, with the points that do not depend on its group. */
interface Entry {
  readonly site: Site | null;
  readonly stock: Stock | null;
  readonly id: string;
  readonly wishes: number;
  cost: number;
}

/** Sites that share a location at the level on which the family is spread or consolidated. */
interface Group {
  readonly entries: Heap<Entry>;
  nodes: number;
}

const groupPoints = 1000;
const hostPoints = 10;
/** What a level of distance weighs beside more nodes than a host has ports, and a point that is asked for beside all distance. */
const nearUnit = 1e6;
const askedUnit = 1e7;
/** An earlier one of ordered demands. */
const orderPoints = 500;

class FamilyPlacer {
  readonly refusals = new Refusals();
  readonly #need: Need;
  readonly #scene: Scene;
  readonly #shared: Shared;
  readonly #rules: HardRules;
  readonly #groups = new Map<string, Group>();
  readonly #level: LocationLevel | null;
  readonly #onHost = new Map<string, number>();
  readonly #near: Nearness | null;

  constructor(need: Need, scene: Scene, shared: Shared) {
    this.#need = need;
    this.#scene = scene;
    this.#shared = shared;
    this.#rules = hardRulesOf(need, scene.document, shared.settled);
    const former = scene.former?.get(need.family);
    this.#near = former === undefined ? null : new Nearness(former);
    const { spread, consolidate } = need.rules;
    this.#level = consolidate ?? (spread === undefined || spread.over === 'host' ? null : spread.over);
    for (const site of shared.settled.get(need.family) ?? []) this.#count(site);
    this.#enterAll();
  }

  place(count: number): Seat[] {
    const seats: Seat[] = [];
    while (seats.length < count) {
      const seat = this.#next();
      if (seat === null) break;
      seats.push(seat);
    }
    return seats;
  }

  #enterAll(): void {
    const { board } = this.#scene;
    for (const site of [...board.sites.values(), ...this.#shared.opened]) this.#enterSite(site);
    for (const stock of board.stocks) this.#enterStock(stock);
    for (const { offer, fault } of board.faulty) {
      this.refusals.faulty(offer.id, { need: this.#need, attributes: offer.attributes }, fault);
    }
  }

  #enterSite(site: Site): void {
    if (site.closed !== null) {
      this.refusals.faulty(site.offer, { need: this.#need, attributes: site.place.attributes }, site.closed);
      return;
    }
    this.#enter({ site, stock: null, id: site.offer }, site);
  }

  #enterStock(stock: Stock): void {
    const { offer } = stock;
    if (stock.remaining < 1) {
      // where machines of it are there, or opened by this plan, these speak for themselves
      if (!this.refusals.knows(offer.id)) this.refusals.refuse(offer.id, plain('no machine of it is left'));
      return;
    }
    const hostKey = offer.attributes['host'];
    const place = {
      place: offer,
      domain: stock.domain,
      hostKey: hostKey === undefined ? `${offer.id} (new)` : String(hostKey),
    };
    this.#enter({ site: null, stock, id: offer.id }, place);
  }

  #enter(what: Pick<Entry, 'site' | 'stock' | 'id'>, at: Spot): void {
    const isAllowed = this.#scene.confined.get(this.#need.family);
    const elsewhere = isAllowed?.(at) === false ? trap('its own or linked nodes fit elsewhere only') : null;
    const host = { offer: what.id, hostKey: at.hostKey };
    const why =
      staticMisfit(this.#need, at.place) ?? reservation(this.#scene.document, this.#need.family, host) ?? elsewhere;
    if (why !== null) {
      this.refusals.refuse(what.id, why);
      return;
    }
    const wishes = sumOf(this.#need, at.place.attributes);
    const entry: Entry = { ...what, wishes, cost: 0 };
    entry.cost = this.#costOf(entry);
    this.refusals.fit(what.id);
    this.#groupOf(at).entries.push(entry);
  }

  #groupOf(at: Pick<Site, 'place' | 'hostKey'>): Group {
    const key = this.#level === null ? '' : locationOf(at, this.#level);
    const group = this.#groups.get(key) ?? { entries: new Heap<Entry>(isCheaper), nodes: 0 };
    this.#groups.set(key, group);
    return group;
  }

  #count(site: Site): void {
    this.#onHost.set(site.hostKey, (this.#onHost.get(site.hostKey) ?? 0) + 1);
    if (this.#level !== null) this.#groupOf(site).nodes += 1;
  }

  #costOf(entry: Entry): number {
    const { site, stock, wishes } = entry;
    const asked = this.#spreadCost(site) - wishes;
    const at = site ?? (stock === null ? null : { place: stock.offer, hostKey: stock.offer.id });
    if (this.#near === null || at === null) return asked + this.#besides(site);
    return asked * askedUnit + this.#near.distance(at) * nearUnit + this.#besides(site);
  }

  #spreadCost(site: Site | null): number {
    const { spread, consolidate } = this.#need.rules;
    if (site === null || consolidate === 'host' || spread?.over !== 'host') return 0;
    return (this.#onHost.get(site.hostKey) ?? 0) * groupPoints;
  }

  /** Nodes that are there already. */
  #besides(site: Site | null): number {
    const { spread, consolidate } = this.#need.rules;
    if (site === null || consolidate === 'host') return 0;
    const mine = this.#onHost.get(site.hostKey) ?? 0;
    const own = spread?.over === 'host' ? 0 : mine * hostPoints;
    return own + Math.max(0, site.host.nodes - mine);
  }

  /** The cheapest seat there is, taken; null when no site is left. */
  #next(): Seat | null {
    for (;;) {
      const group = this.#cheapestGroup();
      const entry = group?.entries.pop();
      if (group === undefined || entry === undefined) return null;
      const cost = this.#costOf(entry);
      if (cost !== entry.cost) {
        // another node has come to its host since: it takes its new place in the row
        entry.cost = cost;
        group.entries.push(entry);
        continue;
      }
      const seat = this.#take(entry, group, cost + this.#groupCost(group));
      if (seat !== null) return seat;
    }
  }

  #cheapestGroup(): Group | undefined {
    let best: { group: Group; cost: number; first: Entry } | undefined;
    for (const group of this.#groups.values()) {
      const first = group.entries.peek();
      if (first === undefined) continue;
      const cost = first.cost + this.#groupCost(group);
      if (best === undefined || cost < best.cost || (cost === best.cost && isCheaper(first, best.first)))
        best = { group, cost, first };
    }
    return best?.group;
  }

  #groupCost(group: Group): number {
    if (this.#level === null) return 0;
    const unit = this.#near === null ? groupPoints : groupPoints * askedUnit;
    if (this.#need.rules.consolidate === undefined) return group.nodes * unit;
    return group.nodes > 0 ? 0 : unit;
  }

  #take(entry: Entry, group: Group, cost: number): Seat | null {
    const site = entry.site ?? openSite(this.#scene, entry.stock as Stock);
    const why = this.#misfit(site);
    const port = why === null ? site.host.freePort(site.domain) : undefined;
    if (port === undefined) {
      // a stock's machines are alike: if one cannot serve, none can
      this.refusals.refuse(entry.id, why ?? trap('no port of its range is free'));
      return null;
    }
    const words = `${this.#words(site, entry)}; ${this.#nextBest(cost)}`;
    this.#settle(site, port);
    if (entry.stock !== null) this.#restock(entry, site, group);
    else this.#reenter(entry, group);
    return { site, port, why: words };
  }

  #misfit(site: Site): Misfit | null {
    return this.#rules.misfit(site) ?? this.#promised(site) ?? this.#limited(site);
  }

  /** The best of what is left beside a seat of that cost. What turns out to be unfit on the way stays so. */
  #nextBest(cost: number): string {
    for (;;) {
      const group = this.#cheapestGroup();
      const first = group?.entries.peek();
      if (group === undefined || first === undefined) return 'no other offer would do';
      const now = this.#costOf(first);
      const why = first.site === null ? null : this.#misfit(first.site);
      if (now === first.cost && why === null) {
        return `next best ${first.id}, ${this.#worse(now + this.#groupCost(group) - cost)}`;
      }
      group.entries.pop();
      first.cost = now;
      if (why === null) group.entries.push(first);
      else this.refusals.refuse(first.id, why);
    }
  }

  #worse(difference: number): string {
    const asked = this.#near === null ? 0 : Math.round(difference / askedUnit);
    const far = this.#near === null ? 0 : Math.round((difference - asked * askedUnit) / nearUnit);
    if (asked === 0 && far > 0) return 'farther from where it was';
    const points = asked === 0 ? difference - far * nearUnit : asked;
    return points === 0 ? 'as good' : `${points} ${points === 1 ? 'point' : 'points'} worse`;
  }

  #restock(entry: Entry, site: Site, group: Group): void {
    this.#shared.opened.push(site);
    const stock = entry.stock as Stock;
    stock.remaining -= 1;
    stock.opened += 1;
    if (stock.remaining > 0) group.entries.push(entry);
    this.#reenter({ site, stock: null, id: site.offer, wishes: entry.wishes, cost: 0 }, group);
  }

  #reenter(entry: Entry, group: Group): void {
    entry.cost = this.#costOf(entry);
    group.entries.push(entry);
  }

  /** Whether other nodes have what one more would take. */
  #promised({ host, place: at }: Site): Misfit | null {
    for (const [attribute, amount] of this.#need.uses)
      if ((host.used.get(attribute) ?? 0) + amount > roomOf(at, attribute) * (1 + 1e-12))
        return trap(`its ${attribute} is promised to other nodes`);
    return null;
  }

  #limited(site: Site): Misfit | null {
    const limit = this.#shared.ledger.broken(this.#need, site);
    return limit === null ? null : trap(`${limit.words} (${limit.path})`);
  }

  #settle(site: Site, port: number): void {
    site.host.ports.add(port);
    site.host.take(this.#need.uses);
    this.#shared.ledger.take(this.#need, site);
    site.host.nodes += 1;
    this.#count(site);
    this.#near?.settle(site);
    this.#rules.settled(site);
    const { family } = this.#need;
    settle(this.#shared.settled, family, site);
  }

  #words(site: Site, { wishes }: Entry): string {
    const mine = this.#onHost.get(site.hostKey) ?? 0;
    const { consolidate, spread } = this.#need.rules;
    const rule =
      consolidate !== undefined
        ? `consolidated by ${consolidate}`
        : spread !== undefined && spread.over !== 'host'
          ? `spread over ${spread.over}`
          : mine === 0
            ? `no ${this.#need.family} node there yet`
            : `${mine} ${this.#need.family} node${mine > 1 ? 's' : ''} there`;
    const near = this.#near === null ? [] : [this.#near.words(site)];
    return [rule, ...near, ...(wishes === 0 ? [] : [`preferred by ${wishes}`])].join(', ');
  }
}

/** A machine that the plan would acquire from a stock, not yet counted off it. */
export function openSite({ board, seed }: Pick<Scene, 'board' | 'seed'>, { offer, domain, opened }: Stock): Site {
  const token = idFrom('m', seed, [offer.id, String(opened)]);
  const host = board.hostOf(offer, token, offer.id);
  return { token, offer: offer.id, place: offer, domain, fresh: true, closed: null, ...host };
}

function settle(settled: Map<string, Site[]>, family: string, site: Site): void {
  const sites = settled.get(family);
  if (sites === undefined) settled.set(family, [site]);
  else sites.push(site);
}

function sumOf(need: Need, attributes: Site['place']['attributes']): number {
  const rank = need.ordered.findIndex(({ demand }) => holds(demand, attributes));
  const order = rank < 0 ? 0 : orderPoints * (need.ordered.length - rank - 1);
  return need.wishes.reduce((sum, { weight, demand }) => sum + (holds(demand, attributes) ? weight : 0), order);
}

/** Cheaper first; among equals machines that are there, then by name. */
function isCheaper(one: Entry, other: Entry): boolean {
  if (one.cost !== other.cost) return one.cost < other.cost;
  const [fresh, otherFresh] = [one.stock !== null, other.stock !== null];
  if (fresh !== otherFresh) return otherFresh;
  if (one.id !== other.id) return one.id < other.id;
  return (one.site?.token ?? '') < (other.site?.token ?? '');
}
