/**
 * Moves that were begun: a node on record as going to another machine goes there, as soon as there is room beside
 * everything that is there still and no rule speaks against it on the way. Until then it stays where it is.
 */
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Node } from '../model/node.ts';
import type { Concerned, Difference } from './diff.ts';
import type { Need } from './need.ts';
import type { Board, Site } from './place/board.ts';
import type { Seat } from './place/place.ts';
import { hardRulesOf, reservation, roomOf, staticMisfit } from './place/rules.ts';

/** What moves are booked with. */
export interface MoveScene {
  readonly document: BlueprintDocument;
  readonly needs: ReadonlyMap<string, Need>;
  board(): Board;
  /** every node of the blueprint that runs, wherever it is to go */
  readonly nodes: readonly Node[];
}

/** The moves that can be made now. */
export interface Booked {
  /** those that move come first among the displaced, those that must wait are among those that stay */
  readonly differences: readonly Difference[];
  readonly seats: ReadonlyMap<string, readonly Seat[]>;
  /** the nodes as if they were there already */
  readonly arrived: readonly Node[];
}

/** Books the moves of all families, one after another. Changes the scene's board. */
export function bookMoves(differences: readonly Difference[], scene: MoveScene): Booked {
  const isNone = differences.every(({ displaced }) => displaced.every(({ node }) => node.move === undefined));
  if (isNone) return { differences, seats: new Map(), arrived: [] };
  const booking = new Booking(scene);
  const settled = differences.map((difference): Difference => {
    const need = scene.needs.get(difference.family);
    const [moving, waiting]: [Concerned[], Concerned[]] = [[], []];
    const others = difference.displaced.filter((one) => {
      const { move } = one.node;
      const isBegun = need !== undefined && move !== undefined && booking.board.sites.has(move.machine);
      if (isBegun && booking.book(need, one.node)) moving.push(one);
      else if (isBegun && one.why === move.why) waiting.push(one);
      else return true;
      return false;
    });
    const stay = [...difference.stay, ...waiting.map(({ node }) => node)].sort((a, b) => a.ordinal - b.ordinal);
    return { ...difference, stay, displaced: [...moving, ...others] };
  });
  return { differences: settled, seats: booking.seats, arrived: booking.arrived };
}

/** Takes on another board what the seats take. */
export function takeSeats(board: Board, seats: Booked['seats'], needs: ReadonlyMap<string, Need>): Board {
  for (const [family, mine] of seats)
    for (const seat of mine) {
      const uses = needs.get(family)?.uses ?? [];
      occupy(board.hostOf(seat.site.place, seat.site.token, seat.site.offer).host, seat.port, uses);
    }
  return board;
}

function occupy(host: Site['host'], port: number, uses: Iterable<readonly [string, number]>): void {
  host.ports.add(port);
  host.take(uses);
  host.nodes += 1;
}

/** Books one move after another on one board. */
export class Booking {
  readonly seats = new Map<string, Seat[]>();
  readonly arrived: Node[] = [];
  readonly board: Board;
  readonly #scene: MoveScene;
  /** by node id: its family and where it is */
  readonly #places = new Map<string, { readonly family: string; readonly site: Site }>();

  constructor(scene: MoveScene) {
    this.#scene = scene;
    this.board = scene.board();
    for (const node of scene.nodes) this.#settle(node, this.board.sites.get(node.placement.machine));
  }

  /** Whether the node can go to the machine that its move names; if so, its seat is taken. */
  book(need: Need, node: Node): boolean {
    const site = this.board.sites.get(node.move?.machine ?? '');
    if (site === undefined || !this.#fits(need, node, site)) return false;
    const port = site.host.freePort(site.domain);
    if (port === undefined) return false;
    occupy(site.host, port, need.uses);
    const mine = this.seats.get(need.family) ?? [];
    this.seats.set(need.family, [...mine, { site, port, why: 'where its move takes it' }]);
    const { token: machine, domain, place } = site;
    const there = { ...node, placement: { ...node.placement, machine, domain: domain.name, provider: place.provider } };
    this.arrived.push(there);
    this.#settle({ ...there, id: `${node.id} moved` }, site);
    return true;
  }

  /** The node has gone from where it was. */
  leave(need: Need, node: Node): void {
    const site = this.#places.get(node.id)?.site;
    this.#places.delete(node.id);
    site?.host.take([...need.uses].map(([attribute, amount]) => [attribute, -amount] as const));
  }

  #settle(node: Node, site: Site | undefined): void {
    if (site !== undefined) this.#places.set(node.id, { family: node.family, site });
  }

  #fits(need: Need, node: Node, site: Site): boolean {
    if (site.closed !== null) return false;
    const { host, place: at } = site;
    // what the place is may have changed since the move was planned: a node that came would have to go again
    if ((staticMisfit(need, at) ?? reservation(this.#scene.document, need.family, site)) !== null) return false;
    for (const [attribute, amount] of need.uses)
      if ((host.used.get(attribute) ?? 0) + amount > roomOf(at, attribute) * (1 + 1e-12)) return false;
    const settled = new Map<string, Site[]>();
    for (const [id, there] of this.#places) {
      const others = settled.get(there.family) ?? [];
      if (id !== node.id) others.push(there.site);
      settled.set(there.family, others);
    }
    return hardRulesOf(need, this.#scene.document, settled).misfit(site) === null;
  }
}
