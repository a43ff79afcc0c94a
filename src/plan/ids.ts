/** Names that a plan gives: drawn from the seed and from what is named, so that the same plan gives the same names (I2, I10). */

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A short identifier such as `n-8f3kq0zt1m`, fifty bits of a hash of the seed and the words. Not for secrets. */
export function idFrom(prefix: string, seed: number, words: readonly string[]): string {
  const text = words.join('\n');
  const halves = [hash(text, seed >>> 0), hash(text, ~seed >>> 0)];
  const letters = halves.flatMap((half) => [0, 5, 10, 15, 20].map((shift) => alphabet.charAt((half >>> shift) & 31)));
  return `${prefix}-${letters.join('')}`;
}

/** 32 bits: FNV-1a with a final mix (the finaliser of MurmurHash3). */
function hash(text: string, seed: number): number {
  let state = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193) >>> 0;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b) >>> 0;
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35) >>> 0;
  return (state ^ (state >>> 16)) >>> 0;
}
