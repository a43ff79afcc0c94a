/** From orders and a board to a problem: equal hosts become one bin, words become numbers. */
import { objectives } from '../../model/blueprint.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import type { Domain } from '../../model/domain.ts';
import { networksConnect } from '../../model/reach.ts';
import type { Need } from '../need.ts';
import { Appraiser } from './appraisal.ts';
import type { Board, Site, Stock } from './board.ts';
import type { Order, Scene } from './place.ts';
import { limitsOf } from './limits.ts';
import type { Refusals } from './refusals.ts';
import { isNamed } from './rules.ts';
import type { Aim, Appraisal, Bin, Kind, Problem } from './problem.ts';

/** What a problem is made of. */
export interface Sketch {
  readonly document: BlueprintDocument;
  /** all families: those without nodes to place are there for their nodes that stay */
  readonly orders: readonly Order[];
  readonly scene: Scene;
  /** by family: where it is told why places do not do */
  readonly refusals?: ReadonlyMap<string, Refusals>;
}

/** The problem; null where hosts are shared in a way that it cannot say: one machine in two domains. */
export function compile({ document, orders, scene, refusals = new Map() }: Sketch): Problem | null {
  const dimensions = dimensionsOf(orders.map(({ need }) => need));
  const kinds = orders.map(({ need, count }): Kind => {
    const former = scene.former?.get(need.family);
    const use = dimensions.map((dimension) => useOf(need, dimension));
    return { need, count, use, ...(former === undefined ? {} : { former }) };
  });
  const open = openIn(scene.board);
  if (open === null) return null;
  const priorities = prioritiesOf(orders.map(({ need }) => need));
  const appraiser = new Appraiser({ document, kinds, dimensions, priorities, scene });
  const appraisals = [
    ...open.sites.map((site) => appraiser.site(site)),
    ...open.stocks.map((stock) => appraiser.stock(stock)),
  ];
  for (const [kind, { need }] of kinds.entries())
    refusals.get(need.family)?.later((told) => tell(told, appraisals, kind));
  return {
    kinds,
    bins: merged(
      appraisals,
      orders.reduce((sum, { count }) => sum + count, 0),
    ),
    severed: severedAmong([...open.sites, ...open.stocks]),
    pinnedNowhere: orders.some((order) => isPinnedNowhere(order, scene, open)),
    limits: limitsOf(
      document,
      scene,
      kinds.map(({ need }) => need),
    ),
    objectives: aimsOf(document, scene),
    priorities: priorities.length,
  };
}

/**
 * What counts, in its order. What the blueprint says itself comes first; where it says nothing, nodes whose machine was
 * refused or lost rather stay near where they were than cost less.
 */
function aimsOf({ optimise }: BlueprintDocument, { aims, former }: Scene): readonly Aim[] {
  const own = aims ?? optimise ?? objectives;
  if (former === undefined) return own;
  if (own !== objectives) return [...own, 'nearness'];
  return objectives.flatMap((one): Aim[] => (one === 'cost' ? ['nearness', one] : [one]));
}

/** Names of two domains each that do not reach each other. */
function severedAmong(places: readonly { readonly domain: Domain }[]): (readonly [string, string])[] {
  const byName = new Map<string, Domain>();
  for (const { domain } of places) if (!byName.has(domain.name)) byName.set(domain.name, domain);
  const domains = [...byName.values()];
  return domains.flatMap((one, at) =>
    domains
      .slice(at + 1)
      .filter((other) => !networksConnect(one.definition, other.definition))
      .map((other) => [one.name, other.name] as const),
  );
}

/** Ports first; then every attribute of which some node takes some. */
function dimensionsOf(needs: readonly Need[]): string[] {
  return ['ports', ...new Set(needs.flatMap(({ uses }) => [...uses.keys()]))];
}

function useOf(need: Need, dimension: string): number {
  return dimension === 'ports' ? 1 : (need.uses.get(dimension) ?? 0);
}

interface Open {
  readonly sites: readonly Site[];
  readonly stocks: readonly Stock[];
}

/** Whether a host to which the family is pinned neither is open nor has one of its nodes already. */
function isPinnedNowhere({ need, count }: Order, { board, staying }: Scene, { sites, stocks }: Open): boolean {
  const pinned = count === 0 ? [] : (need.rules.pinned ?? []);
  const there = staying.flatMap(({ family, placement }) => {
    const site = family === need.family ? board.sites.get(placement.machine) : undefined;
    return site === undefined ? [] : [site];
  });
  return pinned.some(
    (name) =>
      ![...sites, ...there].some(({ offer, hostKey }) => isNamed(name, offer, hostKey)) &&
      !stocks.some(({ offer }) => isNamed(name, offer.id, String(offer.attributes['host'] ?? offer.id))),
  );
}

/** Every place that is open; null when two of them are one host. */
function openIn({ sites, stocks }: Board): Open | null {
  const open = [...sites.values()].filter((site) => site.closed === null);
  const hosts = new Set(open.map(({ hostKey }) => hostKey));
  if (hosts.size < open.length) return null;
  for (const { offer } of stocks) {
    const name = offer.attributes['host'];
    if (name === undefined) continue;
    if (hosts.has(String(name))) return null;
    hosts.add(String(name));
  }
  return { sites: open, stocks: stocks.filter(({ remaining }) => remaining > 0) };
}

function tell(told: Refusals, appraisals: readonly Appraisal[], kind: number): void {
  const fits: string[] = [];
  for (const { bin, misfits } of appraisals) {
    const member = bin.members[0];
    const id = member?.site?.offer ?? member?.stock?.offer.id ?? '';
    const why = misfits[kind] ?? null;
    if (why === null) fits.push(id);
    else told.refuse(id, why);
  }
  told.fitAll(fits);
}

/** The priorities of wishes that there are, the most important first; 0 is that of `ordered`. */
function prioritiesOf(needs: readonly Need[]): number[] {
  const found = needs.flatMap(({ wishes, ordered }) => [
    ...(ordered.length > 0 ? [0] : []),
    ...wishes.map(({ priority }) => priority),
  ]);
  return [...new Set(found)].sort((a, b) => a - b);
}

/** Equal places as one bin. Places that are hosts of their own for some rule stay apart. */
function merged(appraisals: readonly Appraisal[], total: number): Bin[] {
  const bins: Bin[] = [];
  const others: Bin[] = [];
  // of offers without an end one is as good as several: only what can run out is counted together
  for (const { bin } of appraisals) (bin.fresh && bin.copies >= total ? bins : others).push(bin);
  for (const group of Map.groupBy(others, keyOf).values()) {
    const [first] = group as [Bin];
    const members = group.flatMap((bin) => bin.members);
    const copies = group.reduce((sum, bin) => sum + bin.copies, 0);
    bins.push(group.length === 1 ? first : { ...first, members, copies });
  }
  return bins;
}

function keyOf(bin: Bin): string {
  const { location, room, allowed, wishes, price, here, had, place: at } = bin;
  const isOwn = [...here, ...had].some((count) => count > 0) || bin.pinned.length > 0 || bin.isolated;
  const own = [location.zone, bin.domain, isOwn ? location.host : ''];
  return [...own, bin.fresh, price, at.pricePerHour, at.capacity.cores, room, allowed, wishes].join('|');
}
