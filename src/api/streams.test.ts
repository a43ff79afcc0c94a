import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { firstTokenOf, apiForTests, settleAnts, testToken } from '../../test/kit/api-server.ts';
import type { ApiForTests } from '../../test/kit/api-server.ts';
import { Fault } from '../base/fault.ts';
import type { Api } from './api.ts';
import { paced } from './paced.ts';
import { fakeClock } from '../../test/kit/fake-clock.ts';

let server: ApiForTests;
let api: Api;
beforeEach(async () => {
  server = await apiForTests();
  api = await server.listen();
});
afterEach(async () => {
  await api.close();
  await server.close();
});

async function open(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${api.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${testToken}`, ...headers },
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  return {
    response,
    /** Reads on until the text so far matches. */
    async until(pattern: RegExp): Promise<string> {
      while (!pattern.test(text)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`ended after: ${text}`);
        text += Buffer.from(value).toString();
      }
      return text;
    },
    ended: async () => {
      while (!(await reader.read()).done);
      return true;
    },
    cancel: () => reader.cancel(),
  };
}

const stream = { accept: 'text/event-stream' };
const event = (object: string, blueprint: string | null = null) =>
  ({ level: 'info', kind: 'node', object, blueprint, what: 'started', words: object }) as const;

describe('the event stream', () => {
  test('is refused where events behind its beginning are not kept any more, and ends where they go meanwhile', async () => {
    await server.store.commit(
      [],
      ['a', 'b', 'c', 'd'].map((object) => event(object)),
    );
    const events = await open('/events?after=0', stream);
    await events.until(/"d"/);
    await server.store.forgetEvents(2, 9);
    const late = await open('/events', { ...stream, 'last-event-id': '1' });
    expect(late.response.status).toBe(404);
    expect(await late.until(/\}$/)).toContain('events up to 2 are not kept any more');
    const resumed = await open('/events', { ...stream, 'last-event-id': '2' });
    expect(await resumed.until(/"d"/)).not.toContain('"b"');
    await Promise.all([events.cancel(), resumed.cancel()]);
  });

  test('begins now, with an id to resume from, and sends what happens', async () => {
    await server.store.commit([], [event('before')]);
    const events = await open('/events', stream);
    expect(events.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(await events.until(/id: 1\n\n/)).not.toContain('data:');
    await server.store.commit([], [event('a'), event('b')]);
    const text = await events.until(/"b"/);
    expect(text).toMatch(/id: 2\ndata: \{"sequence":2,.*"object":"a".*\}\n\nid: 3\ndata: \{"sequence":3/);
    await events.cancel();
  });

  test('resumes behind Last-Event-ID, which wins over `after`', async () => {
    await server.store.commit([], [event('a'), event('b'), event('c')]);
    const events = await open('/events?after=0', { ...stream, 'last-event-id': '2' });
    const text = await events.until(/"c"/);
    expect([text.includes('"a"'), text.includes('"b"')]).toEqual([false, false]);
    await events.cancel();
  });

  test('sends one blueprint only where asked to', async () => {
    const events = await open('/events?after=0&blueprint=ants', stream);
    await server.store.commit([], [event('a', 'bees'), event('b', 'ants')]);
    expect(await events.until(/"b"/)).not.toContain('"a"');
    await events.cancel();
  });

  test('shows every 15 seconds that it is alive', async () => {
    const events = await open('/events', stream);
    await events.until(/id: 0\n\n/);
    while (server.clock.pending === 0) await new Promise(setImmediate);
    await server.clock.advance(15_000);
    expect(await events.until(/^:$/m)).toMatch(/\n:\n\n$/);
    await events.cancel();
  });

  test('many events come whole, in order, however they are cut', async () => {
    const objects = Array.from({ length: 1200 }, (_, n) => `object-${n}`);
    await server.store.commit(
      [],
      objects.map((object) => event(object)),
    );
    const events = await open('/events?after=0', stream);
    const text = await events.until(/object-1199"[^\n]*\n\n/);
    expect([...text.matchAll(/^id: (\d+)\ndata/gm)].map(([, id]) => Number(id))).toEqual(objects.map((_, n) => n + 1));
    await events.cancel();
  });

  test('ends with the API, and leaves no timer when its listener goes', async () => {
    const [gone, stays] = [await open('/events', stream), await open('/events', stream)];
    await gone.until(/id: 0/);
    await stays.until(/id: 0/);
    while (server.clock.pending < 2) await new Promise(setImmediate);
    await gone.cancel();
    while (server.clock.pending > 1) await new Promise((resolve) => setImmediate(resolve));
    await api.close();
    expect(await stays.ended().catch(() => true)).toBe(true);
    expect(server.clock.pending).toBe(0);
  });
});

test('a reader who takes nothing for a minute is dropped, one who takes is not', async () => {
  const clock = fakeClock();
  let dropped = 0;
  async function* chunks() {
    for (let n = 0; n < 3; n++) yield await Promise.resolve(n);
  }
  const reader = paced(chunks(), clock, () => dropped++);
  await reader.next();
  await clock.advance(59_000);
  await reader.next();
  await clock.advance(59_000);
  expect(dropped).toBe(0);
  await clock.advance(1_000);
  expect(dropped).toBe(1);
  await reader.return(undefined);
  expect(clock.pending).toBe(0);
});

describe('a log that is followed', () => {
  beforeEach(() => settleAnts(server.store));

  test('comes as it grows, and the port is told when the listener goes', async () => {
    let ended = false;
    server.ports.answers = {
      async *followLog(_node, _lines, signal) {
        yield Buffer.from('first\n');
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        ended = true;
      },
    };
    const log = await open('/nodes/n-1/logs?follow=true&lines=7');
    expect(await log.until(/first\n/)).toBe('first\n');
    expect(server.ports.calls).toEqual([['followLog', 'n-1', 7]]);
    await log.cancel();
    while (!(ended as boolean)) await new Promise(setImmediate);
  });

  test('that cannot begin is a problem', async () => {
    server.ports.answers = {
      // eslint-disable-next-line @typescript-eslint/require-await -- it fails first
      async *followLog() {
        throw new Fault('unavailable', 'host 10.78.0.11 cannot be reached');
      },
    };
    const { status, problem } = await server.ask('GET', '/nodes/n-1/logs?follow=true');
    expect([status, problem.kind]).toEqual([503, 'unavailable']);
  });
});

test('an upload that is refused early is told so, though it is not all read', async () => {
  const real = server.artifacts.take.bind(server.artifacts);
  server.artifacts.take = async (archive) => {
    for await (const _ of archive) break;
    server.artifacts.take = real;
    throw new Fault('invalid', 'this is no gzip file');
  };
  const response = await fetch(`${api.url}/api/v1/releases`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testToken}`, 'content-type': 'application/gzip' },
    body: Buffer.alloc(20_000_000),
  });
  expect([response.status, await response.json()]).toMatchObject([422, { detail: 'this is no gzip file' }]);
});

test('a port that is taken is said to be', async () => {
  const { port } = new URL(api.url);
  const { openApi } = await import('./api.ts');
  const options = {
    ...server,
    host: '127.0.0.1',
    port: Number(port),
    firstToken: firstTokenOf('a-token-for-tests'),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    version: '1',
  };
  await expect(openApi(options)).rejects.toMatchObject({
    code: 'unavailable',
    detail: { words: expect.stringMatching(/EADDRINUSE/) },
  });
});
