/** One hardship after the other, each alone: mended in good time, and nothing else touched. */
import { expect, it } from 'vitest';
import { hardshipRun } from './hardships.ts';

const seeds = [3, 4, 5];

it.each(seeds)('each hardship is mended in good time, seed %i', { timeout: 120_000 }, async (seed) => {
  expect((await hardshipRun(seed)).violations).toEqual([]);
});
