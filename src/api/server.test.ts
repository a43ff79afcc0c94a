import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiForTests, settleAnts, testToken } from '../../test/kit/api-server.ts';
import type { ApiForTests } from '../../test/kit/api-server.ts';
import { Fault, faultCodes } from '../base/fault.ts';
import { Problem } from '../model/problem.ts';
import { problemKinds } from '../model/problem-kind.ts';
import { endpoints } from './endpoints.ts';

let api: ApiForTests;
beforeEach(async () => {
  api = await apiForTests();
});
afterEach(() => api.close());

describe('the token', () => {
  test.each(endpoints.filter(({ open }) => open !== true).map(({ method, path }) => [method, path] as const))(
    '%s %s is refused without one, with a wrong one and with half of one',
    async (method, path) => {
      for (const token of [null, 'wrong', testToken.slice(0, -1)]) {
        const { status, problem, headers } = await api.ask(method, path.replaceAll(/[{}]/g, ''), { token });
        expect([status, problem.kind]).toEqual([401, 'unauthorized']);
        expect(headers['www-authenticate']).toMatch(/^Bearer/);
      }
      expect(api.ports.calls).toEqual([]);
    },
  );

  test('is not needed to ask for health, and for nothing else', async () => {
    const { status, body } = await api.ask('GET', '/health', { token: null });
    expect([status, body]).toEqual([
      200,
      { version: '1.2.3', owner: api.store.owner, startedAt: '2026-05-01T12:00:00.000Z' },
    ]);
    expect((await api.ask('GET', '/openapi.json', { token: null })).status).toBe(401);
    expect((await api.ask('GET', '/nothing', { token: null })).status).toBe(401);
  });

  test('never comes back in an answer', async () => {
    const { text } = await api.ask('GET', '/nothing', { token: 'canary-71' });
    expect(text).not.toContain('canary-71');
  });
});

describe('problems', () => {
  test.each(faultCodes)('a fault %s is a problem of that kind, with its object, words and next', async (code) => {
    const detail = { object: 'plan p-1', words: 'as the provider said', next: 'wombat plan', retryAfterMs: 1500 };
    api.ports.answers = { adopt: () => Promise.reject(new Fault(code, 'it cannot be', detail)) };
    const { status, headers, problem } = await api.ask('POST', '/plans/p-1/adopt');
    expect(status).toBe(problemKinds[code].status);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(headers['retry-after']).toBe('2');
    expect(Problem.parse(problem)).toEqual({
      ...{ type: `urn:wombat:problem:${code}`, title: problemKinds[code].title, status, kind: code },
      ...{ detail: 'it cannot be', object: 'plan p-1', words: 'as the provider said', next: 'wombat plan', faults: [] },
    });
  });

  test('what nobody expected is a problem, too', async () => {
    api.ports.answers = { adopt: () => Promise.reject(new TypeError('x is not a function')) };
    const { status, problem } = await api.ask('POST', '/plans/p-1/adopt');
    expect([status, problem.kind, problem.words]).toEqual([500, 'unknown', 'x is not a function']);
  });

  test('what the schema refuses is told with a path for every fault', async () => {
    const body = { name: 'Lab', definition: { kind: 'ssh', hosts: [], key: 'plain' }, more: 1 };
    const { status, problem } = await api.ask('POST', '/providers', { body });
    expect([status, problem.kind]).toEqual([422, 'invalid']);
    expect(problem.faults.map(({ path }) => path).sort()).toEqual([
      'definition.hosts',
      'definition.key',
      'more',
      'name',
    ]);
    expect(problem.faults.find(({ path }) => path === 'name')?.message).toMatch(/starts with a lower-case letter/);
  });

  test('query and path are read by schemas, too', async () => {
    const { problem } = await api.ask('GET', '/events?limit=0');
    expect(problem.faults[0]?.path).toBe('query.limit');
    expect((await api.ask('GET', '/blueprints/UP')).problem.faults[0]?.path).toBe('path.name');
  });

  test.each([
    ['no JSON', '{', { 'content-type': 'application/json' }, 400],
    ['another content type', 'x', { 'content-type': 'text/plain' }, 415],
    ['a body too large', `{"value":"${'x'.repeat(9 * 2 ** 20)}"}`, { 'content-type': 'application/json' }, 413],
  ])('%s is refused as invalid', async (_, body, headers, expected) => {
    const { status, problem } = await api.ask('PUT', '/secrets/a', { body, headers });
    expect([status, problem.status, problem.kind]).toEqual([expected, expected, 'invalid']);
  });

  test('there is no such path', async () => {
    const { status, problem } = await api.ask('GET', '/nonsense');
    expect([status, problem.detail]).toEqual([404, 'there is no GET /api/v1/nonsense']);
  });

  test('a wait for others ends, and says for what', async () => {
    await settleAnts(api.store);
    api.ports.answers = { verify: () => new Promise(() => undefined) };
    const asked = api.ask('POST', '/blueprints/ants/topology/verify');
    while (api.ports.calls.length === 0) await new Promise(setImmediate);
    await api.clock.advance(120_000);
    const { status, problem } = await asked;
    expect([status, problem.detail]).toEqual([504, 'the proof of ants: no answer within 120 s']);
  });
});
