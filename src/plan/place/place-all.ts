/**
 * Placing again, where the first way led into a corner: nodes placed one by one may choose a first place beside which
 * the others do not fit (a network of its own, a host too small for all). Then families are confined to places that
 * can hold them together, and the way that places the most nodes is taken.
 */
import { locationLevels } from '../../model/family.ts';
import type { Domain } from '../../model/domain.ts';
import { networksConnect } from '../../model/reach.ts';
import { isIsolated, locationOf } from './board.ts';
import type { Board } from './board.ts';
import { place } from './place.ts';
import type { Confinement, Order, Placing, Scene, Seat, Spot } from './place.ts';
import { answerOf, asksForBest } from './place-exactly.ts';
import { compile } from './compile.ts';
import type { SolveProgram } from './problem.ts';
import { realise } from './realise.ts';
import { Refusals } from './refusals.ts';
import type { Need } from '../need.ts';
import { isNamed } from './rules.ts';

/** More ways than that are not tried. */
const mostWays = 64;

type Rest = Omit<Scene, 'board' | 'confined'>;

/**
 * Places all orders: one by one, and where the blueprint asks for the best, or not all found a place, by the exact
 * methods. `board` makes a fresh board for each way.
 */
export function placeAll(
  orders: readonly Order[],
  board: () => Board,
  rest: Rest & { readonly solve?: SolveProgram | undefined },
): Placing {
  const exactly = () => tryExactly(orders, { ...rest, board: board(), confined: new Map() }, rest.solve);
  const best = asksForBest(rest.document, orders) ? exactly() : null;
  if (best !== null && best.placing !== null) return best.placing;
  const oneByOne = placeOneByOne(orders, board, rest);
  if (placedIn(oneByOne) >= orders.reduce((sum, { count }) => sum + count, 0)) return audited(orders, oneByOne, rest);
  const { placing, undecided } = best ?? exactly();
  if (placing !== null) return placing;
  return { ...audited(orders, oneByOne, rest), ...(undecided === null ? {} : { undecided }) };
}

/** Places all orders by the exact methods; null when these do not know, or not all can be placed. */
export function placeExactly(orders: readonly Order[], scene: Scene, solve: SolveProgram | undefined): Placing | null {
  return tryExactly(orders, scene, solve).placing;
}

interface Tried {
  readonly placing: Placing | null;
  /** why a search that was begun came to no end; null where it did, or none was begun */
  readonly undecided: string | null;
}

function tryExactly(orders: readonly Order[], scene: Scene, solve: SolveProgram | undefined): Tried {
  const refusals = new Map(
    orders.flatMap(({ need, count }) => (count === 0 ? [] : [[need.family, new Refusals()] as const])),
  );
  const problem = compile({ document: scene.document, orders, scene, refusals });
  const answer = problem === null ? null : answerOf(problem, solve);
  if (problem === null || answer?.outcome !== 'placed') {
    const isOpen = answer?.outcome === 'unknown' && solve !== undefined;
    return { placing: null, undecided: isOpen ? answer.why : null };
  }
  const { loads, certainty } = answer;
  const seats = realise(loads, problem, scene, certainty);
  for (const { need } of orders) refuseFaulty(need, scene.board, refusals.get(need.family));
  return { placing: { seats, refusals, certainty }, undecided: null };
}

function refuseFaulty(need: Need, { faulty, sites }: Board, refusals: Refusals | undefined): void {
  for (const { offer, fault } of faulty) refusals?.faulty(offer.id, { need, attributes: offer.attributes }, fault);
  for (const { offer, place: at, closed } of sites.values())
    if (closed !== null) refusals?.faulty(offer, { need, attributes: at.attributes }, closed);
}

/**
 * Rules that placing one by one cannot keep while it goes, judged at its end: what breaks them has no place at all,
 * because some of it there would be something else than what was asked for.
 */
function audited(orders: readonly Order[], placing: Placing, { staying }: Rest): Placing {
  const seats = new Map(placing.seats);
  for (const { need } of orders) {
    const mine = seats.get(need.family) ?? [];
    const isStaying = staying.some(({ family }) => family === need.family);
    const why = isStaying || mine.length === 0 ? null : brokenRule(need, mine);
    if (why === null) continue;
    placing.refusals.get(need.family)?.note(why);
    seats.delete(need.family);
  }
  return { ...placing, seats };
}

function brokenRule({ rules: { least, pinned } }: Order['need'], seats: readonly Seat[]): string | null {
  for (const level of locationLevels) {
    const [wanted = 0, found] = [least?.[level], new Set(seats.map(({ site }) => locationOf(site, level))).size];
    if (found < wanted) return `at least ${wanted} ${level}s are asked for, nodes found places on ${found}`;
  }
  const missing = pinned?.find((name) => !seats.some(({ site }) => isNamed(name, site.offer, site.hostKey)));
  return missing === undefined ? null : `a node is pinned to ${missing}, which is no place for it`;
}

/** Places in the best of a few ways, one node after another. */
function placeOneByOne(orders: readonly Order[], board: () => Board, rest: Rest): Placing {
  let confined: ReadonlyMap<string, Confinement> = new Map();
  let best = place(orders, { ...rest, board: board(), confined });
  for (const names of trappedGroups(orders, best)) {
    for (const way of waysOf(orders, names, board())) {
      if (isComplete(orders, best, names)) break;
      const trial = new Map([...confined, ...names.map((name) => [name, way] as const)]);
      const found = place(orders, { ...rest, board: board(), confined: trial });
      if (placedIn(found) > placedIn(best)) [best, confined] = [found, trial];
    }
  }
  return best;
}

/** Families that came into a corner, each with those that it is linked with. */
function trappedGroups(orders: readonly Order[], placing: Placing): (readonly string[])[] {
  const trapped = orders.filter(({ need, count }) => {
    const placed = placing.seats.get(need.family)?.length ?? 0;
    return placed < count && placing.refusals.get(need.family)?.isTrap === true;
  });
  const groups = new Map(trapped.map(({ need }) => [need.component.name, need.component.families]));
  const alone = trapped.filter(({ need }) => need.rules.together !== undefined).map(({ need }) => [need.family]);
  return [...alone, ...groups.values()];
}

function isComplete(orders: readonly Order[], placing: Placing, names: readonly string[]): boolean {
  return orders.every(
    ({ need, count }) => !names.includes(need.family) || (placing.seats.get(need.family)?.length ?? 0) >= count,
  );
}

function placedIn({ seats }: Placing): number {
  return [...seats.values()].reduce((sum, { length }) => sum + length, 0);
}

/** Sets of places that can hold linked families: domains that all reach each other; one machine; one common location. */
function waysOf(orders: readonly Order[], names: readonly string[], board: Board): Confinement[] {
  const spots = spotsOf(board);
  const domains = [...new Map(spots.map(({ domain }) => [domain.name, domain])).values()];
  const networks = domains
    .map((domain) => connectedWith(domain, domains))
    .map(
      (members): Confinement =>
        (at) =>
          members.has(at.domain.name) && !isIsolated(at.place),
    );
  const alone = [...new Set(spots.filter(({ place: at }) => isIsolated(at)).map(({ hostKey }) => hostKey))];
  const levels = orders.flatMap(({ need }) =>
    names.includes(need.family) && need.rules.together !== undefined ? [need.rules.together] : [],
  );
  const common = [...new Set(levels)].flatMap((level) =>
    [...new Set(spots.map((spot) => locationOf(spot, level)))].map(
      (key): Confinement =>
        (at) =>
          locationOf(at, level) === key,
    ),
  );
  const machines = alone.map(
    (key): Confinement =>
      (at) =>
        at.hostKey === key,
  );
  return [...common, ...networks, ...machines].slice(0, mostWays);
}

function spotsOf({ sites, stocks }: Board): Spot[] {
  const fresh = stocks.map(({ offer, domain }) => ({
    place: offer,
    domain,
    hostKey: String(offer.attributes['host'] ?? offer.id),
  }));
  return [...sites.values()]
    .filter((site) => site.closed === null)
    .map((site): Spot => site)
    .concat(fresh);
}

/** The domain, and one after another those that reach all that are in already. */
function connectedWith(first: Domain, domains: readonly Domain[]): ReadonlySet<string> {
  const members = [first];
  for (const domain of domains)
    if (domain !== first && members.every((one) => networksConnect(one.definition, domain.definition)))
      members.push(domain);
  return new Set(members.map(({ name }) => name));
}
