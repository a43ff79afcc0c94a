/**
 * What becomes of a random instance when machines are refused or lost: the best that can be done with their nodes, by trying
 * it all. How far nodes come to be from where they were is found by trying every pairing of former places with new ones.
 */
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { SolveProgram } from '../../src/plan/plan.ts';
import { bestAmong } from './brute-force.ts';
import { costStageOf, levels, placeOf, score } from './placement-checker.ts';
import type { Put, Slot } from './placement-checker.ts';
import { Dice, instanceOf, slotsOf, small } from './placement-instances.ts';
import { PlannerWorld } from './planner-world.ts';
import { sampleTime } from './records.ts';

/** Which nodes stay, and where those were that must go elsewhere. */
export interface Loss {
  readonly document: BlueprintDocument;
  readonly slots: readonly Slot[];
  readonly staying: readonly Put[];
  readonly lost: readonly Put[];
}

/** How good a placement of all nodes is, those that stay first; with the distance where it counts. */
export function scoreAfter({ document, slots, lost }: Loss, staying: readonly Put[], placed: readonly Put[]): number[] {
  const values = score(document, slots, [...staying, ...placed]);
  return values.toSpliced(nearnessStageOf(document), 0, distance(slots, lost, placed));
}

/** Where among the scores the distance is: last where the blueprint says what counts, else before cost. */
export function nearnessStageOf(document: BlueprintDocument): number {
  const { optimise } = document;
  return optimise === undefined ? costStageOf(document) : optimise.length + (optimise.includes('prefer') ? 2 : 0);
}

/** The best of all placements of the nodes that were lost; null when there is none. */
export function bestAfter(loss: Loss): number[] | null {
  const { document, slots, staying, lost } = loss;
  const gone = new Set(lost.map(({ slot }) => slots.find(({ name }) => name === slot)?.offer.id));
  const open = slots.filter(({ offer }) => !gone.has(offer.id));
  const counts = Object.keys(document.families).map((name): [string, number] => [
    name,
    lost.filter(({ family }) => family === name).length,
  ]);
  return bestAmong({ document, slots, open, staying, counts }, (placed) => scoreAfter(loss, staying, placed));
}

function distance(slots: readonly Slot[], lost: readonly Put[], placed: readonly Put[]): number {
  const slotOf = ({ slot }: Put) => slots.find(({ name }) => name === slot)!;
  return [...new Set(lost.map(({ family }) => family))].reduce((sum, name) => {
    const [was, is] = [lost, placed].map((puts) => puts.filter(({ family }) => family === name).map(slotOf));
    return sum + leastMatching(was!, is!);
  }, 0);
}

function leastMatching([first, ...rest]: readonly Slot[], places: readonly Slot[]): number {
  if (first === undefined) return 0;
  return Math.min(...places.map((place, at) => between(first, place) + leastMatching(rest, places.toSpliced(at, 1))));
}

/** 0 in one zone, 1 in one region, 2 at one provider, else 3. */
export function between(one: Slot, other: Slot): number {
  const wide = levels.slice(1);
  const shared = wide.findIndex((level) => placeOf(one, level) === placeOf(other, level));
  return shared < 0 ? wide.length : shared;
}

/** The nodes there are as a placement, machines made from one offer on its slots one after another. */
function putsIn({ machines, nodes }: PlannerWorld, slots: readonly Slot[]): Put[] {
  const slotOf = new Map<string, string>();
  for (const { token, offer } of machines) {
    const taken = new Set(slotOf.values());
    slotOf.set(token, slots.find(({ name, offer: { id } }) => id === offer && !taken.has(name))!.name);
  }
  return nodes.map(({ family, placement }) => ({ family, slot: slotOf.get(placement.machine)! }));
}

/** An instance after its loss, and the world that has to plan with it. */
export interface Lost {
  readonly loss: Loss;
  readonly world: PlannerWorld;
  readonly told: string;
}

/** A world in which some machines were refused just now; null where the seed has none. */
export function lossOf(seed: number, solve: SolveProgram, size = small): Lost | null {
  const { document: drawn, hosts, yaml } = instanceOf(seed, size);
  const { optimise: _, oneOf: __, ...plain } = drawn;
  // where the blueprint says what counts, nearness is last; else it comes before cost
  const document = seed % 2 === 0 ? plain : { ...plain, optimise: drawn.optimise };
  if (drawn.oneOf !== undefined) return null;
  const world = new PlannerWorld(document, hosts);
  world.solve = solve;
  const slots = slotsOf(world.facts.offers);
  if (world.apply().report.shortages.length > 0) return null;
  const puts = putsIn(world, slots);
  const dice = new Dice(seed + 1_000_000);
  const used = [...new Set(world.machines.map(({ offer }) => offer))];
  const first = dice.below(used.length);
  const gone = new Set(used.filter((_id, at) => at === first || dice.below(3) === 0));
  for (const id of gone) world.setMachine(id, { phase: 'lost', since: sampleTime, why: 'sold out' });
  const fault = { code: 'no-capacity', why: 'sold out' };
  world.setHosts(hosts.map((host) => (gone.has(`${host.domain}/${host.host}`) ? { ...host, fault } : host)));
  const isLost = ({ slot }: Put) => gone.has(slots.find(({ name }) => name === slot)!.offer.id);
  const loss = { document, slots, staying: puts.filter((put) => !isLost(put)), lost: puts.filter(isLost) };
  return { loss, world, told: `seed ${seed}, without ${[...gone].join()}\n${yaml}\n${JSON.stringify(hosts)}` };
}

/** What the world makes of its loss: where everything comes to be, and of that what was placed. Null when it leaves out any. */
export function recovered({ loss, world }: Lost): { all: Put[]; placed: Put[]; proved: boolean } | null {
  const planned = world.plan();
  if (planned.report.shortages.length > 0) return null;
  world.take(planned);
  const all = putsIn(world, loss.slots);
  const left = [...loss.staying];
  const placed = all.filter((put) => {
    const at = left.findIndex(({ family, slot }) => family === put.family && slot === put.slot);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  if (left.length > 0) throw new Error('a node moved that was well where it was');
  return { all, placed, proved: planned.report.placement?.proved === true };
}
