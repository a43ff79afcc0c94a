/**
 * `npm run simulate -- --seed N --hours H`: runs a seed, or `--seeds COUNT` of them from there on in `--processes` at once;
 * says what was violated and with which command it is seen again. Exit code 1 when something was.
 */
import { parseArgs } from 'node:util';
import { replayOf, runSeeds } from './seeds.ts';
import type { RunResult } from './run.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    hours: { type: 'string', default: '2' },
    nodes: { type: 'string', default: '20' },
    providers: { type: 'string', default: '4' },
    trace: { type: 'boolean', default: false },
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

const { seeds, nodeHours, cpuSeconds, broken } = await runSeeds(options, Number(values.seeds), tell);
const rate = (nodeHours / cpuSeconds).toFixed(1);
say(`${seeds} seeds, ${broken.length} violated; ${rate} simulated node-hours per CPU second`);
process.exit(broken.length > 0 ? 1 : 0);
