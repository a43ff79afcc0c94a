/**
 * The exact methods against CBC, and against HiGHS on the same program written independently, on random instances of
 * every kind of constraint that are too large for brute force: up to 3 families of 5 nodes on 8 offers of 3 machines,
 * and up to 4 families of 6 nodes on 10 offers of 4. What a rival has not proved in its time is counted apart, and even
 * then nothing that it found may be better than ours, nor anything that it proved say that ours cannot be.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, test } from 'vitest';
import { choicesIn, costOf, costStageOf, score, violations } from '../../../test/kit/placement-checker.ts';
import type { Put, Slot } from '../../../test/kit/placement-checker.ts';
import { lossOf, recovered, scoreAfter } from '../../../test/kit/placement-failover.ts';
import type { Lost } from '../../../test/kit/placement-failover.ts';
import { instanceOf, large, middle, slotsOf } from '../../../test/kit/placement-instances.ts';
import { kindsOf } from '../../../test/kit/placement-kinds.ts';
import { PlacementProgram } from '../../../test/kit/placement-program.ts';
import { putsOf } from '../../../test/kit/placement-puts.ts';
import { cbcWithin, highsWithin } from '../../../test/kit/placement-rivals.ts';
import type { Rival, RivalAnswer } from '../../../test/kit/placement-rivals.ts';
import { PlannerWorld } from '../../../test/kit/planner-world.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import { openSolver } from '../../solver.ts';

const isLong = process.env['WOMBAT_TEST_LONG'] !== undefined;
/** Instances in parts, lest one that fails hides the others. */
const parts = [
  ...(isLong ? seeds(2_000, 100) : seeds(12, 12)).map((part) => ({ name: 'middle', size: middle, ...part })),
  ...(isLong ? seeds(200, 20) : seeds(3, 3)).map((part) => ({ name: 'large', size: large, ...part })),
];

/** The same of which some machines are refused or lost then. */
const losses = isLong ? seeds(2_000, 100) : seeds(10, 10);

function seeds(count: number, each: number) {
  return Array.from({ length: count / each }, (_, at) => ({ first: at * each + 1, last: (at + 1) * each }));
}

const hasCbc = spawnSync('cbc', ['-quit']).error === undefined;
if (!hasCbc) process.stderr.write('skipped: placement beside CBC: cbc is not installed (apt-get install coinor-cbc)\n');

/** What a rival may take for one program. */
const seconds = 5;
const solve = await openSolver();
const highs = await highsWithin(seconds);

/** What came of a comparison; `nothing` where both say that nothing fits, `unproved` by the rival, `unclaimed` by us. */
type Verdict = 'best' | 'nothing' | 'unproved' | 'unclaimed' | { readonly disagreement: string };

/** The planner's answer: where it puts everything, of the documents that alternatives stand for the one that it chose. */
interface Answered {
  readonly choice: BlueprintDocument;
  readonly puts: readonly Put[];
  readonly isProved: boolean;
}

interface Instance {
  readonly document: BlueprintDocument;
  readonly slots: readonly Slot[];
}

const isLess = (one: number, other: number) => one < other - 5e-4 - 1e-6 * Math.abs(other);

/** What one stage says, the stages before it held at our own values: these are the best, or were found not to be. */
function atStage(mine: number, { impossible, found, bound }: RivalAnswer): Verdict {
  if (impossible) return { disagreement: `ours (${mine}) is said to be impossible` };
  if (isLess(found, mine)) return { disagreement: `${found} was found, ours is ${mine}` };
  if (isLess(mine, bound)) return { disagreement: `nothing is better than ${bound}, ours is ${mine}` };
  return isLess(bound, mine) ? 'unproved' : 'best';
}

function compare({ choice, puts }: Answered, slots: readonly Slot[], rival: Rival): Verdict {
  return compareScores(new PlacementProgram(choice, slots), score(choice, slots, puts), rival);
}

function compareScores(program: PlacementProgram, mine: readonly number[], rival: Rival): Verdict {
  const verdicts = mine.map((value, stage): Verdict => {
    // what no node can differ in needs no solver, but the first stage tells whether anything is possible
    const isTelling = stage === 0 || Object.values(program.stages[stage] ?? {}).some((factor) => factor !== 0);
    return isTelling ? atStage(value, rival(program.text(stage, mine.slice(0, stage)))) : 'best';
  });
  return worst(verdicts);
}

function worst(verdicts: readonly Verdict[]): Verdict {
  const [first = 'best'] = verdicts.filter((one) => typeof one === 'object');
  return typeof first === 'object' ? first : verdicts.includes('unproved') ? 'unproved' : (verdicts[0] ?? 'best');
}

/** Nothing fits, we say. */
function compareNothing({ document, slots }: Instance, rival: Rival): Verdict {
  const verdicts = choicesIn(document).map((choice): Verdict => {
    const { impossible, found } = rival(new PlacementProgram(choice, slots).text(0, []));
    if (found < Infinity) return { disagreement: 'everything can be placed' };
    return impossible ? 'nothing' : 'unproved';
  });
  return worst(verdicts);
}

/** Of alternatives the one is taken that costs least: no other can be had for less, its own objectives at their best. */
function compareOthers({ document, slots }: Instance, { choice, puts }: Answered, rival: Rival): Verdict {
  const mine = costOf(slots.filter(({ name }) => puts.some(({ slot }) => slot === name)));
  const others = choicesIn(document).filter((other) => JSON.stringify(other) !== JSON.stringify(choice));
  return worst(
    others.map((other): Verdict => {
      const program = new PlacementProgram(other, slots);
      const best: number[] = [];
      for (const stage of program.stages.keys()) {
        const { impossible, found, bound } = rival(program.text(stage, best));
        if (impossible) return 'best';
        if (isLess(bound, found)) return 'unproved';
        best.push(found);
      }
      // cost is one of the objectives: where the others are at their best it is known
      const cost = best[costStageOf(other)] ?? Infinity;
      return isLess(cost, mine) ? { disagreement: `another alternative costs ${cost}, ours ${mine}` } : 'best';
    }),
  );
}

/** The planner's own answer, judged by the checker; null when it says that nothing fits, undecided when it does not know. */
function answered({ document, slots }: Instance, world: PlannerWorld): Answered | 'undecided' | null {
  const planned = world.plan();
  if (planned.report.shortages.some(({ code }) => code === 'timeout')) return 'undecided';
  if (planned.report.shortages.length > 0) return null;
  const puts = putsOf(planned, slots);
  const judged = choicesIn(document).map((choice) => ({ choice, faults: violations(choice, slots, puts) }));
  const choice = judged.find(({ faults }) => faults.length === 0)?.choice;
  if (choice === undefined) throw new Error(judged.map(({ faults }) => faults.join('\n')).join('\nor\n'));
  return { choice, puts, isProved: planned.report.placement?.proved === true };
}

function verdictOf(instance: Instance, mine: Answered | 'undecided' | null, rival: Rival): Verdict {
  if (mine === 'undecided') return 'unclaimed';
  if (mine === null) return compareNothing(instance, rival);
  if (!mine.isProved) return 'unclaimed';
  return worst([compare(mine, instance.slots, rival), compareOthers(instance, mine, rival)]);
}

/** Counts of verdicts by rival and kind of constraint. */
class Tally {
  readonly #counts = new Map<string, Record<string, number>>();

  add(verdict: Verdict, kinds: Iterable<string>): void {
    const word = typeof verdict === 'object' ? 'disagreement' : verdict;
    for (const kind of ['all', ...kinds]) {
      const counts = this.#counts.get(kind) ?? { best: 0, nothing: 0, unproved: 0, unclaimed: 0, disagreement: 0 };
      this.#counts.set(kind, { ...counts, [word]: (counts[word] ?? 0) + 1 });
    }
  }

  /** A line for each kind. */
  lines(): string {
    return [...this.#counts]
      .sort(([one], [other]) => (one === 'all' ? -1 : other === 'all' ? 1 : one < other ? -1 : 1))
      .map(
        ([kind, counts]) =>
          `  ${kind}: ${Object.entries(counts)
            .map(([word, count]) => `${count} ${word}`)
            .join(', ')}`,
      )
      .join('\n');
  }
}

interface Beside {
  readonly rival: string;
  readonly ask: Rival;
  readonly tallies: Readonly<Record<string, Tally>>;
}

function beside(rival: string, ask: Rival): Beside {
  return { rival, ask, tallies: { middle: new Tally(), large: new Tally(), losses: new Tally() } };
}

/** What the planner makes of a loss, beside a rival. */
function verdictOnLoss({ loss }: Lost, mine: ReturnType<typeof recovered>, rival: Rival): Verdict {
  const { document, slots, staying } = loss;
  const program = new PlacementProgram(document, slots, loss);
  if (mine?.proved === false) return 'unclaimed';
  if (mine !== null) return compareScores(program, scoreAfter(loss, staying, mine.placed), rival);
  const { impossible, found } = rival(program.text(0, []));
  if (found < Infinity) return { disagreement: 'everything can be placed' };
  return impossible ? 'nothing' : 'unproved';
}

describe.skipIf(!hasCbc)('placement beside other solvers', () => {
  const rivals = [beside('CBC', cbcWithin(seconds)), beside('HiGHS', highs)];

  afterAll(() => {
    for (const { rival, tallies } of rivals)
      for (const [name, tally] of Object.entries(tallies))
        process.stderr.write(`${name} instances beside ${rival}\n${tally.lines()}\n`);
  });

  const title = '$name instances $first to $last: rivals find nothing else';
  test.each(parts)(title, { timeout: 3_600_000 }, ({ name, size, first, last }) => {
    const disagreements: string[] = [];
    for (let seed = first; seed <= last; seed++) {
      const { document, hosts, yaml } = instanceOf(seed, size);
      const world = new PlannerWorld(document, hosts);
      world.solve = solve;
      const instance = { document, slots: slotsOf(world.facts.offers) };
      const mine = answered(instance, world);
      for (const { rival, ask, tallies } of rivals) {
        const verdict = verdictOf(instance, mine, ask);
        tallies[name]?.add(verdict, kindsOf(document));
        if (typeof verdict === 'object')
          disagreements.push(`${rival}, seed ${seed}: ${verdict.disagreement}\n${yaml}\n${JSON.stringify(hosts)}`);
      }
    }
    expect(disagreements).toEqual([]);
  });

  test.each(losses)('losses $first to $last: rivals find nothing else', { timeout: 3_600_000 }, ({ first, last }) => {
    const disagreements: string[] = [];
    for (let seed = first; seed <= last; seed++) {
      const lost = lossOf(seed, solve, middle);
      if (lost === null) continue;
      const mine = recovered(lost);
      if (mine?.proved === true)
        expect(violations(lost.loss.document, lost.loss.slots, mine.all), lost.told).toEqual([]);
      for (const { rival, ask, tallies } of rivals) {
        const verdict = verdictOnLoss(lost, mine, ask);
        tallies['losses']?.add(verdict, []);
        if (typeof verdict === 'object') disagreements.push(`${rival}, ${verdict.disagreement}\n${lost.told}`);
      }
    }
    expect(disagreements).toEqual([]);
  });
});
