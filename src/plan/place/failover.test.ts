/** Where nodes go whose machines were refused or lost, against brute force, on random instances of every kind of constraint. */
import { expect, test } from 'vitest';
import { isLess } from '../../../test/kit/brute-force.ts';
import { violations } from '../../../test/kit/placement-checker.ts';
import { bestAfter, lossOf, recovered, scoreAfter } from '../../../test/kit/placement-failover.ts';
import { openSolver } from '../../solver.ts';

const solve = await openSolver();
const runs = process.env['WOMBAT_TEST_LONG'] === undefined ? 60 : 2_000;

test('no placement of what was lost is better', { timeout: 600_000 }, () => {
  let compared = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const found = lossOf(seed, solve);
    if (found === null) continue;
    const { loss, told } = found;
    const best = bestAfter(loss);
    const mine = recovered(found);
    // beside nodes that stay, others are placed although what is pinned cannot be: but nobody says that it is the best
    if (best === null) {
      expect(mine?.proved ?? false, told).toBe(false);
      continue;
    }
    if (mine === null) throw new Error(`nothing was found\n${told}`);
    expect(violations(loss.document, loss.slots, mine.all), told).toEqual([]);
    const value = scoreAfter(loss, loss.staying, mine.placed);
    expect(isLess(best, value) ? value : best, told).toEqual(best);
    expect(mine.proved, told).toBe(true);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(runs / 6);
});
