/** Our codec beside the BEAM's, C's `ei` and Jinterface on one term of 2 KB, in turn: CPU per term, never wall time. */
import { readFileSync } from 'node:fs';
import { decodeTerm, encodeTerm } from '../src/erlang/term/term.ts';
import type { Benchmark } from './benchmark.ts';
import { median, ownCpuUs, Rivals } from './erlang-rivals.ts';

const rounds = 5;
const roundMs = 1_000;

interface Pair {
  readonly decode: number;
  readonly encode: number;
  readonly beamDecode: number;
  readonly beamEncode: number;
}

function rate(act: () => unknown): number {
  const before = ownCpuUs();
  const end = performance.now() + roundMs;
  let count = 0;
  for (; performance.now() < end; count += 500) for (let i = 0; i < 500; i++) act();
  return (count * 1e6) / (ownCpuUs() - before);
}

/**
 * Fields: `[beam_|jinterface_]{decode,encode}_per_cpu_s` (terms per second of CPU), ei_decode_per_cpu_s (walks, builds nothing),
 * ei_transcode_per_cpu_s (decodes and encodes), decode_ratio and encode_ratio (ours by the BEAM's, median of pairs).
 */
export const etf: Benchmark = {
  what: 'the external term format beside the BEAM, C and Java',
  async run(say) {
    const rivals = new Rivals();
    try {
      const file = await rivals.fixture();
      const bytes = readFileSync(file);
      const term = decodeTerm(bytes);
      for (let i = 0; i < 50_000; i++) encodeTerm(decodeTerm(bytes));
      const pairs: Pair[] = [];
      for (let round = 0; round < rounds; round++) {
        const beam = await rivals.beam(['etf', file, String(roundMs), '1']);
        const decode = rate(() => decodeTerm(bytes));
        const encode = rate(() => encodeTerm(term));
        pairs.push({
          decode,
          encode,
          beamDecode: beam['decode_per_cpu_s'] ?? NaN,
          beamEncode: beam['encode_per_cpu_s'] ?? NaN,
        });
        say(
          `round ${round + 1}: ours ${Math.round(decode)} / ${Math.round(encode)}, BEAM ${beam['decode_per_cpu_s']} / ${beam['encode_per_cpu_s']}`,
        );
      }
      const ei = await rivals.c(['etf', file, String(roundMs / 1000)]);
      const java = await rivals.java([file, String(roundMs / 1000)]);
      const of = (pick: (pair: Pair) => number): number => median(pairs.map(pick));
      return {
        bytes: bytes.length,
        decode_per_cpu_s: Math.round(of((pair) => pair.decode)),
        encode_per_cpu_s: Math.round(of((pair) => pair.encode)),
        beam_decode_per_cpu_s: of((pair) => pair.beamDecode),
        beam_encode_per_cpu_s: of((pair) => pair.beamEncode),
        decode_ratio: round2(of((pair) => pair.decode / pair.beamDecode)),
        encode_ratio: round2(of((pair) => pair.encode / pair.beamEncode)),
        ...named('ei', ei),
        ...named('jinterface', java),
      };
    } finally {
      rivals.remove();
    }
  },
};

function named(rival: string, figures: Readonly<Record<string, number>> | undefined): Record<string, number> {
  return Object.fromEntries(Object.entries(figures ?? {}).map(([key, value]) => [`${rival}_${key}`, value]));
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
