/** What a client does about lost connections and about things that changed meanwhile. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiForTests, settleAnts, testToken } from '../../test/kit/api-server.ts';
import type { ApiForTests } from '../../test/kit/api-server.ts';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import type { Api } from '../api/api.ts';
import { seededRandom } from '../base/random.ts';
import { openClient, tagOf } from './client.ts';

let server: ApiForTests;
let api: Api;
beforeEach(async () => {
  server = await apiForTests();
  await settleAnts(server.store);
  api = await server.listen();
});
afterEach(async () => {
  await api.close();
  await server.close();
});

const colony = { blueprint: 'ants', family: 'colony' };
const clock = fakeClock();

/** What a platform's fetch throws for a connection that ended so. */
function broken(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}

/** A client whose n-th request ends as the n-th says, after it was carried out (`answer`) or before (`request`). */
function unlucky(...losses: (readonly ['answer' | 'request', string] | null)[]) {
  const keys: (string | null)[] = [];
  const client = openClient({
    ...{ url: api.url, token: testToken, clock, random: seededRandom(1) },
    async fetch(input, init) {
      keys.push((input as Request).headers.get('idempotency-key'));
      const [when, code] = losses[keys.length - 1] ?? [];
      if (when === 'request' && code !== undefined) throw broken(code);
      const answer = await fetch(input, init);
      if (when === 'answer' && code !== undefined) throw broken(code);
      return answer;
    },
  });
  return { client, keys };
}

/** Moves the clock until the promise has settled. */
async function moving<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  const over = promise.finally(() => (settled = true));
  over.catch(() => undefined);
  while (!settled) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await clock.advance(200);
  }
  return over;
}

const scalings = () => server.ports.calls.filter(([port]) => port === 'scale').length;

describe('a lost connection', () => {
  test('after the change was made: asked again under its key, it is answered and not made twice', async () => {
    const { client, keys } = unlucky(['answer', 'UND_ERR_SOCKET'], ['answer', 'ECONNRESET']);
    expect(await moving(client.families.scale(colony, 3))).toMatchObject({ revision: 3 });
    expect([scalings(), keys.length, new Set(keys).size]).toEqual([1, 3, 1]);
    expect(keys[0]).toMatch(/^k-\w{10}-\w{10}$/);
  });

  test('before the change was made: it is made', async () => {
    const { client, keys } = unlucky(['request', 'ECONNRESET'], ['request', 'ECONNREFUSED']);
    await moving(client.families.scale(colony, 3));
    expect([scalings(), keys.length]).toEqual([1, 3]);
  });

  test('while reading: it is read again, without a key', async () => {
    const { client, keys } = unlucky(['answer', 'EPIPE']);
    expect((await moving(client.nodes.show('n-1'))).id).toBe('n-1');
    expect(keys).toEqual([null, null]);
  });

  test('is not waited for where there never was one', async () => {
    const { client, keys } = unlucky(['request', 'ECONNREFUSED']);
    await expect(client.families.scale(colony, 3)).rejects.toMatchObject({ problem: { kind: 'unavailable' } });
    expect(keys).toHaveLength(1);
  });

  test('that cannot be had again in half a minute is a problem', async () => {
    const always = Array.from({ length: 500 }, () => ['request', 'ECONNRESET'] as const);
    const { client, keys } = unlucky(...always);
    const before = clock.monotonic();
    await expect(moving(client.families.scale(colony, 3))).rejects.toMatchObject({ problem: { kind: 'unavailable' } });
    expect(clock.monotonic() - before).toBeLessThan(40_000);
    expect(keys.length).toBeGreaterThan(8);
    expect(keys.length).toBeLessThan(100);
  });

  test('in the middle of an answer is one, too', async () => {
    let asked = 0;
    const half = () =>
      new Response(
        new ReadableStream({
          start(stream) {
            stream.enqueue(Buffer.from('{"revis'));
            stream.error(broken('UND_ERR_SOCKET'));
          },
        }),
      );
    const client = openClient({
      ...{ url: api.url, token: testToken, clock },
      fetch: (input, init) => (asked++ === 0 ? Promise.resolve(half()) : fetch(input, init)),
    });
    expect(await moving(client.families.scale(colony, 3))).toMatchObject({ revision: 3 });
  });
});

describe('keys and conditions', () => {
  const open = () => openClient({ url: api.url, token: testToken });

  test('a key of one’s own is sent as it is', async () => {
    const client = open();
    for (const idempotencyKey of ['mine', 'mine', 'other']) await client.families.scale(colony, 3, { idempotencyKey });
    expect(scalings()).toBe(2);
    const other = client.families.scale(colony, 4, { idempotencyKey: 'mine' });
    await expect(other).rejects.toMatchObject({ problem: { kind: 'invalid', status: 422 } });
  });

  test('a change is made to what was read, or refused', async () => {
    const client = open();
    const [node, blueprint] = [await client.nodes.show('n-1'), await client.blueprints.show('ants')];
    expect(tagOf(node)).toMatch(/^"1-/);
    await client.nodes.act('n-1', 'stop', { ifMatch: node });
    await server.store.commit([{ put: 'node', key: 'n-1', value: { ...node, failures: 1 }, expect: 1 }]);
    const again = client.nodes.act('n-1', 'stop', { ifMatch: node });
    await expect(again).rejects.toMatchObject({ problem: { kind: 'stale', status: 412, object: 'node n-1' } });
    await client.families.scale(colony, 3, { ifMatch: blueprint });
    await client.families.scale(colony, 3, { ifMatch: tagOf(blueprint) ?? '' });
    expect(() => client.families.scale(colony, 3, { ifMatch: { ...blueprint } })).toThrow(/under no ETag/);
  });
});
