/** One hardship after the other, each alone: mended in good time, and nothing else touched. */
import { expect, it } from 'vitest';
import { hardshipRun } from './hardships.ts';

it('each hardship is mended in good time', { timeout: 120_000 }, async () => {
  expect((await hardshipRun()).violations).toEqual([]);
});
