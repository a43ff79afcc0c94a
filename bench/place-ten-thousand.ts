/**
 * Ten thousand nodes over many domains in one plan, in a process of its own: what it needs of memory is then its own, and
 * its code has not been warmed by anything before.
 */
import { spawnSync } from 'node:child_process';
import { makePlan } from '../src/plan/plan.ts';
import type { SolveProgram } from '../src/plan/plan.ts';
import { openSolver } from '../src/solver.ts';
import { documentOf, PlannerWorld } from '../test/kit/planner-world.ts';
import { domainText, head, providersText, timed, typesOf } from './place-many.ts';

interface Figures {
  readonly added: number;
  readonly cpuS: number;
  readonly gap: number;
  /** the most that the whole process ever had, Node and the solver included */
  readonly rssMb: number;
}

/** Fields: `ten_k_nodes`, `ten_k_s_cpu`, `gap` (of the proof; 1 where nothing is known), `ten_k_rss_mb`. */
export function placeTenThousand(say: (line: string) => void): Record<string, number> {
  const { stdout, stderr } = spawnSync(process.execPath, [import.meta.filename], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  const { added, cpuS, gap, rssMb } = JSON.parse(stdout) as Figures;
  say(`${added} nodes in ${cpuS.toFixed(2)} s CPU, at most ${rssMb.toFixed(0)} MB, gap ${gap}`);
  return { ten_k_nodes: added, ten_k_s_cpu: cpuS, gap, ten_k_rss_mb: rssMb };
}

/** The plan, made here. */
function placeHere(solve: SolveProgram): Figures {
  const [providers, domains] = [5, 60];
  const names = Array.from({ length: domains }, (_, at) => `d${at}`);
  const hosts = names.flatMap((name, at) => typesOf(name, 8, 80 + (at % 17)));
  const family = (at: number) => {
    const place = at % 2 === 0 ? 'spread: { over: provider }' : 'consolidate: provider';
    return `  f${at}: { release: app, nodes: 1000, uses: { cores: 1 }, place: { ${place} } }`;
  };
  const document = documentOf(`
wombat: 1
name: ten_k
providers: ${providersText(providers)}
domains:
${names.map((name, at) => domainText(name, at, providers)).join('\n')}
releases: { app: { file: a.tgz } }
optimise: [spread, consolidate, cost]
families:
${Array.from({ length: 10 }, (_, at) => family(at)).join('\n')}
`);
  const { facts } = new PlannerWorld(document, hosts);
  const { value, cpuMs } = timed(() => makePlan(document, head, facts, { seed: 1, solve }));
  const added = value.steps.filter((step) => step.do === 'add node').length;
  const gap = value.report.placement?.proved === true ? 0 : (value.report.placement?.gap ?? 1);
  return { added, cpuS: cpuMs / 1_000, gap, rssMb: process.resourceUsage().maxRSS / 2 ** 10 };
}

if (import.meta.main) process.stdout.write(JSON.stringify(placeHere(await openSolver())));
