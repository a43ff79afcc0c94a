import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiForTests, settleAnts, testToken } from '../../test/kit/api-server.ts';
import type { ApiForTests } from '../../test/kit/api-server.ts';
import { Fault } from '../base/fault.ts';
import type { TokenCreated } from '../model/access.ts';

let api: ApiForTests;
beforeEach(async () => {
  api = await apiForTests();
  await settleAnts(api.store);
});
afterEach(() => api.close());

const scale = (key: string, token = testToken) =>
  api.ask('POST', '/blueprints/ants/families/colony/scale', {
    ...{ token, body: { nodes: 3 } },
    headers: { 'idempotency-key': key },
  });
const scalings = () => api.ports.calls.filter(([port]) => port === 'scale').length;
const refusing = (code: 'conflict' | 'unavailable' | 'timeout') => {
  api.ports.answers = { scale: () => Promise.reject(new Fault(code, 'not now')) };
};

describe('a request under a key', () => {
  test('that is sent twice at once is done once, and both are answered', async () => {
    let finish: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (finish = resolve));
    const adopted = { blueprint: 'ants', revision: 3, plan: 'p-3', operation: 'op-3' };
    api.ports.answers = { scale: () => waiting.then(() => adopted) };
    const both = [scale('k'), scale('k')];
    while (scalings() === 0) await new Promise(setImmediate);
    finish();
    expect((await Promise.all(both)).map(({ body }) => body)).toEqual([adopted, adopted]);
    expect(scalings()).toBe(1);
  });

  test('of another token is another request', async () => {
    const made = await api.ask('POST', '/tokens', { body: { name: 'ci', role: 'operate' } });
    await scale('k');
    expect((await scale('k', (made.body as TokenCreated).value)).headers['idempotency-replayed']).toBeUndefined();
    expect(scalings()).toBe(2);
  });

  test('that was refused without being done may be sent again', async () => {
    refusing('conflict');
    expect((await scale('k')).status).toBe(409);
    api.ports.answers = {};
    expect((await scale('k')).status).toBe(200);
  });

  test.each(['unavailable', 'timeout'] as const)('that failed as %s may have been done: that stays', async (code) => {
    refusing(code);
    const first = await scale('k');
    api.ports.answers = {};
    const again = await scale('k');
    expect([again.status, again.text, again.headers['content-type']]).toEqual([
      first.status,
      first.text,
      'application/problem+json; charset=utf-8',
    ]);
    expect(scalings()).toBe(1);
  });

  test('is forgotten after a day', async () => {
    await scale('k');
    await api.clock.advance(24 * 3_600_000 - 1);
    await scale('k');
    expect(scalings()).toBe(1);
    await api.clock.advance(2);
    await scale('k');
    expect(scalings()).toBe(2);
  });

  test('is not done where that it begins cannot be written down', async () => {
    api.store.requests.begin = () => Promise.reject(new Fault('unavailable', 'the disk is full'));
    expect([(await scale('k')).problem.detail, scalings()]).toEqual(['the disk is full', 0]);
  });
});

describe('a client that goes away', () => {
  /** Sends a request and goes away once its port was asked; tells whether the port was ended by that. */
  async function leave(path: string, body: object, headers: Record<string, string>): Promise<boolean> {
    let heard: (signal: AbortSignal) => void = () => undefined;
    const given = new Promise<AbortSignal>((resolve) => (heard = resolve));
    const port = (...parameters: unknown[]) => {
      const signal = parameters.find((one) => one instanceof AbortSignal);
      if (signal !== undefined) heard(signal);
      return new Promise<never>((_, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('left')), { once: true }),
      );
    };
    api.ports.answers = { scale: port, execute: port };
    const server = await api.listen();
    const client = new AbortController();
    const authorization = `Bearer ${testToken}`;
    const init = { method: 'POST', body: JSON.stringify(body), signal: client.signal };
    const all = { authorization, 'content-type': 'application/json', ...headers };
    const asked = fetch(`${server.url}/api/v1${path}`, { ...init, headers: all }).catch(() => undefined);
    const signal = await given;
    client.abort();
    await asked;
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    const { aborted } = signal;
    await server.close();
    return aborted;
  }

  const path = '/blueprints/ants/families/colony/scale';
  const key = { 'idempotency-key': 'k' };

  test('ends what it asked for', async () => expect(await leave(path, { nodes: 3 }, {})).toBe(true));

  test('but not what it can ask for again', async () => {
    expect(await leave(path, { nodes: 3 }, key)).toBe(false);
  });

  test('and always a command on a node, of which then nobody says whether it was done', async () => {
    expect(await leave('/nodes/n-1/exec', { command: 'sleep 9' }, key)).toBe(true);
    api.ports.answers = {};
    const again = await api.ask('POST', '/nodes/n-1/exec', { body: { command: 'sleep 9' }, headers: key });
    expect([again.status, again.problem.kind]).toEqual([409, 'unsettled']);
    expect(api.ports.calls.filter(([port]) => port === 'execute')).toHaveLength(1);
  });
});
