/** Nodes placed one after another on many hosts, by the method for online decisions: how many a second, and whether it slows down. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { makePlan } from '../src/plan/plan.ts';
import { documentOf, PlannerWorld } from '../test/kit/planner-world.ts';

const [hostCount, nodes] = [15_000, 50_000];
const tenth = nodes / 10;

/** How often each size is planned: of the CPU times the middle one is taken. */
const repeats = 9;

/**
 * Fields: `decisions_per_s` of the whole plan, steps and reasons included; `last_tenth_ratio`, decisions a second of the last
 * tenth by those of the first: what the tenths cost is the difference between plans of one more tenth and without it. The first
 * also meets hosts for the first time, so `later_half_ratio` compares the later half of all after it with the earlier.
 */
export function placeOnline(say: (line: string) => void): Record<string, number> {
  const counts = [1, tenth, (nodes + tenth) / 2, nodes - tenth, nodes];
  const runs = Array.from({ length: repeats }, () => counts.map(cpuSeconds));
  const [none = 0, first = 0, half = 0, most = 0, all = 0] = counts.map((_, at) =>
    middle(runs.map((run) => run[at] ?? 0)),
  );
  const ratios = {
    last_tenth_ratio: (first - none) / (all - most),
    later_half_ratio: (half - first) / (all - half),
  };
  const told = `last tenth by first ${ratios.last_tenth_ratio.toFixed(2)}, later half by earlier ${ratios.later_half_ratio.toFixed(2)}`;
  say(`${nodes} nodes on ${hostCount} hosts, ${Math.round(nodes / all)} a second of CPU; ${told}`);
  return { decisions: nodes, decisions_per_s: nodes / all, ...ratios };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Collects all garbage first, so that no plan pays for that of the one before: it may be as much as the plan itself costs. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function cpuSeconds(count: number): number {
  const document = documentOf(`
wombat: 1
name: online
providers: { p: { kind: memory } }
domains: { rack: { provider: p } }
releases: { app: { file: a.tgz } }
families: { app: { release: app, nodes: ${count}, demands: ["cores >= 4", "memory >= 512M"], prefer: [{ that: "cores >= 8", weight: 10 }] } }
`);
  const { facts } = new PlannerWorld(document, hosts());
  collect();
  const before = process.cpuUsage();
  const { steps } = makePlan(document, { nextOrdinal: {}, destroying: false }, facts, { seed: 1 });
  const { user, system } = process.cpuUsage(before);
  const placed = steps.filter((step) => step.do === 'add node').length;
  if (placed !== count) throw new Error(`${placed} of ${count} nodes were placed`);
  return (user + system) / 1_000_000;
}

function hosts() {
  return Array.from({ length: hostCount }, (_, at) => ({
    domain: 'rack',
    host: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
    cores: at % 3 === 0 ? 8 : 4,
  }));
}
