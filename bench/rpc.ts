/** `erlang:node()` called on a real node: ours beside the BEAM's `erpc` and C's `ei_rpc`, in turn. As the BEAM does, we use the atom cache. */
import type { ErlangNode } from '../src/erlang/erlang.ts';
import { visit } from '../test/kit/erlang-shell.ts';
import { realNodes } from '../test/kit/real-erlang.ts';
import type { Benchmark } from './benchmark.ts';
import type { Figures } from './erlang-rivals.ts';
import { median, ownCpuUs, Rivals } from './erlang-rivals.ts';

const rounds = 5;
const roundMs = 1_500;
const within = { timeoutMs: 60_000 };

interface Round {
  readonly perSecond: number;
  readonly usCpu: number;
}

interface Pair {
  readonly one: Round;
  readonly hundred: Round;
  readonly beam: Figures;
}

/** Calls from so many callers at once, each waiting for its answer before it asks again. */
async function ours(node: ErlangNode, callers: number): Promise<Round> {
  const before = ownCpuUs();
  const started = performance.now();
  const end = started + roundMs;
  let count = 0;
  const caller = async (): Promise<void> => {
    for (; performance.now() < end; count++) await node.call('erlang', 'node', [], within);
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - started) / 1000;
  return { perSecond: count / seconds, usCpu: (ownCpuUs() - before) / count };
}

/**
 * Fields: rpc_us_cpu, beam_rpc_us_cpu (client's CPU per call with 100 in flight, microseconds), ei_rpc_us_cpu (one at a time:
 * ei knows no other way), rpc_us_cpu_1, calls_s_1, calls_s_100, beam_calls_s_1, beam_calls_s_100, ratio_100 (calls, ours by
 * BEAM's), cpu_ratio (client's CPU with 100 in flight, ours by BEAM's; median of pairs, both).
 */
export const rpc: Benchmark = {
  what: 'remote calls to a real node beside the BEAM and C',
  async run(say) {
    const rivals = new Rivals();
    const world = await realNodes();
    try {
      const target = await world.start('target@127.0.0.1');
      const node = await visit(target, world.cookie, { atomCache: true });
      await ours(node, 100);
      const all: Pair[] = [];
      for (let round = 1; round <= rounds; round++) {
        const beam = await rivals.beam(['rpc', target.name, String(roundMs), '1'], world);
        const pair = { one: await ours(node, 1), hundred: await ours(node, 100), beam };
        all.push(pair);
        say(
          `round ${round}: ours ${pair.hundred.usCpu.toFixed(2)} us CPU, ${Math.round(pair.hundred.perSecond)}/s; BEAM ${beam['us_cpu']?.toFixed(2)} us CPU, ${Math.round(beam['calls_s_100'] ?? 0)}/s`,
        );
      }
      node.close();
      const ei = await rivals.c(['rpc', target.name, world.cookie, String(roundMs / 1000)], world);
      const of = (pick: (pair: Pair) => number): number => Math.round(median(all.map(pick)) * 100) / 100;
      return {
        rpc_us_cpu: of((pair) => pair.hundred.usCpu),
        beam_rpc_us_cpu: of((pair) => pair.beam['us_cpu'] ?? NaN),
        ...(ei === undefined ? {} : { ei_rpc_us_cpu: ei['us_cpu'] ?? NaN, ei_calls_s_1: ei['calls_s_1'] ?? NaN }),
        rpc_us_cpu_1: of((pair) => pair.one.usCpu),
        beam_rpc_us_cpu_1: of((pair) => pair.beam['us_cpu_1'] ?? NaN),
        calls_s_1: Math.round(of((pair) => pair.one.perSecond)),
        calls_s_100: Math.round(of((pair) => pair.hundred.perSecond)),
        beam_calls_s_1: Math.round(of((pair) => pair.beam['calls_s_1'] ?? NaN)),
        beam_calls_s_100: Math.round(of((pair) => pair.beam['calls_s_100'] ?? NaN)),
        cpu_ratio: of((pair) => pair.hundred.usCpu / (pair.beam['us_cpu'] ?? NaN)),
        ratio_100: of((pair) => pair.hundred.perSecond / (pair.beam['calls_s_100'] ?? NaN)),
      };
    } finally {
      await world.stop();
      rivals.remove();
    }
  },
};
