/** Runs many seeds one after another, and sums up what they were. */
import { run } from './run.ts';
import type { RunOptions, RunResult } from './run.ts';

/** The figures of a series of runs. */
export interface SeriesResult {
  readonly seeds: number;
  readonly nodeHours: number;
  readonly cpuSeconds: number;
  readonly broken: readonly RunResult[];
}

/** Runs `count` seeds from the given one on; tells each result as it comes. */
export async function runSeeds(
  options: RunOptions,
  count: number,
  tell: (result: RunResult) => void = () => undefined,
): Promise<SeriesResult> {
  const began = process.cpuUsage();
  const broken: RunResult[] = [];
  let nodeHours = 0;
  for (let seed = options.seed; seed < options.seed + count; seed += 1) {
    const result = await run({ ...options, seed });
    nodeHours += result.nodeHours;
    if (result.violations.length > 0) broken.push(result);
    tell(result);
  }
  const { user, system } = process.cpuUsage(began);
  return { seeds: count, nodeHours, cpuSeconds: (user + system) / 1e6, broken };
}

/** The command that runs a seed again. */
export function replayOf({ seed, hours, nodes, providers }: RunOptions): string {
  return `npm run simulate -- --seed ${seed} --hours ${hours} --nodes ${nodes} --providers ${providers}`;
}
