import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFaultProxy } from './fault-proxy.ts';
import type { FaultProxy } from './fault-proxy.ts';
import { htmlPage } from './trouble.ts';

let arrived: string[] = [];
const server = createServer((request, response) => {
  arrived.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.host ?? ''}`);
  response.setHeader('x-count', arrived.length);
  response.end(JSON.stringify({ count: arrived.length, here: 'http://upstream' }));
});
let proxy: FaultProxy;

beforeEach(async () => {
  arrived = [];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await openFaultProxy({
    upstream: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`,
    changes: ({ method }) => method !== 'GET',
    rewrite: (text) => text.replace('http://upstream', 'http://proxy'),
  });
});
afterEach(async () => {
  await proxy.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const post = () => fetch(`${proxy.url}/servers?a=1`, { method: 'POST', body: '{}' });
const count = async () => ((await (await fetch(`${proxy.url}/servers`)).json()) as { count: number }).count;

test('in peace it passes everything on, the host as it was named, addresses rewritten', async () => {
  const answer = await post();
  expect(answer.headers.get('x-count')).toBe('1');
  expect(await answer.json()).toEqual({ count: 1, here: 'http://proxy' });
  expect(arrived).toEqual([`POST /base/servers?a=1 ${new URL(proxy.url).host}`]);
  expect(proxy.trouble.changes).toBe(1);
});

test('what is lost or cut has happened, what is refused has not', async () => {
  proxy.trouble.next({ what: 'lose' });
  proxy.trouble.next({ what: 'cut' });
  proxy.trouble.next({ what: 'refuse', refusal: { status: 429, headers: { 'retry-after': '3' }, text: 'slower' } });
  await expect(post()).rejects.toThrow();
  await expect(post().then((answer) => answer.text())).rejects.toThrow();
  expect(arrived).toHaveLength(2);
  const refused = await post();
  expect([refused.status, refused.headers.get('retry-after'), await refused.text()]).toEqual([429, '3', 'slower']);
  expect(arrived).toHaveLength(2);
  expect(proxy.trouble.changes).toBe(2);
});

test('what is late happens after the caller has given up; what is doubled happens twice', async () => {
  proxy.trouble.next({ what: 'late', ms: 30 });
  await expect(post()).rejects.toThrow();
  expect(arrived).toHaveLength(0);
  await expect.poll(() => arrived.length).toBe(1);
  proxy.trouble.next({ what: 'double' });
  expect((await post()).status).toBe(200);
  expect(arrived).toHaveLength(3);
});

test('another page comes instead of the answer; a stale read is the one before', async () => {
  proxy.trouble.next({ what: 'instead', status: 502, type: 'text/html', text: htmlPage });
  expect(await (await post()).text()).toBe(htmlPage);
  expect(await count()).toBe(2);
  await post();
  proxy.trouble.next({ what: 'stale' }, ({ changes }) => !changes);
  expect(await count()).toBe(2);
  expect(await count()).toBe(4);
});

test('a schedule meets every so many calls of its sort, in turn', async () => {
  proxy.trouble.schedule('changes', { every: 2, mishaps: [{ what: 'lose' }, { what: 'double' }] });
  const outcomes = [];
  for (let call = 0; call < 5; call += 1)
    outcomes.push(
      await post().then(
        () => 'ok',
        () => 'lost',
      ),
    );
  expect(outcomes).toEqual(['ok', 'lost', 'ok', 'ok', 'ok']);
  expect(arrived).toHaveLength(6);
  proxy.trouble.calm();
  expect(await count()).toBe(7);
});
