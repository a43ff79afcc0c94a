/** What is done where a program is too much work for the solver. */
import { describe, expect, test } from 'vitest';
import { choicesIn, violations } from '../../../test/kit/placement-checker.ts';
import { instanceOf, large, slotsOf } from '../../../test/kit/placement-instances.ts';
import { putsOf } from '../../../test/kit/placement-puts.ts';
import { documentOf, PlannerWorld } from '../../../test/kit/planner-world.ts';
import { lackIn } from '../../model/shortage.ts';
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

describe('a search that came to no end', () => {
  const document = documentOf(`
wombat: 1
name: shop
providers: { p: { kind: memory } }
releases: { app: { file: a.tgz } }
families: { web: { release: app, nodes: 3, uses: { cores: 3 } } }
`);
  const hosts = ['h1', 'h2'].map((host) => ({ domain: 'p', host, cores: 4 }));

  test('is not told as if nothing fitted', () => {
    const world = new PlannerWorld(document, hosts);
    world.solve = () => ({ status: 'unknown', objective: Infinity, value: () => 0 });
    const { report } = world.plan();
    expect(report.shortages).toMatchObject([{ family: 'web', placed: 2, wanted: 3, code: 'timeout' }]);
    expect(report.shortages[0]?.why[0]).toContain('whether all can be placed is not decided');
    expect(lackIn(report)?.next).toContain('ask for less at once');
    expect(report.conflict).toBeUndefined();
  });

  test('one that ended tells that nothing fits', () => {
    const world = new PlannerWorld(document, hosts);
    world.solve = solver;
    expect(world.plan().report.shortages).toMatchObject([{ code: 'unsatisfiable' }]);
  });
});
