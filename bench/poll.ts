/**
 * A full health sweep of 200 real nodes: one call a node, `lists:zipwith3(fun erlang:apply/3, Modules, Functions, Args)`, which
 * loads no module there. The BEAM makes the very same call with `erpc`.
 */
import { ExportFun, atom, callAll } from '../src/erlang/erlang.ts';
import type { ErlangNode, NodeOutcome, Term } from '../src/erlang/erlang.ts';
import { visit } from '../test/kit/erlang-shell.ts';
import { realNodes } from '../test/kit/real-erlang.ts';
import type { RealNode, RealNodes } from '../test/kit/real-erlang.ts';
import type { Benchmark } from './bench.ts';
import type { Figures } from './erlang-rivals.ts';
import { cpuUs, median, ownCpuUs, Rivals } from './erlang-rivals.ts';

const nodes = 200;
const sweeps = 100;
const rounds = 3;
const within = { timeoutMs: 60_000 };

/** As `calls/0` of rivals/rival.erl. */
const asked: readonly (readonly [string, readonly string[]])[] = [
  ['memory', []],
  ...['process_count', 'port_count', 'atom_count', 'ets_count', 'schedulers_online'].map(
    (item) => ['system_info', [item]] as const,
  ),
  ...['total_run_queue_lengths', 'reductions', 'io', 'garbage_collection', 'wall_clock'].map(
    (item) => ['statistics', [item]] as const,
  ),
  ['nodes', []],
];

const health = {
  module: 'lists',
  function: 'zipwith3',
  args: [
    new ExportFun(atom('erlang'), atom('apply'), 3),
    asked.map(() => atom('erlang')),
    asked.map(([name]) => atom(name)),
    asked.map(([, args]): Term => args.map(atom)),
  ],
};

async function sweep(open: readonly ErlangNode[]): Promise<readonly NodeOutcome[]> {
  const outcomes = await callAll(open, health, within);
  const failed = outcomes.find(({ kind }) => kind === 'failed');
  if (failed?.kind === 'failed') throw failed.error;
  return outcomes;
}

async function start(world: RealNodes): Promise<RealNode[]> {
  const numbers = Array.from({ length: nodes }, (_, i) => i).values();
  const started: RealNode[] = [];
  const worker = async (): Promise<void> => {
    for (const i of numbers) started.push(await world.start(`polled-${i}@127.0.0.1`, { mode: 'interactive' }));
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return started;
}

interface Round {
  readonly client: number;
  readonly target: number;
}

interface Pair {
  readonly own: Round;
  readonly beam: Figures;
}

async function ours(targets: readonly RealNode[], open: readonly ErlangNode[]): Promise<Round> {
  await sweep(open);
  const targetCpu = (): number => targets.reduce((sum, { pid }) => sum + cpuUs(pid), 0);
  const before = targetCpu();
  const own = ownCpuUs();
  for (let i = 0; i < sweeps; i++) await sweep(open);
  const polls = sweeps * nodes;
  return { client: (ownCpuUs() - own) / polls, target: (targetCpu() - before) / polls };
}

/** Fields: nodes, calls (functions per sweep and node), {,beam_}{client,target}_us_cpu (microseconds of CPU per node and sweep). */
export const poll: Benchmark = {
  what: 'a health sweep of 200 real nodes beside the BEAM',
  async run(say) {
    const rivals = new Rivals();
    const world = await realNodes();
    try {
      const targets = await start(world);
      say(`${targets.length} nodes run`);
      const open = await Promise.all(
        targets.map((node) => visit(node, world.cookie, { atomCache: true, timeoutMs: 60_000 })),
      );
      for (let i = 0; i < 20; i++) await sweep(open);
      const all: Pair[] = [];
      for (let round = 1; round <= rounds; round++) {
        const beam = await rivals.beam(['poll', String(sweeps), ...targets.map(({ name }) => name)], world);
        const own = await ours(targets, open);
        all.push({ own, beam });
        say(
          `round ${round}: ours ${own.client.toFixed(1)} + ${own.target.toFixed(1)} us, BEAM ${beam['client_us_cpu']?.toFixed(1)} + ${beam['target_us_cpu']?.toFixed(1)} us`,
        );
      }
      for (const node of open) node.close();
      const of = (pick: (pair: Pair) => number): number => Math.round(median(all.map(pick)) * 10) / 10;
      return {
        nodes,
        calls: asked.length,
        client_us_cpu: of(({ own }) => own.client),
        target_us_cpu: of(({ own }) => own.target),
        beam_client_us_cpu: of(({ beam }) => beam['client_us_cpu'] ?? NaN),
        beam_target_us_cpu: of(({ beam }) => beam['target_us_cpu'] ?? NaN),
      };
    } finally {
      await world.stop();
      rivals.remove();
    }
  },
};
