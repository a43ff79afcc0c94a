/**
 * Damaged bytes by the hundred thousand: terms, distribution headers and fragments, handshakes, source text. Each input gives
 * a value or its own kind of error, in time, and costs no more memory than it may. `npm run test:long` makes a million.
 */
import { getHeapStatistics } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyTerms, sourceTerms } from '../../../test/kit/arbitrary-terms.ts';
import { seededRandom } from '../../base/random.ts';
import { readChallenge, readComplement, readName } from '../dist/handshake-messages.ts';
import { MessageReader } from '../dist/message-reader.ts';
import { MessageWriter } from '../dist/message-writer.ts';
import { defaultLimits } from './term-reader.ts';
import { decodeTerm, DecodeError, encodeTerm, formatTerms, ParseError, parseTerms, tuple } from './term.ts';

const runs = process.env['WOMBAT_TEST_LONG'] === '1' ? 1_000_000 : 60_000;
const slowMs = 100;
const random = seededRandom(4);
const terms = fc.sample(anyTerms, { numRuns: 400, seed: 4 });

/** Changes bytes, lengths most of all; cuts, doubles and joins. */
function damaged(seeds: readonly Buffer[]): Buffer {
  const bytes = Buffer.from(seeds[random.below(seeds.length)] ?? Buffer.alloc(1));
  const other = seeds[random.below(seeds.length)] ?? bytes;
  for (let changes = random.below(4); changes >= 0; changes--) {
    const at = random.below(Math.max(bytes.length, 1));
    if (random.below(4) === 0) bytes.fill(random.below(2) * 255, at, Math.min(at + 4, bytes.length));
    else bytes[at] = random.below(256);
  }
  const cut = random.below(bytes.length + 1);
  switch (random.below(6)) {
    case 0:
      return bytes.subarray(0, cut);
    case 1:
      return Buffer.concat([bytes.subarray(0, cut), other.subarray(random.below(other.length + 1))]);
    default:
      return bytes;
  }
}

function readsOrRefuses(read: () => unknown, error: new (...words: never[]) => Error): void {
  try {
    read();
  } catch (thrown) {
    if (!(thrown instanceof error)) throw thrown;
  }
}

/** Longer than that must not be only because somebody else used the machine. */
function inTime(read: () => void): void {
  for (let tries = 0; tries < 5; tries++) {
    const started = performance.now();
    read();
    if (performance.now() - started < slowMs) return;
  }
  throw new Error(`reading took more than ${slowMs} ms five times`);
}

/** Bytes that this process holds on and beside the heap, the garbage of a moment ago included. */
function held(): number {
  const { used_heap_size: heap, external_memory: beside } = getHeapStatistics();
  return heap + beside;
}

/** What reading allocates, all that it throws away again included. A collection in between, or the compiler, spoils a try. */
function allocated(read: () => void, allowed: number): number {
  let least = Infinity;
  for (let tries = 0; tries < 8; tries++) {
    const before = held();
    read();
    const grown = held() - before;
    if (grown >= 0 && grown <= allowed) return grown;
    if (grown > 0) least = Math.min(least, grown);
  }
  return least;
}

describe('damaged', () => {
  test(`terms, ${runs} times, each in time and for no more than four times its bytes and 64 KiB`, () => {
    const seeds = [
      ...terms.map(encodeTerm),
      ...[1, 2, 3].map(() => encodeTerm(fc.sample(anyTerms, { numRuns: 40, seed: 4 }))),
    ];
    for (let i = 0; i < runs; i++) {
      const bytes = damaged(seeds);
      const allowed = 4 * bytes.length + 65_536;
      const read = (): void => inTime(() => readsOrRefuses(() => decodeTerm(bytes), DecodeError));
      const grown = allocated(read, allowed);
      if (grown > allowed) throw new Error(`${bytes.length} bytes took ${grown}: ${bytes.toString('hex')}`);
    }
  }, 600_000);

  test('or dense terms take no more memory than they are allowed, as they are refused', () => {
    const elements = [[104, 0], [104, 1, 106], [106], [97, 1], [116, 0, 0, 0, 0], [109, 0, 0, 0, 0], [107, 0, 1, 7], [70, 0, 0, 0, 0, 0, 0, 0, 0]]; // prettier-ignore
    for (const element of elements) {
      const count = 30_000;
      const bytes = Buffer.concat([Buffer.of(131, 108, 0, 0, count >>> 8, count & 255), Buffer.alloc(count * element.length, Uint8Array.from(element)), Buffer.of(106)]); // prettier-ignore
      const memoryBytes = 4 * bytes.length;
      const read = (): void => readsOrRefuses(() => decodeTerm(bytes, { ...defaultLimits, memoryBytes }), DecodeError);
      expect(allocated(read, memoryBytes + 65_536), element.join()).toBeLessThanOrEqual(1.5 * memoryBytes + 65_536);
    }
  });

  test('messages with headers and fragments', () => {
    const writer = new MessageWriter({ headers: true, fragments: true });
    const seeds = terms.map((term) => writer.write(tuple(2, [], term), term).subarray(4));
    const fragments = [1, 2, 3].map((n) => Buffer.concat([Buffer.of(131, 69, 0, 0, 0, 0, 0, 0, 0, n, 0, 0, 0, 0, 0, 0, 0, n, 0), encodeTerm(tuple(n)).subarray(1)])); // prettier-ignore
    let reader = new MessageReader(true, 1_000_000);
    for (let i = 0; i < runs / 4; i++) {
      if (i % 100 === 0) reader = new MessageReader(true, 1_000_000);
      const bytes = damaged(i % 3 === 0 ? fragments : seeds);
      inTime(() => readsOrRefuses(() => reader.read(bytes)?.payload.term(), DecodeError));
    }
  }, 600_000);

  test('handshakes', () => {
    const seeds = [
      'N\0\0\0\x0d\x07\xdf\x7f\xbd\0\0\0\x09\0\x03a@b',
      'n\0\x05\0\0\0\0\0\0\0\0a@b',
      'c\0\0\0\x0d\0\0\0\x09',
    ];
    const buffers = seeds.map((text) => Buffer.from(text, 'latin1'));
    for (let i = 0; i < runs / 10; i++) {
      const bytes = damaged(buffers);
      for (const read of [readName, readChallenge, readComplement]) readsOrRefuses(() => read(bytes), DecodeError);
    }
  });

  test('source text', () => {
    const seeds = fc.sample(sourceTerms, { numRuns: 200, seed: 4 }).map((term) => Buffer.from(formatTerms([term])));
    for (let i = 0; i < runs / 10; i++) {
      const text = damaged(seeds).toString('latin1');
      inTime(() => readsOrRefuses(() => parseTerms(text), ParseError));
    }
  }, 600_000);
});
