/**
 * Attempt: one way to meet a blueprint. There is one for each choice among alternative families; the present choice
 * comes first, and others are looked at only where it does not do, or nothing stands yet.
 */
import type { BlueprintDocument } from '../model/blueprint.ts';
import { startOrder } from '../model/component.ts';
import type { Domain } from '../model/domain.ts';
import { usableDomains } from '../model/effective-domains.ts';
import type { Offer } from '../model/machine.ts';
import type { Facts } from '../model/plan.ts';
import { choicesOf, countsOf, presentChoice, tooMany } from '../model/wanted.ts';
import type { Oracle } from './conflict.ts';
import { differencesOf } from './diff.ts';
import type { Difference } from './diff.ts';
import { bookMoves, takeSeats } from './moves.ts';
import { needsOf } from './need.ts';
import type { Need } from './need.ts';
import { boardOf } from './place/board.ts';
import type { Board } from './place/board.ts';
import { answerTo } from './place/place-exactly.ts';
import { formerOf, formerPlace, nearestFirst } from './place/nearness.ts';
import type { Former, Location } from './place/nearness.ts';
import { placeAll } from './place/place-all.ts';
import type { Order, Placing } from './place/place.ts';
import type { Aim, Answer, Appraisal, SolveProgram } from './place/problem.ts';

/** What is asked. */
export interface Question {
  readonly document: BlueprintDocument;
  readonly destroying: boolean;
  readonly facts: Facts;
  readonly seed: number;
  readonly solve?: SolveProgram | undefined;
  /** the revision that is planned for */
  readonly revision: number;
  /** what all ways to meet the document share; filled on the way */
  readonly shared?: Shared;
}

interface Shared {
  readonly needs: ReadonlyMap<string, Need>;
  readonly appraised: Map<Offer, Appraisal>;
}

/** What is wanted and had, and where what is lacking could be. */
export interface Attempt {
  readonly needs: ReadonlyMap<string, Need>;
  readonly domains: ReadonlyMap<string, Domain>;
  readonly differences: readonly Difference[];
  readonly orders: readonly Order[];
  readonly placing: Placing;
  /** as it is before the plan */
  board(): Board;
}

/** The best of the ways there are. */
export function bestAttempt(question: Question): Attempt {
  const { document, facts } = question;
  const present = new Set(
    facts.nodes.flatMap(({ blueprint, family, desired }) =>
      blueprint === document.name && desired !== 'removed' ? [family] : [],
    ),
  );
  const first = presentChoice(document, present);
  const shared = { needs: needsOf(document, facts.releases), appraised: new Map<Offer, Appraisal>() };
  const attempt = attemptWith({ ...question, shared }, first);
  const stands = (document.oneOf ?? []).flat().some((family) => present.has(family));
  if (document.oneOf === undefined || question.destroying || (stands && missing(attempt) === 0)) return attempt;
  const others = choicesOf(document)
    .filter((out) => out.symmetricDifference(first).size > 0)
    .filter((out) => tooMany(document, countsOf(document, out)) === undefined)
    .map((out) => attemptWith({ ...question, shared }, out));
  return [attempt, ...others].reduce((best, other) => (isBetter(other, best) ? other : best));
}

/** Knows of documents what placing them would come to, nodes that stay left where they are. */
export function oracleOf(question: Question): Oracle {
  const answers = (document: BlueprintDocument, aims: readonly Aim[]) =>
    choicesOf(document).map((out) => {
      const asked = { ...question, document };
      const { toPlace, boardToPlace, staying } = prepared(asked, out);
      const scene = { board: boardToPlace(), staying, document, seed: question.seed, confined: new Map(), aims };
      return answerTo(document, toPlace, scene, question.solve);
    });
  return {
    judge(document) {
      const outcomes = answers(document, []).map(({ outcome }) => outcome);
      return outcomes.includes('placed') ? true : outcomes.includes('unknown') ? undefined : false;
    },
    price(document) {
      const prices = answers(document, ['cost']).flatMap((one) =>
        one.outcome === 'placed' ? [priceOfLoads(one)] : [],
      );
      return prices.length === 0 ? null : Math.min(...prices);
    },
  };
}

/** What the machines cost an hour that an answer would acquire. */
function priceOfLoads({ loads }: Extract<Answer, { outcome: 'placed' }>): number {
  return loads.reduce((sum, { bin, times }) => sum + times * bin.price, 0);
}

function attemptWith(question: Question, out: ReadonlySet<string>): Attempt {
  const { document, seed, solve } = question;
  const ready = prepared(question, out);
  const placed = placeAll(ready.toPlace, ready.boardToPlace, {
    staying: ready.staying,
    document,
    seed,
    solve,
    ...(ready.formers.size === 0 ? {} : { former: countedIn(ready.formers) }),
    ...(question.shared === undefined ? {} : { appraised: question.shared.appraised }),
  });
  const seats = new Map(placed.seats);
  for (const [family, places] of ready.formers) seats.set(family, nearestFirst(seats.get(family) ?? [], places));
  for (const [family, booked] of ready.booked) seats.set(family, [...booked, ...(seats.get(family) ?? [])]);
  return { ...ready, placing: { ...placed, seats } };
}

/** What is to be placed, and on what: moves that were begun have their seats already. */
function prepared(question: Question, out: ReadonlySet<string>) {
  const { document, facts } = question;
  const needs = question.shared?.needs ?? needsOf(document, facts.releases);
  const domains = new Map(usableDomains(document, facts.domains).map((domain) => [domain.name, domain]));
  const counts = countsOf(document, out);
  const found = differencesOf({ ...question, needs, counts, domains }, facts);
  const nodes = facts.nodes.filter((node) => node.blueprint === document.name);
  const present = () => boardOf(facts, domains, leaversOf(found));
  const { differences, seats: booked, arrived } = bookMoves(found, { document, needs, board: present, nodes });
  const board = () => boardOf(facts, domains, leaversOf(differences));
  const orders = ordersOf(document, needs, differences);
  const toPlace = orders.map(({ need, count }) => ({ need, count: count - (booked.get(need.family)?.length ?? 0) }));
  return {
    needs,
    domains,
    differences,
    orders,
    board,
    booked,
    toPlace,
    formers: formersOf(differences, { facts, domains, booked }),
    boardToPlace: () => takeSeats(board(), booked, needs),
    staying: [...differences.flatMap(({ stay }) => stay), ...arrived],
  };
}

interface Places {
  readonly facts: Facts;
  readonly domains: ReadonlyMap<string, Domain>;
  /** by family: seats of those that are first among the displaced */
  readonly booked: ReadonlyMap<string, readonly unknown[]>;
}

/**
 * For nodes whose machine was refused or lost: where they were, by family, in the order in which its nodes are placed. Null
 * stands for a node that was nowhere before; a family without any such node is left out.
 */
function formersOf(differences: readonly Difference[], { facts, domains, booked }: Places) {
  if (differences.every(({ displaced }) => displaced.length === 0)) return new Map<string, (Location | null)[]>();
  const machines = new Map(facts.machines.map((machine) => [machine.token, machine]));
  const found = differences.map(({ family, displaced }): [string, (Location | null)[]] => {
    const placed = displaced.slice(booked.get(family)?.length ?? 0);
    return [family, placed.map(({ node }) => formerPlace(node, machines, domains))];
  });
  return new Map(found.filter(([, places]) => places.some((one) => one !== null)));
}

function countedIn(formers: ReturnType<typeof formersOf>): ReadonlyMap<string, Former> {
  return new Map([...formers].map(([family, places]) => [family, formerOf(places.filter((one) => one !== null))]));
}

/** Ids of the nodes that go from where they are. */
export function leaversOf(differences: readonly Difference[]): ReadonlySet<string> {
  const leaving = differences.flatMap(({ displaced, surplus, relieved }) => [...displaced, ...surplus, ...relieved]);
  return new Set(leaving.map(({ node }) => node.id));
}

/** How many nodes found no place. */
export function missing({ orders, placing }: Attempt): number {
  return orders.reduce((sum, { need, count }) => sum + count - (placing.seats.get(need.family)?.length ?? 0), 0);
}

function isBetter(one: Attempt, other: Attempt): boolean {
  if (missing(one) !== missing(other)) return missing(one) < missing(other);
  return priceOf(one) < priceOf(other);
}

/** What the machines that it would acquire cost an hour. */
function priceOf({ placing }: Attempt): number {
  const fresh = [...placing.seats.values()].flat().flatMap(({ site }) => (site.fresh ? [site] : []));
  const prices = new Map(fresh.map(({ token, place }) => [token, place.pricePerHour ?? 0]));
  return [...prices.values()].reduce((sum, price) => sum + price, 0);
}

/** Families in the order in which they are placed: behind those they must be near, else as they start. */
export function ordersOf(
  document: BlueprintDocument,
  needs: ReadonlyMap<string, Need>,
  differences: readonly Difference[],
): Order[] {
  const counts = new Map(differences.map(({ family, lacking, displaced }) => [family, lacking + displaced.length]));
  const ordered = new Set<string>();
  const visiting = new Set<string>();
  const visit = (family: string): void => {
    const near = needs.get(family)?.rules.near?.family;
    if (visiting.has(family)) return;
    visiting.add(family);
    if (near !== undefined && needs.has(near)) visit(near);
    ordered.add(family);
  };
  startOrder(document).forEach(visit);
  return [...ordered].flatMap((family) => {
    const need = needs.get(family);
    // without a known release there is nothing to run
    return need?.release === undefined ? [] : [{ need, count: counts.get(family) ?? 0 }];
  });
}
