/**
 * One planted fault in a process of its own: `node plant.ts INDEX`. The source is changed while it is loaded, then the
 * simulation runs within its budget. Exit codes: 3 caught, 0 not caught, 4 the change does not apply exactly once.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mutants } from './mutants.ts';
import type { Mutant } from './mutants.ts';

const root = join(import.meta.dirname, '..', '..');
/** What a fault must be caught within: lives with a far store and hardships by these seeds, so many crash points and seeds. */
const budget = { far: [5, 6, 7], hardships: [3, 4, 5], points: 10, seeds: 10 };
const options = { hours: 0.8, nodes: 10, providers: 4 };
/** A fault that has the simulation go on for ever is noticed, too: CPU time, however busy the machine is. */
const longestCpuMs = 90_000;

function plant({ file, from, to }: Mutant): void {
  const path = join(root, file);
  const parts = readFileSync(path, 'utf8').split(from);
  if (parts.length !== 2) process.exit(4);
  const url = pathToFileURL(path).href;
  registerHooks({
    load: (asked, context, next) =>
      asked === url
        ? { format: 'module-typescript', source: parts.join(to), shortCircuit: true }
        : next(asked, context),
  });
}

async function firstViolation(): Promise<string | null> {
  const { crashRun, farRun } = await import('./crash-points.ts');
  const { run } = await import('./run.ts');
  const calm = await crashRun([]);
  const told = (violations: readonly { of: string; words: string }[]) =>
    violations[0] === undefined ? null : `${violations[0].of}: ${violations[0].words}`;
  const { hardshipRun } = await import('./hardships.ts');
  let found = told(calm.violations);
  for (const seed of budget.far) found ??= told((await farRun(seed)).violations);
  for (const seed of budget.hardships) found ??= told((await hardshipRun(seed)).violations);
  for (let at = 1; at <= budget.points && found === null; at += 1) {
    const crossing = Math.ceil((calm.crossings * at) / (budget.points + 1));
    const side = at % 2 === 0 ? ('before' as const) : ('after' as const);
    found = told((await crashRun([{ crossing, side }])).violations);
  }
  for (let seed = 1; seed <= budget.seeds && found === null; seed += 1)
    found = told((await run({ ...options, seed: 5_000 + seed })).violations);
  return found;
}

const mutant = mutants[Number(process.argv[2])];
if (mutant === undefined) process.exit(4);
plant(mutant);
setInterval(() => {
  const { user, system } = process.cpuUsage();
  if ((user + system) / 1_000 < longestCpuMs) return;
  process.stdout.write('it does not end\n');
  process.exit(3);
}, 1_000);
const found = await firstViolation();
if (found !== null) process.stdout.write(`${found.split('\n')[0] ?? ''}\n`);
process.exit(found === null ? 0 : 3);
