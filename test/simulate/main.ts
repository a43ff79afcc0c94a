/**
 * `npm run simulate -- --seed N --hours H`: runs a seed, or `--seeds COUNT` of them from there on; says what was violated
 * and with which command it is seen again. `--mutants` plants faults and says how many are caught, `--processes` at once.
 * Exit code 1 when something was violated, or fewer than 95 of 100 faults were caught.
 */
import { parseArgs } from 'node:util';
import { replayOf, runSeeds } from './seeds.ts';
import type { RunResult } from './run.ts';
import { testTheTester } from './test-the-tester.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    hours: { type: 'string', default: '2' },
    nodes: { type: 'string', default: '20' },
    providers: { type: 'string', default: '4' },
    trace: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    processes: { type: 'string', default: '2' },
  },
});

const options = {
  seed: Number(values.seed),
  hours: Number(values.hours),
  nodes: Number(values.nodes),
  providers: Number(values.providers),
};
const say = (line: string) => process.stdout.write(`${line}\n`);

function tell({ seed, hash, violations, nodeHours, lives, events, trace }: RunResult): void {
  if (violations.length > 0 || values.trace) for (const line of trace) say(`  ${line}`);
  const figures = `${nodeHours.toFixed(1)} node-hours, ${lives} lives, ${events} events`;
  say(`seed ${seed} ${hash} ${figures}, ${violations.length} violations`);
  for (const { of, at, words } of violations) say(`  ${of} at ${(at / 1_000).toFixed(3)} s: ${words}`);
  if (violations.length > 0) say(`  again: ${replayOf({ ...options, seed })}`);
}

async function simulate(): Promise<boolean> {
  const { seeds, nodeHours, cpuSeconds, broken } = await runSeeds(options, Number(values.seeds), tell);
  const rate = (nodeHours / cpuSeconds).toFixed(1);
  say(`${seeds} seeds, ${broken.length} violated; ${rate} simulated node-hours per CPU second`);
  return broken.length === 0;
}

async function plantMutants(): Promise<boolean> {
  const { caught, all, stale } = await testTheTester(Number(values.processes), say);
  say(`${caught} of ${all} planted faults caught (${((100 * caught) / all).toFixed(1)} %), ${stale} stale`);
  return stale === 0 && caught >= 0.95 * all;
}

process.exit((await (values.mutants ? plantMutants() : simulate())) ? 0 : 1);
