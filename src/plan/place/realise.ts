/** From loads back to seats: which machine and which port each node gets. */
import type { PlaceRules } from '../../model/family.ts';
import { locationOf } from './board.ts';
import type { Site } from './board.ts';
import { openSite } from './place.ts';
import type { Scene, Seat } from './place.ts';
import { nearnessWords } from './nearness.ts';
import { NextBest } from './next-best.ts';
import type { Certainty, Kind, Load, Problem } from './problem.ts';

/** Seats by family. Takes from the scene's board what the seats take. */
export function realise(
  loads: readonly Load[],
  problem: Problem,
  scene: Pick<Scene, 'board' | 'seed'>,
  certainty: Certainty,
): ReadonlyMap<string, readonly Seat[]> {
  const seats = new Map<string, Seat[]>();
  const next = new Map<Load['bin'], Generator<Site, undefined>>();
  const { kinds } = problem;
  const nextBest = new NextBest(problem);
  for (const load of loads) {
    const sites = next.get(load.bin) ?? sitesOf(load, scene);
    next.set(load.bin, sites);
    for (let nth = 0; nth < load.times; nth++) {
      const site = sites.next().value;
      if (site !== undefined) seat({ site, load, kinds, certainty, nextBest }, seats);
    }
  }
  return seats;
}

/** The machines of a bin, one after another; those of an offer are opened as they come. */
function* sitesOf({ bin }: Load, scene: Pick<Scene, 'board' | 'seed'>): Generator<Site, undefined> {
  for (const { site, stock: sold } of bin.members) {
    if (site !== null) yield site;
    const stock = scene.board.stocks.find(({ offer }) => offer === sold?.offer);
    if (stock !== undefined)
      while (stock.remaining > 0) {
        const opened = openSite(scene, stock);
        stock.remaining -= 1;
        stock.opened += 1;
        yield opened;
      }
  }
  return undefined;
}

interface Filling {
  readonly site: Site;
  readonly load: Load;
  readonly kinds: readonly Kind[];
  readonly certainty: Certainty;
  readonly nextBest: NextBest;
}

function seat(filling: Filling, seats: Map<string, Seat[]>): void {
  const { site, load, kinds } = filling;
  load.nodes.forEach((count, kind) => {
    const need = kinds[kind]?.need;
    if (need === undefined || count === 0) return;
    const words = once(() => wordsOf(filling, kind));
    for (let nth = 0; nth < count; nth++) {
      const port = site.host.freePort(site.domain);
      if (port === undefined) return;
      site.host.ports.add(port);
      site.host.take(need.uses);
      site.host.nodes += 1;
      const taken = seats.get(need.family) ?? [];
      taken.push(new WordySeat({ site, port, words }));
      seats.set(need.family, taken);
    }
  });
}

/** A seat whose reason is put into words only when somebody asks. */
class WordySeat implements Seat {
  readonly site: Site;
  readonly port: number;
  readonly #words: () => string;

  constructor({ site, port, words }: { site: Site; port: number; words: () => string }) {
    this.site = site;
    this.port = port;
    this.#words = words;
  }

  get why(): string {
    return this.#words();
  }
}

function once(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}

/** Why the node is there, from what the best placement had to weigh. */
function wordsOf({ site, load, kinds, certainty, nextBest }: Filling, kind: number): string {
  const { bin, nodes } = load;
  const rules: PlaceRules = kinds[kind]?.need.rules ?? {};
  const wish = (bin.wishes[kind] ?? []).reduce((sum, value) => sum + value, 0);
  const others = nodes.flatMap((count, other) =>
    count > 0 && other !== kind ? [`${count} ${kinds[other]?.need.family ?? ''}`] : [],
  );
  const price = site.place.pricePerHour;
  const near = nearnessWords(kinds[kind]?.former, bin.location);
  const reasons = [
    certainty.proved ? 'part of the best placement' : 'part of the best placement that was found',
    ...(rules.spread === undefined ? [] : [`spread over ${rules.spread.over}: ${locationOf(site, rules.spread.over)}`]),
    ...(rules.consolidate === undefined ? [] : [`consolidated by ${rules.consolidate}`]),
    ...(wish === 0 ? [] : [`preferred by ${wish}`]),
    ...(near === null ? [] : [near]),
    ...(price === null ? [] : [`${price} an hour`]),
    ...(others.length === 0 ? [] : [`shared with ${others.join(', ')}`]),
  ];
  return `${reasons.join(', ')}; ${nextBest.words(load)}`;
}
