import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { gathered } from './gathered.ts';

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

/** A stream that keeps what each of its writes brought. */
function recorder() {
  const writes: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, next) {
      writes.push(chunk.toString());
      next();
    },
    writev(chunks, next) {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      next();
    },
  });
  return { stream: gathered(stream as unknown as Socket), writes };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('what is written within one turn of the event loop leaves together', async () => {
  const { stream, writes } = recorder();
  stream.write('a');
  stream.write('b');
  await Promise.resolve();
  stream.write('c');
  expect(writes).toEqual([]);
  await turn();
  expect(writes).toEqual(['abc']);
  stream.write('d');
  await turn();
  expect(writes).toEqual(['abc', 'd']);
});

test('what was written before the end arrives before it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = gathered(connect((server.address() as AddressInfo).port, '127.0.0.1'));
  ends.push(
    () => server.close(),
    () => socket.destroy(),
  );
  const [peer] = (await once(server, 'connection')) as [Socket];
  socket.write('first ');
  socket.end('last');
  const parts: string[] = [];
  for await (const part of peer) parts.push(String(part));
  expect(parts.join('')).toBe('first last');
});
