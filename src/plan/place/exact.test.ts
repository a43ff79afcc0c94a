/** The exact methods against brute force and an independent checker, on random instances of every kind of constraint. */
import { expect, test } from 'vitest';
import { bestByForce, isLess } from '../../../test/kit/brute-force.ts';
import { choicesIn, costStageOf, score, violations } from '../../../test/kit/placement-checker.ts';
import type { Slot } from '../../../test/kit/placement-checker.ts';
import { instanceOf, slotsOf } from '../../../test/kit/placement-instances.ts';
import { putsOf } from '../../../test/kit/placement-puts.ts';
import { PlannerWorld } from '../../../test/kit/planner-world.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import { openSolver } from '../../solver.ts';
import { reducedTo } from '../conflict.ts';
import type { Planned } from '../../model/plan.ts';

const solve = await openSolver();
const runs = process.env['WOMBAT_TEST_LONG'] === undefined ? 60 : 2_000;

/** What the best placement comes to, for each of the documents that alternatives stand for; without those that have none. */
function bestsOf(document: BlueprintDocument, slots: readonly Slot[]) {
  return choicesIn(document).flatMap((choice) => {
    const best = bestByForce(choice, slots);
    return best === null ? [] : [{ choice, best }];
  });
}

/** The conflict cannot be met, and without any one of its members it can. */
function checkConflict(document: BlueprintDocument, planned: Planned, slots: readonly Slot[], told: string): void {
  const paths = planned.report.conflict?.members.map(({ path }) => path) ?? [];
  expect(planned.report.conflict, told).toBeDefined();
  expect(bestsOf(reducedTo(document, paths), slots), told).toEqual([]);
  for (const path of paths) {
    const fewer = paths.filter((other) => other !== path);
    expect(bestsOf(reducedTo(document, fewer), slots), `${path}: ${told}`).not.toEqual([]);
  }
}

test('every answer is right, and none is better', { timeout: 600_000 }, () => {
  for (let seed = 1; seed <= runs; seed++) {
    const { document, hosts, yaml } = instanceOf(seed);
    const world = new PlannerWorld(document, hosts);
    world.solve = solve;
    const slots = slotsOf(world.facts.offers);
    const planned = world.plan();
    const bests = bestsOf(document, slots);
    const told = `seed ${seed}\n${yaml}\n${JSON.stringify(hosts)}`;
    if (bests.length === 0) {
      expect(planned.report.shortages, told).not.toEqual([]);
      checkConflict(document, planned, slots, told);
      continue;
    }
    expect(planned.report.shortages, told).toEqual([]);
    const puts = putsOf(planned, slots);
    const taken = bests.find(({ choice }) => violations(choice, slots, puts).length === 0);
    if (taken === undefined) throw new Error(`${violations(document, slots, puts).join('\n')}\n${told}`);
    const { choice, best } = taken;
    const mine = score(choice, slots, puts);
    expect(isLess(best, mine) ? mine : best, told).toEqual(best);
    // of alternatives the one that costs least
    const costs = bests.map((one) => one.best[costStageOf(one.choice)] ?? 0);
    expect(mine[costStageOf(choice)], told).toBeLessThan(Math.min(...costs) + 1e-6);
    expect(planned.report.placement?.proved, told).toBe(true);
  }
});
