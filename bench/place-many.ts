/** Random blueprints over many providers, proved or not. */
import { makePlan } from '../src/plan/plan.ts';
import type { SolveProgram } from '../src/plan/plan.ts';
import { Dice } from '../test/kit/placement-instances.ts';
import { documentOf, PlannerWorld } from '../test/kit/planner-world.ts';
import type { HostSketch } from '../test/kit/planner-world.ts';

type Say = (line: string) => void;

const instances = 200;
export const head = { nextOrdinal: {}, destroying: false };

/** CPU milliseconds of this process that the work takes, and what came of it. */
export function timed<T>(work: () => T): { readonly value: T; readonly cpuMs: number } {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, cpuMs: (user + system) / 1_000 };
}

/** Machine types of a domain: cores, memory and price of one after another. */
export function typesOf(domain: string, count: number, factor: number): HostSketch[] {
  return Array.from({ length: count }, (_, at) => {
    const cores = 2 ** (1 + (at % 6));
    return {
      domain,
      host: `type-${at}`,
      cores,
      memoryBytes: cores * (1 + (at % 3)) * 2 ** 30,
      left: 2_000,
      pricePerHour: Math.round(cores * factor * (90 + ((at * 7) % 20))) / 10_000,
    };
  });
}

export function domainText(name: string, at: number, providers: number): string {
  const provider = `p${at % providers}`;
  return `  ${name}: { provider: ${provider}, region: r${Math.floor(at / 3)}, zone: z${at}, capabilities: { tier: ${at % 4 === 0 ? 'gold' : 'tin'} } }`;
}

export function providersText(count: number): string {
  return `{ ${Array.from({ length: count }, (_, at) => `p${at}: { kind: memory }`).join(', ')} }`;
}

/** A blueprint of two or three families with relations, spread and quota over up to two thousand offers. */
function drawn(seed: number): PlannerWorld {
  const dice = new Dice(seed);
  const [providers, domains] = [2 + dice.below(4), 5 + dice.below(36)];
  const names = Array.from({ length: domains }, (_, at) => `d${at}`);
  const hosts = names.flatMap((name) => typesOf(name, 4 + dice.below(45), 90 + dice.below(30)));
  const rules = [
    'spread: { over: provider }',
    'apart: host, spread: { over: region }',
    'most: { host: 2 }',
    'least: { provider: 2 }, most: { host: 4 }',
    'spread: { over: provider, shares: { p0: 60, p1: 40 } }',
    'consolidate: provider, most: { host: 3 }',
    'near: { family: db, within: region }',
    'apartFrom: { db: host }, most: { host: 4 }',
  ];
  const web = dice.pick(rules);
  const document = documentOf(`
wombat: 1
name: drawn
providers: ${providersText(providers)}
domains:
${names.map((name, at) => domainText(name, at, providers)).join('\n')}
releases: { app: { file: a.tgz } }
limits: { providers: { p0: { machines: ${5 + dice.below(40)} } } }
optimise: [spread, consolidate, prefer, cost]
families:
  db: { release: app, nodes: ${1 + dice.below(20)}, uses: { cores: 4, memory: 4G }, place: { most: { host: 1 } } }
  web:
    release: app
    nodes: ${10 + dice.below(400)}
    uses: { cores: ${dice.pick([1, 2])}, memory: 1G }
    ${dice.maybe(3, 'prefer: [{ that: "tier = gold", weight: 20 }]')}
    place: { ${web} }
`);
  return new PlannerWorld(document, hosts);
}

/** Field: `proved_share`, the share of the instances that were proved within a second of CPU each. */
export function proveMany(solve: SolveProgram, say: Say): Record<string, number> {
  let [proved, worst] = [0, 0];
  for (let seed = 1; seed <= instances; seed++) {
    const world = drawn(seed);
    const { facts, document } = world;
    const { value, cpuMs } = timed(() => makePlan(document, head, facts, { seed, solve }));
    const isProved = value.report.placement?.proved === true && value.report.shortages.length === 0;
    if (isProved && cpuMs <= 1_000) proved += 1;
    else
      say(
        `instance ${seed}: ${isProved ? 'proved' : 'not proved'} in ${cpuMs.toFixed(0)} ms: ${JSON.stringify(document.families['web']?.place)}`,
      );
    worst = Math.max(worst, cpuMs);
  }
  say(`${proved} of ${instances} proved within a second`);
  return { proved_share: proved / instances, proved_ms_cpu_max: worst };
}
