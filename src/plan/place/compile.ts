/** From orders and a board to a problem: equal hosts become one bin, words become numbers. */
import { objectives } from '../../model/blueprint.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import { holds } from '../../model/holds.ts';
import type { Node } from '../../model/node.ts';
import { networksConnect } from '../../model/reach.ts';
import type { Need } from '../need.ts';
import { isIsolated, locationOf } from './board.ts';
import type { Board, Place, Site } from './board.ts';
import type { Order, Scene } from './place.ts';
import { limitsOf } from './limits.ts';
import { trap } from './refusals.ts';
import type { Refusals } from './refusals.ts';
import type { Appraisal, Bin, Kind, Member, Problem } from './problem.ts';
import { isNamed, reservation, roomOf, staticMisfit } from './rules.ts';

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
    return { need, count, use: dimensions.map((dimension) => useOf(need, dimension)) };
  });
  const members = membersOf(scene.board);
  if (members === null) return null;
  const priorities = prioritiesOf(orders.map(({ need }) => need));
  const draft: BinDraft = { document, kinds, dimensions, priorities, scene, none: kinds.map(() => 0) };
  const appraisals = members.map((member) => appraise(member, draft));
  for (const [kind, { need }] of kinds.entries())
    refusals.get(need.family)?.later((told) => tell(told, members, appraisals, kind));
  const bins = merged(
    appraisals.map(({ bin }) => bin),
    orders.reduce((sum, { count }) => sum + count, 0),
  );
  const domains = [
    ...new Map(members.map(({ site, stock }) => [(site ?? stock).domain.name, (site ?? stock).domain])).values(),
  ];
  const severed = domains.flatMap((one, at) =>
    domains
      .slice(at + 1)
      .filter((other) => !networksConnect(one.definition, other.definition))
      .map((other) => [one.name, other.name] as const),
  );
  return {
    kinds,
    bins,
    severed,
    limits: limitsOf(
      document,
      scene,
      kinds.map(({ need }) => need),
    ),
    objectives: scene.aims ?? document.optimise ?? objectives,
    priorities: priorities.length,
  };
}

/** Ports first; then every attribute of which some node takes some. */
function dimensionsOf(needs: readonly Need[]): string[] {
  return ['ports', ...new Set(needs.flatMap(({ uses }) => [...uses.keys()]))];
}

function useOf(need: Need, dimension: string): number {
  return dimension === 'ports' ? 1 : (need.uses.get(dimension) ?? 0);
}

/** Every place that is open; null when two of them are one host. */
function membersOf({ sites, stocks }: Board): Member[] | null {
  const open = [...sites.values()].filter((site) => site.closed === null);
  const hosts = new Set(open.map(({ hostKey }) => hostKey));
  if (hosts.size < open.length) return null;
  const named = stocks.filter(({ offer }) => offer.attributes['host'] !== undefined);
  const fresh = new Set(named.map(({ offer }) => String(offer.attributes['host'])));
  if (fresh.size < named.length || [...fresh].some((host) => hosts.has(host))) return null;
  return [
    ...open.map((site): Member => ({ site, stock: null })),
    ...stocks.filter(({ remaining }) => remaining > 0).map((stock): Member => ({ site: null, stock })),
  ];
}

interface BinDraft {
  readonly document: BlueprintDocument;
  readonly kinds: readonly Kind[];
  readonly dimensions: readonly string[];
  readonly priorities: readonly number[];
  readonly scene: Scene;
  /** no node of any kind: what is on a machine that is not there yet */
  readonly none: readonly number[];
}

function tell(told: Refusals, members: readonly Member[], appraisals: readonly Appraisal[], kind: number): void {
  for (const [at, { misfits }] of appraisals.entries()) {
    const id = members[at]?.site?.offer ?? members[at]?.stock?.offer.id ?? '';
    const why = misfits[kind] ?? null;
    if (why === null) told.fit(id);
    else told.refuse(id, why);
  }
}

/** Appraises a place; an offer only once, although its machines come to be other ones in every way that is tried. */
function appraise(member: Member, draft: BinDraft): Appraisal {
  const { appraised } = draft.scene;
  if (member.stock === null || appraised === undefined) return appraisalOf(member, draft);
  const known = appraised.get(member.stock.offer);
  if (known !== undefined)
    return { ...known, bin: { ...known.bin, members: [member], copies: member.stock.remaining } };
  const fresh = appraisalOf(member, draft);
  appraised.set(member.stock.offer, fresh);
  return fresh;
}

function appraisalOf(member: Member, draft: BinDraft): Appraisal {
  const { document, kinds, dimensions, priorities, scene } = draft;
  const { site, stock } = member;
  const { domain } = site ?? stock;
  const at: Place = site === null ? stock.offer : site.place;
  const hostKey = site?.hostKey ?? String(at.attributes['host'] ?? stock?.offer.id);
  const id = site?.offer ?? stock?.offer.id ?? '';
  const spot = { place: at, hostKey, domain };
  const host = site?.host;
  const misfits = kinds.map(
    ({ need }) =>
      reservation(document, need.family, { offer: id, hostKey }) ??
      staticMisfit(need, at) ??
      (scene.confined.get(need.family)?.(spot) === false ? trap('its own or linked nodes fit elsewhere only') : null),
  );
  const bin = {
    members: [member],
    place: at,
    copies: site === null ? stock.remaining : 1,
    // a machine that is there costs nothing more, unless it could be given back
    price: site === null || (scene.anew !== undefined && site.host.nodes === 0) ? (at.pricePerHour ?? 0) : 0,
    fresh: site === null,
    room: dimensions.map((dimension) =>
      dimension === 'ports'
        ? freePorts(spot.domain, host?.ports ?? stock?.offer.listening ?? [])
        : roomOf(at, dimension) - (host?.used.get(dimension) ?? 0),
    ),
    allowed: misfits.map((why) => why === null),
    wishes: kinds.map(({ need }) => priorities.map((priority) => wishOf(need, at, priority))),
    here: countsOn(site, scene.staying, draft),
    had: countsOn(site, scene.anew ?? [], draft),
    location: {
      host: locationOf(spot, 'host'),
      zone: locationOf(spot, 'zone'),
      region: locationOf(spot, 'region'),
      provider: locationOf(spot, 'provider'),
    },
    domain: domain.name,
    isolated: isIsolated(at),
    pinned: kinds.flatMap(({ need }) =>
      need.rules.pinned?.some((name) => isNamed(name, id, hostKey)) === true ? [need.family] : [],
    ),
  };
  return { bin, misfits };
}

/** How many of the nodes are on a site, by kind. */
function countsOn(site: Site | null, nodes: readonly Node[], { kinds, none }: BinDraft): readonly number[] {
  if (site === null) return none;
  const there = nodes.filter(({ placement }) => placement.machine === site.token);
  return there.length === 0
    ? none
    : kinds.map(({ need }) => there.filter(({ family }) => family === need.family).length);
}

function freePorts({ definition }: Site['domain'], taken: Iterable<number>): number {
  const [first = 9100, last = 9999] = definition.ports?.split('-').map(Number) ?? [];
  let free = last - first + 1;
  for (const port of taken) if (port >= first && port <= last) free -= 1;
  return free;
}

/** The priorities of wishes that there are, the most important first; 0 is that of `ordered`. */
function prioritiesOf(needs: readonly Need[]): number[] {
  const found = needs.flatMap(({ wishes, ordered }) => [
    ...(ordered.length > 0 ? [0] : []),
    ...wishes.map(({ priority }) => priority),
  ]);
  return [...new Set(found)].sort((a, b) => a - b);
}

function wishOf({ wishes, ordered }: Need, at: Place, priority: number): number {
  if (priority === 0) {
    const rank = ordered.findIndex(({ demand }) => holds(demand, at.attributes));
    return rank < 0 ? -ordered.length : -rank;
  }
  return wishes.reduce(
    (sum, { weight, demand, priority: own }) => sum + (own === priority && holds(demand, at.attributes) ? weight : 0),
    0,
  );
}

/** Equal places as one bin. Places that are hosts of their own for some rule stay apart. */
function merged(bins: readonly Bin[], total: number): Bin[] {
  // of offers without an end one is as good as several: only what can run out is counted together
  const [endless, others] = [true, false].map((is) => bins.filter((bin) => (bin.fresh && bin.copies >= total) === is));
  const groups = Map.groupBy(others ?? [], (bin) => keyOf(bin));
  const joined = [...groups.values()].map((group) => {
    const [first] = group as [Bin];
    if (group.length === 1) return first;
    return {
      ...first,
      members: group.flatMap(({ members }) => members),
      copies: group.reduce((sum, { copies }) => sum + copies, 0),
    };
  });
  return [...(endless ?? []), ...joined];
}

function keyOf(bin: Bin): string {
  const { location, room, allowed, wishes, price, here, had, place: at } = bin;
  const isOwn = [...here, ...had].some((count) => count > 0) || bin.pinned.length > 0 || bin.isolated;
  const own = [location.zone, bin.domain, isOwn ? location.host : ''];
  return [...own, bin.fresh, price, at.pricePerHour, at.capacity.cores, room, allowed, wishes].join('|');
}
