/**
 * The control plane under everything that can go wrong at once, in simulated time: twenty seeds of one hour each with
 * twelve nodes at four providers. A failure prints the command that shows it again; `npm run test:long` runs two hundred
 * of two hours.
 */
import { expect, it } from 'vitest';
import { run } from './run.ts';
import { replayOf, runSeeds } from './seeds.ts';

const isLong = process.env['WOMBAT_TEST_LONG'] !== undefined;
const options = { seed: 1_000, hours: isLong ? 2 : 1, nodes: isLong ? 20 : 12, providers: 4 };
const seeds = isLong ? 200 : 20;

it(
  `nothing is violated in ${seeds} seeds of ${options.hours} h`,
  { timeout: isLong ? 1_800_000 : 240_000 },
  async () => {
    const { broken } = await runSeeds(options, { count: seeds });
    const told = broken.map(({ seed, violations }) => {
      const words = violations.map((one) => `${one.of}: ${one.words}`).join('; ');
      return `${words}\n  again: ${replayOf({ ...options, seed })}`;
    });
    expect(told).toEqual([]);
  },
);

it('a seed does the same twice (I10)', { timeout: 120_000 }, async () => {
  const short = { ...options, seed: 7, hours: 0.8, nodes: 12 };
  const [one, other] = [await run(short), await run(short)];
  expect(other.hash).toBe(one.hash);
  expect(other.events).toBe(one.events);
});

it('another seed does something else', { timeout: 120_000 }, async () => {
  const short = { ...options, hours: 0.5, nodes: 6 };
  expect((await run({ ...short, seed: 7 })).hash).not.toBe((await run({ ...short, seed: 8 })).hash);
});
