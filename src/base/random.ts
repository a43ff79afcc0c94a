/** Chance as a value that is handed in (I10). Secrets are never drawn from here: they come from `node:crypto`. */
import { getRandomValues } from 'node:crypto';

/** A source of uniformly distributed numbers. */
export interface Random {
  /** a whole number from 0 up to and not including `bound` (1 to 2^32) */
  below(bound: number): number;
}

/** Drawn many at a time, each given away once: to ask for one costs as much as to ask for all of them. */
const drawn = new Uint32Array(1024);
let left = 0;

/** The machine's own randomness. */
export const systemRandom: Random = {
  below(bound) {
    if (left === 0) {
      getRandomValues(drawn);
      left = drawn.length;
    }
    left -= 1;
    const word = drawn[left] ?? 0;
    return Math.floor((word / 2 ** 32) * bound);
  },
};

/** A repeatable source: the same seed gives the same numbers (mulberry32). Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(bound) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
    },
  };
}

const idAlphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A short identifier such as `n-8f3kq0zt1m`: ten characters of 32, fifty bits. */
export function newId(random: Random, prefix: string): string {
  const letters = Array.from({ length: 10 }, () => idAlphabet.charAt(random.below(32)));
  return `${prefix}-${letters.join('')}`;
}
