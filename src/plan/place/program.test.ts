/** What is done where a program is too much work for the solver. */
import { expect, test } from 'vitest';
import { choicesIn, violations } from '../../../test/kit/placement-checker.ts';
import { instanceOf, large, slotsOf } from '../../../test/kit/placement-instances.ts';
import { putsOf } from '../../../test/kit/placement-puts.ts';
import { PlannerWorld } from '../../../test/kit/planner-world.ts';
import { openSolver } from '../../solver.ts';

const solver = await openSolver();

test('where the work with patterns is over, machines one by one are tried', { timeout: 60_000 }, () => {
  const { document, hosts } = instanceOf(173, large);
  const world = new PlannerWorld(document, hosts);
  // long programs are those of patterns: as if nothing had been found in time
  world.solve = (text, effort) =>
    text.length > 100_000 ? { status: 'unknown', objective: Infinity, value: () => 0 } : solver(text, effort);
  const planned = world.plan();
  expect(planned.report.shortages).toEqual([]);
  const slots = slotsOf(world.facts.offers);
  const faults = choicesIn(document).map((choice) => violations(choice, slots, putsOf(planned, slots)));
  expect(faults).toContainEqual([]);
});
