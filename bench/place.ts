/**
 * Placement: prob090 through the planner's own door beside CBC in the same run; random blueprints over many providers;
 * nodes placed one after another; ten thousand nodes at once. CPU times are user and system: of ours those of the whole
 * process while it plans (median of nine, in a process that has planned for a while, as a control plane's worker has; the
 * very first plan stands apart), of CBC those that it states itself, without its start.
 */
import { makePlan } from '../src/plan/plan.ts';
import type { SolveProgram } from '../src/plan/plan.ts';
import { openSolver } from '../src/solver.ts';
import type { Benchmark } from './benchmark.ts';
import { placeOnline } from './place-online.ts';
import { proveMany } from './place-many.ts';
import { placeTenThousand } from './place-ten-thousand.ts';
import { factsOf, sizes, vmOffers, wordpressDocument } from './prob090.ts';
import { cbc, hasCbc } from './rivals/cbc.ts';

type Say = (line: string) => void;

const cbcSeconds = 10;
const repeats = 9;
const warmUps = 40;

/** CPU milliseconds that the work takes. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function solveSize(wordpress: number, offerCount: number, solve: SolveProgram, times = repeats) {
  const document = wordpressDocument(wordpress);
  const facts = factsOf(document, vmOffers(offerCount));
  let [price, proved] = [Infinity, false];
  const head = { nextOrdinal: {}, destroying: false };
  const taken = Array.from({ length: times }, () =>
    cpuMs(() => {
      const planned = makePlan(document, head, facts, { seed: 1, solve });
      price = planned.costAfter ?? Infinity;
      proved = planned.report.placement?.proved === true && planned.report.shortages.length === 0;
    }),
  );
  return { price, proved, cpu: median(taken) };
}

function prob090(solve: SolveProgram, say: Say): Record<string, number> {
  const first = solveSize(3, 20, solve, 1).cpu;
  // the first plans are made by code that is not compiled yet: a planner's worker has long made some
  for (const [wordpress, offers] of sizes.slice(0, 8)) solveSize(wordpress, offers, solve, warmUps);
  const isThere = hasCbc();
  if (!isThere) say('cbc is not installed (apt-get install coinor-cbc): there is nothing to compare with');
  const rows = sizes.map(([wordpress, offers]) => {
    const mine = solveSize(wordpress, offers, solve);
    const theirs = isThere ? cbc(wordpress, vmOffers(offers), cbcSeconds) : null;
    const words =
      theirs === null ? 'nothing' : `${theirs.price}${theirs.proved ? ' proved' : ''} in ${theirs.cpuMs.toFixed(0)} ms`;
    say(
      `${wordpress} x ${offers}: ${mine.price}${mine.proved ? ' proved' : ''} in ${mine.cpu.toFixed(2)} ms; cbc ${words}`,
    );
    return { mine, theirs, isLarge: wordpress === 50 };
  });
  const proved = rows.flatMap(({ mine, theirs }) => (theirs?.proved === true ? [mine.price === theirs.price] : []));
  return {
    prob090_first_plan_ms_cpu: first,
    prob090_ms_cpu_max: Math.max(...rows.filter(({ isLarge }) => !isLarge).map(({ mine }) => mine.cpu)),
    prob090_50x500_ms_cpu: rows.find(({ isLarge }) => isLarge)?.mine.cpu ?? 0,
    prob090_proved: rows.filter(({ mine }) => mine.proved).length,
    prob090_sizes: rows.length,
    cbc_ms_cpu_max: Math.max(0, ...rows.map(({ theirs }) => theirs?.cpuMs ?? 0)),
    cbc_proved: proved.length,
    cbc_disagreements: proved.filter((same) => !same).length,
  };
}

/** Fields: see docs of each part; times in milliseconds or seconds of CPU as their names say. */
export const place: Benchmark = {
  what: 'placement: prob090 beside CBC, random blueprints, one after another, ten thousand at once',
  async run(say) {
    const solve = await openSolver();
    const figures = {
      ...prob090(solve, say),
      ...proveMany(solve, say),
      ...placeOnline(say),
      ...placeTenThousand(say),
    };
    return Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, Math.round(value * 1_000) / 1_000]));
  },
};
