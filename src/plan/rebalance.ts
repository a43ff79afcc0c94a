/**
 * Rebalancing: everything that runs is placed anew, as if the blueprint were applied to an empty world, and of all
 * placements that are as good the one with the fewest moves is taken. Only what is proved to be better moves anything;
 * where the way there is not open (a node would need the room that only the other gives up) nothing does.
 */
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { LocationLevel } from '../model/family.ts';
import type { Node } from '../model/node.ts';
import type { Gain, RebalanceRequest } from '../model/plan.ts';
import { bestAttempt, leaversOf, missing, ordersOf } from './attempt.ts';
import type { Attempt, Question } from './attempt.ts';
import type { Difference } from './diff.ts';
import { gainOf } from './gain.ts';
import { Booking } from './moves.ts';
import { needsOf } from './need.ts';
import { boardOf } from './place/board.ts';
import type { Board, Site } from './place/board.ts';
import { asksForBest } from './place/place-exactly.ts';
import { placeExactly } from './place/place-all.ts';
import type { Placing, Seat } from './place/place.ts';
import type { Aim } from './place/problem.ts';

/** A way to meet the blueprint, and what it would be worth. */
export interface Rebalanced {
  readonly attempt: Attempt;
  readonly gain: Gain | null;
  /** why nothing is rebalanced; null when it is, or need not be */
  readonly why: string | null;
}

/** The reason that each move gives. */
const reason = 'rebalancing';

/** The best placement of everything, with the moves that lead there. */
export function rebalanced(question: Question, request: RebalanceRequest): Rebalanced {
  const present = bestAttempt(question);
  const nothing = (why: string | null): Rebalanced => ({ attempt: present, gain: null, why });
  if (missing(present) > 0) return nothing('nothing is rebalanced while nodes have no place');
  const fresh = freshPlacing(question, present, request);
  if (fresh === null) return nothing('nothing is rebalanced: no better placement was found');
  if (fresh.certainty?.proved !== true)
    return nothing('nothing is rebalanced: what was found is not proved to be better');
  const attempt = movedTo(present, fresh);
  if (attempt === null) return nothing('nothing is rebalanced: some machine has no port left for a move');
  const moves = movesOf(attempt);
  if (moves.length === 0) return nothing(null);
  if (!isOpenWay(question.document, attempt, moves))
    return nothing(
      'nothing is rebalanced: nodes would have to change places, and there is no room to do so one by one',
    );
  return { attempt, gain: gainOf(present, attempt), why: null };
}

/** Nodes that may go elsewhere: they run on a machine that answers. */
function movableIn({ differences, board, needs }: Attempt): Node[] {
  const { sites } = board();
  const isMovable = ({ family, desired, state, placement }: Node) =>
    desired === 'running' &&
    state.phase === 'running' &&
    sites.get(placement.machine)?.closed === null &&
    needs.get(family)?.release !== undefined;
  return differences.flatMap(({ stay }) => stay.filter(isMovable));
}

function freshPlacing(question: Question, present: Attempt, request: RebalanceRequest): Placing | null {
  const { facts, seed, solve } = question;
  const document = aimedAt(question.document, request.consolidate);
  const anew = movableIn(present);
  const ids = new Set(anew.map(({ id }) => id));
  const differences = present.differences.map((difference): Difference => {
    const stay = difference.stay.filter(({ id }) => !ids.has(id));
    return { ...difference, stay, lacking: difference.lacking + difference.stay.length - stay.length };
  });
  const needs = needsOf(document, facts.releases);
  const orders = ordersOf(document, needs, differences);
  const others = facts.nodes.filter(({ id }) => !ids.has(id));
  const board = boardOf({ ...facts, nodes: others }, present.domains, leaversOf(present.differences));
  const staying = differences.flatMap(({ stay }) => stay);
  const aims = aimsOf(document, asksForBest(document, orders), request.consolidate);
  return placeExactly(orders, { board, staying, document, seed, confined: new Map(), anew, aims }, solve);
}

/** The blueprint as if all families asked to be on few of those. */
function aimedAt(document: BlueprintDocument, consolidate: LocationLevel | undefined): BlueprintDocument {
  if (consolidate === undefined) return document;
  const families = Object.entries(document.families).map(([name, family]) => {
    const { spread: _, ...place } = family.place ?? {};
    return [name, { ...family, place: { ...place, consolidate } }] as const;
  });
  return { ...document, families: Object.fromEntries(families) };
}

function aimsOf(document: BlueprintDocument, isAsked: boolean, consolidate: LocationLevel | undefined): readonly Aim[] {
  const own: readonly Aim[] = isAsked
    ? (document.optimise ?? ['spread', 'consolidate', 'prefer', 'cost'])
    : ['spread', 'consolidate', 'balance'];
  return consolidate === undefined ? own : ['consolidate', ...own.filter((one) => one !== 'consolidate')];
}

/** The present attempt with seats for those that leave; nodes that have a seat where they are stay. Null without ports. */
function movedTo(present: Attempt, { seats, certainty }: Placing): Attempt | null {
  const board = present.board();
  const taken = new Map<string, Seat[]>();
  const differences = present.differences.map((difference): Difference => {
    const left = [...(seats.get(difference.family) ?? [])];
    const [stay, moved]: [Node[], Node[]] = [[], []];
    for (const node of difference.stay) {
      const at = left.findIndex(({ site }) => site.token === node.placement.machine);
      if (at >= 0) left.splice(at, 1);
      const isMovable = node.desired === 'running' && node.state.phase === 'running';
      (at >= 0 || !isMovable ? stay : moved).push(node);
    }
    taken.set(difference.family, left);
    const leaving = moved.map((node) => ({ node, why: reason }));
    return { ...difference, stay, displaced: [...leaving, ...difference.displaced] };
  });
  const reseated = new Map([...taken].map(([family, own]) => [family, reseat(board, own)]));
  if ([...reseated.values()].some((own) => own === null)) return null;
  const final = new Map([...reseated].map(([family, own]) => [family, own ?? []]));
  const orders = present.orders.map(({ need }) => ({ need, count: final.get(need.family)?.length ?? 0 }));
  return { ...present, differences, orders, placing: { ...present.placing, seats: final, certainty } };
}

/** The seats on the board as it is: beside the nodes that are there still. */
function reseat(board: Board, seats: readonly Seat[]): Seat[] | null {
  const found: Seat[] = [];
  for (const seat of seats) {
    const { site } = seat;
    const here: Site = { ...site, ...board.hostOf(site.place, site.token, site.offer) };
    const port = here.host.freePort(here.domain);
    if (port === undefined) return null;
    here.host.ports.add(port);
    found.push({ site: here, port, why: seat.why });
  }
  return found;
}

interface Move {
  readonly node: Node;
  readonly seat: Seat;
}

function movesOf({ differences, placing }: Attempt): Move[] {
  return differences.flatMap(({ family, displaced }) =>
    displaced.flatMap(({ node, why }, at) => {
      const seat = placing.seats.get(family)?.[at];
      return why !== reason || seat === undefined ? [] : [{ node, seat }];
    }),
  );
}

/** Whether the moves can be made one after another, each beside all that have not moved yet. */
function isOpenWay(document: BlueprintDocument, attempt: Attempt, moves: readonly Move[]): boolean {
  const board = attempt.board();
  const fresh = moves
    .filter(({ seat }) => seat.site.fresh)
    .map(({ seat: { site } }): [string, Site] => {
      return [site.token, { ...site, ...board.hostOf(site.place, site.token, site.offer) }];
    });
  const { hostOf, stocks, faulty } = board;
  const all: Board = { hostOf, stocks, faulty, sites: new Map([...board.sites, ...fresh]) };
  const nodes = attempt.differences.flatMap(({ stay, displaced }) => [...stay, ...displaced.map(({ node }) => node)]);
  const booking = new Booking({ document, needs: attempt.needs, board: () => all, nodes });
  let waiting = [...moves];
  while (waiting.length > 0) {
    const later = waiting.filter(({ node, seat }) => {
      const need = attempt.needs.get(node.family);
      const move = { machine: seat.site.token, revision: 0, why: reason };
      if (need === undefined || !booking.book(need, { ...node, move })) return true;
      booking.leave(need, node);
      return false;
    });
    if (later.length === waiting.length) return false;
    waiting = later;
  }
  return true;
}
