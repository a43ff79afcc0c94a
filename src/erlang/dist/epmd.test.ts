import { duplexPair } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { fakeClock } from '../../../test/kit/fake-clock.ts';
import { epmdNames, epmdPort } from './epmd.ts';
import type { EpmdOptions } from './epmd.ts';

/** A stream whose far end says `answer` and hangs up; what it was asked comes into `asked`. */
function epmdSaying(answer: Buffer, asked: Buffer[] = []): EpmdOptions {
  const [stream, far] = duplexPair();
  far.on('data', (chunk: Buffer) => {
    asked.push(chunk);
    far.end(answer);
  });
  return { stream, clock: fakeClock(), timeoutMs: 1000 };
}

describe('epmd', () => {
  test('lists names', async () => {
    const asked: Buffer[] = [];
    const text = 'name ants-1 at port 40001\nname a b at port 5\n';
    const options = epmdSaying(Buffer.concat([Buffer.of(0, 0, 0x11, 0x11), Buffer.from(text)]), asked);
    expect(await epmdNames(options)).toEqual([
      { name: 'ants-1', port: 40001 },
      { name: 'a b', port: 5 },
    ]);
    expect(Buffer.concat(asked)).toEqual(Buffer.of(0, 1, 110));
    expect(options.stream.destroyed).toBe(true);
  });

  test('finds a port', async () => {
    const asked: Buffer[] = [];
    const answer = Buffer.concat([Buffer.of(119, 0, 0x9c, 0x41, 77, 0, 0, 6, 0, 5, 0, 4), Buffer.from('ants'), Buffer.of(0, 0)]); // prettier-ignore
    expect(await epmdPort(epmdSaying(answer, asked), 'ants')).toBe(40001);
    expect(Buffer.concat(asked)).toEqual(Buffer.from('\0\x05zants'));
  });

  test('knows no such node', async () => {
    await expect(epmdPort(epmdSaying(Buffer.of(119, 1)), 'ants')).rejects.toMatchObject({ code: 'not-found' });
  });

  test.each(['', '\x77', '\x77\0\x9c', 'HTTP/1.1 400 Bad Request\r\n'])('%j is no port', async (answer) => {
    const asking = epmdPort(epmdSaying(Buffer.from(answer, 'latin1')), 'ants');
    await expect(asking).rejects.toMatchObject({ code: 'unavailable' });
  });

  test.each(['', 'abc', '\0\0\x11\x11name without a port\n'])('%j are no names', async (answer) => {
    await expect(epmdNames(epmdSaying(Buffer.from(answer)))).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('that says nothing is given up', async () => {
    const [stream] = duplexPair();
    const clock = fakeClock();
    const asking = expect(epmdNames({ stream, clock, timeoutMs: 1000 })).rejects.toMatchObject({ code: 'timeout' });
    await clock.advance(1000);
    await asking;
    expect(stream.destroyed).toBe(true);
  });
});
