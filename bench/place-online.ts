/** Nodes placed one after another on many hosts, by the method for online decisions: how many a second, and whether it slows down. */
import { makePlan } from '../src/plan/plan.ts';
import { documentOf, PlannerWorld } from '../test/kit/planner-world.ts';

const [hostCount, nodes] = [15_000, 50_000];

/** Fields: `decisions_per_s` of the whole plan, steps and reasons included. */
export function placeOnline(say: (line: string) => void): Record<string, number> {
  const document = documentOf(`
wombat: 1
name: online
providers: { p: { kind: memory } }
domains: { rack: { provider: p } }
releases: { app: { file: a.tgz } }
families: { app: { release: app, nodes: ${nodes}, demands: ["cores >= 4", "memory >= 512M"], prefer: [{ that: "cores >= 8", weight: 10 }] } }
`);
  const hosts = Array.from({ length: hostCount }, (_, at) => ({
    domain: 'rack',
    host: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
    cores: at % 3 === 0 ? 8 : 4,
  }));
  const { facts } = new PlannerWorld(document, hosts);
  const before = process.cpuUsage();
  const { steps } = makePlan(document, { nextOrdinal: {}, destroying: false }, facts, { seed: 1 });
  const { user, system } = process.cpuUsage(before);
  const placed = steps.filter((step) => step.do === 'add node').length;
  const perSecond = placed / ((user + system) / 1_000_000);
  say(`${placed} nodes on ${hostCount} hosts, ${Math.round(perSecond)} a second of CPU`);
  return { decisions: placed, decisions_per_s: perSecond };
}
