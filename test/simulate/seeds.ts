/** Runs many seeds, one after another or in several processes at once, and sums up what they were. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { run } from './run.ts';
import type { RunOptions, RunResult } from './run.ts';

/** The figures of a series of runs. */
export interface SeriesResult {
  readonly seeds: number;
  readonly nodeHours: number;
  readonly cpuSeconds: number;
  readonly broken: readonly RunResult[];
}

/** One run and what it cost. */
export interface Measured {
  readonly result: RunResult;
  readonly cpuSeconds: number;
}

const worker = join(import.meta.dirname, 'seed-worker.ts');

/** Runs one seed. */
export async function measured(options: RunOptions): Promise<Measured> {
  const began = process.cpuUsage();
  const result = await run(options);
  const { user, system } = process.cpuUsage(began);
  return { result, cpuSeconds: (user + system) / 1e6 };
}

/** Runs `count` seeds from the given one on, in so many processes at once; tells each result as it comes. */
export async function runSeeds(
  options: RunOptions,
  { count, processes = 1 }: { readonly count: number; readonly processes?: number },
  tell: (result: RunResult) => void = () => undefined,
): Promise<SeriesResult> {
  const broken: RunResult[] = [];
  let [nodeHours, cpuSeconds] = [0, 0];
  const seeds = Array.from({ length: count }, (_, at) => options.seed + at).values();
  const work = async (runner: Runner) => {
    for (const seed of seeds) {
      const { result, cpuSeconds: seconds } = await runner.run({ ...options, seed });
      nodeHours += result.nodeHours;
      cpuSeconds += seconds;
      if (result.violations.length > 0) broken.push(result);
      tell(result);
    }
    runner.close();
  };
  const runners = Array.from({ length: Math.min(processes, count) }, () => (processes > 1 ? inProcess() : here));
  await Promise.all(runners.map(work));
  return { seeds: count, nodeHours, cpuSeconds, broken };
}

/** What runs a seed at a time. */
interface Runner {
  run(options: RunOptions): Promise<Measured>;
  close(): void;
}

const here: Runner = { run: measured, close: () => undefined };

/** A process of its own. One that dies is a defect, and said to be one. */
function inProcess(): Runner {
  const child = fork(worker, { execArgv: process.execArgv });
  return {
    run: (options) =>
      new Promise((resolve, reject) => {
        const died = (code: number | null) => {
          reject(new Error(`the process that ran seed ${options.seed} ended with ${code ?? 'a signal'}`));
        };
        child.once('exit', died);
        child.once('message', (answer) => {
          child.off('exit', died);
          resolve(answer as Measured);
        });
        child.send(options);
      }),
    close: () => child.disconnect(),
  };
}

/** The command that runs a seed again. */
export function replayOf({ seed, hours, nodes, providers }: RunOptions): string {
  return `npm run simulate -- --seed ${seed} --hours ${hours} --nodes ${nodes} --providers ${providers}`;
}
