/**
 * The exact methods against CBC, and against HiGHS on the same program written independently, on random instances of
 * every kind of constraint: small ones (up to 3 families of 3 nodes on 4 offers of 2 machines), and ones that are too large
 * for brute force (up to 4 families of 6 nodes on 8 offers of 4 machines).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { score, violations } from '../../../test/kit/placement-checker.ts';
import { instanceOf, large, slotsOf, small } from '../../../test/kit/placement-instances.ts';
import { PlacementProgram } from '../../../test/kit/placement-program.ts';
import { putsOf } from '../../../test/kit/placement-puts.ts';
import { PlannerWorld } from '../../../test/kit/planner-world.ts';
import { openSolver } from '../../solver.ts';

const isLong = process.env['WOMBAT_TEST_LONG'] !== undefined;
/** How many of each size: small ones are those that brute force judges, too. */
const sizes = [
  { name: 'small', size: small, runs: isLong ? 2_000 : 15 },
  { name: 'large', size: large, runs: isLong ? 200 : 5 },
];
const hasCbc = spawnSync('cbc', ['-quit']).error === undefined;
if (!hasCbc) process.stderr.write('skipped: placement beside CBC: cbc is not installed (apt-get install coinor-cbc)\n');

const folder = mkdtempSync(join(tmpdir(), 'wombat-rivals-'));
const solve = await openSolver();
const effort = { branches: 1_000_000, seconds: 60 };

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The best value; null when nothing is possible. */
type Solver = (program: string) => number | null;

function cbc(program: string): number | null {
  writeFileSync(join(folder, 'program.lp'), program);
  const options = ['ratio', '0', 'allow', '0', 'sec', '60', 'solve', 'solu', 'answer'];
  spawnSync('cbc', ['program.lp', ...options], { cwd: folder });
  const [head = ''] = readFileSync(join(folder, 'answer'), 'utf8').split('\n');
  if (head.toLowerCase().includes('infeasible')) return null;
  expect(head).toMatch(/^Optimal/);
  return Number(/objective value\s+([-\d.e+]+)/.exec(head)?.[1]);
}

function highs(program: string): number | null {
  const { status, objective } = solve(program, effort);
  if (status === 'infeasible') return null;
  expect(status).toBe('optimal');
  return objective;
}

/** The best values of all stages, one after another; null when nothing is possible. */
function bestOf(program: PlacementProgram, solver: Solver): number[] | null {
  const best: number[] = [];
  for (const stage of program.stages.keys()) {
    // what no node can differ in needs no solver, but the first stage tells whether anything is possible
    const isTelling = stage === 0 || Object.values(program.stages[stage] ?? {}).some((factor) => factor !== 0);
    const value = isTelling ? solver(program.text(stage, best)) : 0;
    if (value === null) return null;
    best.push(value);
  }
  return best;
}

describe.skipIf(!hasCbc)('placement beside other solvers', () => {
  const rivals = [
    ['CBC', cbc],
    ['HiGHS', highs],
  ] as const;
  const all = rivals.flatMap(([name, solver]) => sizes.map((one) => ({ ...one, solver, rival: name })));
  test.each(all)(
    '$runs $name instances: $rival finds nothing else',
    { timeout: 3_600_000 },
    ({ size, runs, solver }) => {
      for (let seed = 1; seed <= runs; seed++) {
        const { document, hosts, yaml } = instanceOf(seed, size);
        const world = new PlannerWorld(document, hosts);
        world.solve = solve;
        const slots = slotsOf(world.facts.offers);
        const planned = world.plan();
        const best = bestOf(new PlacementProgram(document, slots), solver);
        const told = `seed ${seed}\n${yaml}\n${JSON.stringify(hosts)}`;
        if (best === null) {
          expect(planned.report.shortages, told).not.toEqual([]);
          continue;
        }
        expect(planned.report.shortages, told).toEqual([]);
        const puts = putsOf(planned, slots);
        expect(violations(document, slots, puts), told).toEqual([]);
        const mine = score(document, slots, puts);
        for (const [at, value] of mine.entries())
          expect(value, `objective ${at}: ${told}`).toBeCloseTo(best[at] ?? NaN, 3);
        expect(planned.report.placement?.proved, told).toBe(true);
      }
    },
  );
});
