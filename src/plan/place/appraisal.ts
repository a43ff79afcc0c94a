/**
 * Appraisal: what a place comes to for the families of a blueprint, as numbers. Made for every offer of every plan, so
 * what is the same for most of them (nothing there, nothing wished, nothing amiss) is one object for all.
 */
import type { BlueprintDocument } from '../../model/blueprint.ts';
import { domainPorts } from '../../model/domain.ts';
import type { Domain } from '../../model/domain.ts';
import type { LocationLevel } from '../../model/family.ts';
import { holds } from '../../model/holds.ts';
import type { Node } from '../../model/node.ts';
import type { Need } from '../need.ts';
import { isIsolated, locationOf } from './board.ts';
import type { Place, Site, Stock } from './board.ts';
import type { Scene, Spot } from './place.ts';
import { trap } from './refusals.ts';
import type { Misfit } from './refusals.ts';
import type { Appraisal, Bin, Kind } from './problem.ts';
import { isNamed, releaseMisfit, reservation, roomOf, staticMisfit } from './rules.ts';

/** Appraises the places of one problem. */
export class Appraiser {
  readonly #document: BlueprintDocument;
  readonly #kinds: readonly Kind[];
  readonly #dimensions: readonly string[];
  readonly #priorities: readonly number[];
  readonly #scene: Scene;
  /** no node of any kind: what is on a machine that is not there yet */
  readonly #none: readonly number[];
  readonly #noMisfits: readonly null[];
  readonly #allAllowed: readonly boolean[];
  readonly #noWishes: readonly (readonly number[])[];
  readonly #pinning: readonly Need[];
  /** neither reservations nor confinements */
  readonly #isPlain: boolean;

  constructor(sketch: {
    readonly document: BlueprintDocument;
    readonly kinds: readonly Kind[];
    readonly dimensions: readonly string[];
    readonly priorities: readonly number[];
    readonly scene: Scene;
  }) {
    const { document, kinds, dimensions, priorities, scene } = sketch;
    this.#document = document;
    this.#kinds = kinds;
    this.#dimensions = dimensions;
    this.#priorities = priorities;
    this.#scene = scene;
    this.#none = kinds.map(() => 0);
    this.#noMisfits = kinds.map(() => null);
    this.#allAllowed = kinds.map(() => true);
    this.#noWishes = kinds.map(() => []);
    this.#isPlain = document.reserved === undefined && scene.confined.size === 0;
    this.#pinning = kinds.flatMap(({ need }) => (need.rules.pinned === undefined ? [] : [need]));
  }

  /** A machine that is there. */
  site(site: Site): Appraisal {
    const { place, domain, hostKey, host, offer } = site;
    const spot = new Location(place, domain, hostKey);
    const whole = this.#whole(place);
    const misfits = this.#misfits(spot, offer, whole);
    const { anew } = this.#scene;
    const bin: Bin = {
      members: [{ site, stock: null }],
      place,
      copies: 1,
      // a machine that is there costs nothing more, unless it could be given back
      price: anew !== undefined && host.nodes === 0 ? (place.pricePerHour ?? 0) : 0,
      fresh: false,
      room: whole.map((all, at) =>
        at === 0 ? freePorts(domain, host.ports) : all - (host.used.get(this.#dimensions[at] ?? '') ?? 0),
      ),
      allowed: this.#allowed(misfits),
      wishes: this.#wishes(place),
      here: this.#countsOn(site, this.#scene.staying),
      had: this.#countsOn(site, anew ?? []),
      location: spot,
      domain: domain.name,
      isolated: isIsolated(place),
      pinned: this.#pinned(offer, hostKey),
    };
    return { bin, misfits };
  }

  /** An offer: looked at only once, although its machines come to be other ones in every way that is tried. */
  stock(stock: Stock): Appraisal {
    const { appraised } = this.#scene;
    const known = appraised?.get(stock.offer);
    if (known !== undefined)
      return known.bin.copies === stock.remaining
        ? known
        : { ...known, bin: { ...known.bin, copies: stock.remaining } };
    const fresh = this.#freshStock(stock);
    appraised?.set(stock.offer, fresh);
    return fresh;
  }

  #freshStock(stock: Stock): Appraisal {
    const { offer, domain, remaining } = stock;
    const host = offer.attributes['host'];
    const spot = new Location(offer, domain, host === undefined ? offer.id : String(host));
    const room = this.#whole(offer);
    const misfits = this.#misfits(spot, offer.id, room);
    room[0] = freePorts(domain, offer.listening);
    const bin: Bin = {
      members: [{ site: null, stock }],
      place: offer,
      copies: remaining,
      price: offer.pricePerHour ?? 0,
      fresh: true,
      room,
      allowed: this.#allowed(misfits),
      wishes: this.#wishes(offer),
      here: this.#none,
      had: this.#none,
      location: spot,
      domain: domain.name,
      isolated: isIsolated(offer),
      pinned: this.#pinned(offer.id, spot.hostKey),
    };
    return { bin, misfits };
  }

  #allowed(misfits: Appraisal['misfits']): readonly boolean[] {
    return misfits === this.#noMisfits ? this.#allAllowed : misfits.map((why) => why === null);
  }

  #wishes(place: Place): Bin['wishes'] {
    if (this.#priorities.length === 0) return this.#noWishes;
    return this.#kinds.map(({ need }) => this.#priorities.map((priority) => wishOf(need, place, priority)));
  }

  #pinned(offer: string, hostKey: string): readonly string[] {
    if (this.#pinning.length === 0) return noFamilies;
    return this.#pinning
      .filter(({ rules }) => rules.pinned?.some((name) => isNamed(name, offer, hostKey)))
      .map(({ family }) => family);
  }

  /** What the place has of each dimension, whatever is taken of it; of ports nothing is known here. */
  #whole(place: Place): number[] {
    return this.#dimensions.map((dimension, at) => (at === 0 ? 0 : roomOf(place, dimension)));
  }

  #misfits(spot: Spot, offer: string, whole: readonly number[]): Appraisal['misfits'] {
    let found: (Misfit | null)[] | null = null;
    // most families of a blueprint run one release: it is held against the place once
    let [release, releaseWhy]: [Need['release'], string | null] = [undefined, null];
    for (let kind = 0; kind < this.#kinds.length; kind++) {
      const { need, use } = this.#kinds[kind] as Kind;
      if (need.release !== release) {
        release = need.release;
        releaseWhy = releaseMisfit(need, spot.place);
      }
      const isPlain = this.#isPlain && need.demands.length === 0 && releaseWhy === null && hasRoom(use, whole);
      const why = isPlain ? null : this.#misfit(need, spot, { offer, releaseWhy });
      if (why === null) continue;
      found ??= [...this.#noMisfits];
      found[kind] = why;
    }
    return found ?? this.#noMisfits;
  }

  #misfit(need: Need, spot: Spot, known: { readonly offer: string; readonly releaseWhy: string | null }) {
    return (
      reservation(this.#document, need.family, { offer: known.offer, hostKey: spot.hostKey }) ??
      staticMisfit(need, spot.place, known.releaseWhy) ??
      (this.#scene.confined.get(need.family)?.(spot) === false
        ? trap('its own or linked nodes fit elsewhere only')
        : null)
    );
  }

  /** How many of the nodes are on a site, by kind. */
  #countsOn(site: Site, nodes: readonly Node[]): readonly number[] {
    const there = nodes.filter(({ placement }) => placement.machine === site.token);
    return there.length === 0
      ? this.#none
      : this.#kinds.map(({ need }) => there.filter(({ family }) => family === need.family).length);
  }
}

const noFamilies: readonly string[] = [];

/** Whether the place has as much as one node uses; ports are for whoever counts them. */
function hasRoom(use: readonly number[], whole: readonly number[]): boolean {
  for (let at = 1; at < use.length; at++) if ((use[at] as number) > (whole[at] as number)) return false;
  return true;
}

/** A spot, and what it shares with others by level: put into words where a rule looks at it. */
class Location implements Spot, Readonly<Record<LocationLevel, string>> {
  readonly place: Place;
  readonly domain: Domain;
  readonly hostKey: string;
  #zone: string | null = null;
  #region: string | null = null;

  constructor(place: Place, domain: Domain, hostKey: string) {
    this.place = place;
    this.domain = domain;
    this.hostKey = hostKey;
  }

  get host(): string {
    return this.hostKey;
  }

  get zone(): string {
    return (this.#zone ??= locationOf(this, 'zone'));
  }

  get region(): string {
    return (this.#region ??= locationOf(this, 'region'));
  }

  get provider(): string {
    return this.place.provider;
  }
}

function freePorts({ definition }: Domain, taken: Iterable<number>): number {
  const [first, last] = domainPorts(definition);
  let free = last - first + 1;
  for (const port of taken) if (port >= first && port <= last) free -= 1;
  return free;
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
