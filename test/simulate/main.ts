/**
 * `npm run simulate -- --seed N --hours H`: runs a seed, or `--seeds COUNT` of them from there on; says what was violated
 * and with which command it is seen again. `--mutants` plants faults and says how many are caught. `--processes` says how
 * many seeds or faults are run at once: as many as there are cores when absent.
 * Exit code 1 when something was violated, or fewer than 95 of 100 faults were caught.
 */
import { availableParallelism } from 'node:os';
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
    processes: { type: 'string', default: String(availableParallelism()) },
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
  const began = performance.now();
  const series = { count: Number(values.seeds), processes: Number(values.processes) };
  const { seeds, nodeHours, cpuSeconds, broken } = await runSeeds(options, series, tell);
  const rate = (nodeHours / cpuSeconds).toFixed(1);
  const each = `${(cpuSeconds / seeds).toFixed(2)} CPU seconds a seed, ${Math.round((1_200 * seeds) / cpuSeconds)} in 1,200`;
  say(`${seeds} seeds in ${((performance.now() - began) / 1_000).toFixed(0)} s, ${broken.length} violated`);
  say(`${rate} simulated node-hours per CPU second; ${each}`);
  return broken.length === 0;
}

async function plantMutants(): Promise<boolean> {
  const { caught, all, stale } = await testTheTester(Number(values.processes), say);
  say(`${caught} of ${all} planted faults caught (${((100 * caught) / all).toFixed(1)} %), ${stale} stale`);
  return stale === 0 && caught >= 0.95 * all;
}

process.exit((await (values.mutants ? plantMutants() : simulate())) ? 0 : 1);
