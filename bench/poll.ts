/**
 * A full health sweep of 200 real nodes: one call a node, `lists:zipwith3(fun erlang:apply/3, Modules, Functions, Args)`, which
 * loads no module there. The BEAM makes the very same call with `erpc`. Beside it stands the floor: what a node spends on
 * `erlang:node/0`, the least that it can be asked, which is nearly all waking up.
 */
import { ExportFun, atom, callAll, tuple } from '../src/erlang/erlang.ts';
import type { ErlangNode, Term } from '../src/erlang/erlang.ts';
import type { Call } from '../src/erlang/rpc/erpc.ts';
import { visit } from '../test/kit/erlang-shell.ts';
import { realNodes } from '../test/kit/real-erlang.ts';
import type { RealNode, RealNodes } from '../test/kit/real-erlang.ts';
import type { Benchmark } from './benchmark.ts';
import type { Figures } from './erlang-rivals.ts';
import { cpuUs, median, ownCpuUs, Rivals } from './erlang-rivals.ts';

const nodes = 200;
const sweeps = 100;
const rounds = 3;
const within = { timeoutMs: 60_000 };

/** As `calls/0` of rivals/rival.erl. */
const asked: readonly (readonly [string, readonly Term[]])[] = [
  ['system_info', [tuple(atom('allocator_sizes'), ['eheap_alloc', 'binary_alloc', 'ets_alloc'].map(atom))]],
  ...['process_count', 'port_count', 'atom_count', 'ets_count', 'schedulers_online'].map(
    (item) => ['system_info', [atom(item)]] as const,
  ),
  ...['total_run_queue_lengths', 'reductions', 'io', 'garbage_collection', 'wall_clock'].map(
    (item) => ['statistics', [atom(item)]] as const,
  ),
  ['nodes', []],
];

const health: Call = {
  module: 'lists',
  function: 'zipwith3',
  args: [
    new ExportFun(atom('erlang'), atom('apply'), 3),
    asked.map(() => atom('erlang')),
    asked.map(([name]) => atom(name)),
    asked.map(([, args]) => args),
  ],
};

/** The least that a node can be asked. */
const nothing: Call = { module: 'erlang', function: 'node', args: [] };

async function sweep(open: readonly ErlangNode[], call = health): Promise<void> {
  const outcomes = await callAll(open, call, within);
  const failed = outcomes.find(({ kind }) => kind === 'failed');
  if (failed?.kind === 'failed') throw failed.error;
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
  readonly floor: Round;
  readonly beam: Figures;
}

async function ours(targets: readonly RealNode[], open: readonly ErlangNode[], call: Call): Promise<Round> {
  await sweep(open, call);
  const targetCpu = (): number => targets.reduce((sum, { pid }) => sum + cpuUs(pid), 0);
  const before = targetCpu();
  const own = ownCpuUs();
  for (let i = 0; i < sweeps; i++) await sweep(open, call);
  const polls = sweeps * nodes;
  return { client: (ownCpuUs() - own) / polls, target: (targetCpu() - before) / polls };
}

/**
 * Fields: nodes, calls (functions per sweep and node), {,beam_}{client,target}_us_cpu (microseconds of CPU per node and sweep),
 * {,beam_}target_floor_us_cpu (the target's for `erlang:node/0`), {client,target}_ratio (ours by the BEAM's, median of pairs).
 */
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
        const own = await ours(targets, open, health);
        const floor = await ours(targets, open, nothing);
        all.push({ own, floor, beam });
        say(
          `round ${round}: ours ${own.client.toFixed(1)} + ${own.target.toFixed(1)} us, BEAM ${beam['client_us_cpu']?.toFixed(1)} + ${beam['target_us_cpu']?.toFixed(1)} us; a node's floor ${floor.target.toFixed(1)} us`,
        );
      }
      for (const node of open) node.close();
      const of = (pick: (pair: Pair) => number): number => Math.round(median(all.map(pick)) * 100) / 100;
      return {
        nodes,
        calls: asked.length,
        client_us_cpu: of(({ own }) => own.client),
        target_us_cpu: of(({ own }) => own.target),
        beam_client_us_cpu: of(({ beam }) => beam['client_us_cpu'] ?? NaN),
        beam_target_us_cpu: of(({ beam }) => beam['target_us_cpu'] ?? NaN),
        target_floor_us_cpu: of(({ floor }) => floor.target),
        beam_target_floor_us_cpu: of(({ beam }) => beam['target_floor_us_cpu'] ?? NaN),
        client_ratio: of(({ own, beam }) => own.client / (beam['client_us_cpu'] ?? NaN)),
        target_ratio: of(({ own, beam }) => own.target / (beam['target_us_cpu'] ?? NaN)),
      };
    } finally {
      await world.stop();
      rivals.remove();
    }
  },
};
