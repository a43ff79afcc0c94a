import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiForTests, settleAnts, testToken } from '../../../test/kit/api-server.ts';
import type { ApiForTests } from '../../../test/kit/api-server.ts';
import { Fault } from '../../base/fault.ts';
import type { AuditEntry, TokenCreated } from '../../model/access.ts';

let api: ApiForTests;
beforeEach(async () => {
  api = await apiForTests();
  await settleAnts(api.store);
});
afterEach(() => api.close());

async function make(body: object): Promise<TokenCreated> {
  return (await api.ask('POST', '/tokens', { body })).body as TokenCreated;
}

describe('tokens', () => {
  test('are told once, kept as a digest, listed without it, and refused once revoked', async () => {
    const { token, value } = await make({ name: 'ci', role: 'operate', blueprints: ['ants'] });
    expect(token).toEqual({
      ...{ name: 'ci', role: 'operate', blueprints: ['ants'] },
      ...{ createdAt: '2026-05-01T12:00:00.000Z', expiresAt: null },
    });
    expect((await api.ask('GET', '/nodes', { token: value })).status).toBe(200);
    const { digest } = (await api.store.get('token', 'ci'))?.value ?? {};
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const list = await api.ask('GET', '/tokens');
    expect(list.body).toEqual({ items: [token], next: null });
    for (const secret of [value, digest]) {
      expect(list.text).not.toContain(secret);
      expect(JSON.stringify(await api.store.events({ after: 0, limit: 9 }))).not.toContain(secret);
      expect(JSON.stringify(await api.store.audit.recent({ limit: 9 }))).not.toContain(secret);
    }
    expect((await api.ask('DELETE', '/tokens/ci')).status).toBe(204);
    expect((await api.ask('GET', '/nodes', { token: value })).problem.detail).toMatch(/revoked/);
    expect((await api.ask('DELETE', '/tokens/ci')).problem.next).toBe('wombat token list');
  });

  test('end when they said', async () => {
    const { value } = await make({ name: 'ci', role: 'read', expiresAfterSeconds: 60 });
    expect((await api.ask('GET', '/nodes', { token: value })).status).toBe(200);
    await api.clock.advance(60_000);
    const { status, problem } = await api.ask('GET', '/nodes', { token: value });
    expect([status, problem.detail]).toEqual([401, 'token ci expired at 2026-05-01T12:01:00.000Z']);
  });

  test.each([
    [{ name: 'first', role: 'admin' }, 'exists'],
    [{ name: 'ci', role: 'read' }, 'exists'],
    [{ name: 'new', role: 'owner' }, 'invalid'],
    [{ name: 'new', role: 'read', blueprints: [] }, 'invalid'],
    [{ name: 'new', role: 'read', expiresAfterSeconds: 0 }, 'invalid'],
  ])('%j is refused as %s', async (body, kind) => {
    await make({ name: 'ci', role: 'read' });
    expect((await api.ask('POST', '/tokens', { body })).problem.kind).toBe(kind);
  });

  test('take another value; the one before is good for its grace time, and refused afterwards', async () => {
    const { value: before } = await make({ name: 'ci', role: 'read' });
    const answer = await api.ask('POST', '/tokens/ci/rotate', { body: { graceSeconds: 60 } });
    const { token, value } = answer.body as TokenCreated;
    expect(answer.status).toBe(200);
    expect(Object.keys(token)).not.toContain('digest');
    const statusOf = async (of: string) => (await api.ask('GET', '/nodes', { token: of })).status;
    expect([await statusOf(before), await statusOf(value)]).toEqual([200, 200]);
    await api.clock.advance(60_000);
    expect([await statusOf(before), await statusOf(value)]).toEqual([401, 200]);
    const { problem } = await api.ask('GET', '/nodes', { token: before });
    expect(problem.detail).toBe(
      'token ci was replaced by another value; this one was good until 2026-05-01T12:01:00.000Z',
    );
    const list = await api.ask('GET', '/tokens');
    const told = list.text + JSON.stringify(await api.store.events({ after: 0, limit: 9 }));
    for (const secret of [before, value]) expect(told).not.toContain(secret);
    const shown = await api.ask('GET', '/tokens/ci');
    expect(shown.body).toEqual(token);
    expect(list.text + shown.text).not.toMatch(/digest|former/);
  });

  test('without a grace time the value before is refused at once; twice, only the last one before is good', async () => {
    const rotate = async (graceSeconds: number) =>
      ((await api.ask('POST', '/tokens/ci/rotate', { body: { graceSeconds } })).body as TokenCreated).value;
    const first = (await make({ name: 'ci', role: 'read' })).value;
    const second = await rotate(600);
    const third = await rotate(600);
    const statuses = async (...values: string[]) =>
      Promise.all(values.map(async (token) => (await api.ask('GET', '/nodes', { token })).status));
    expect(await statuses(first, second, third)).toEqual([401, 200, 200]);
    const fourth = await rotate(0);
    expect(await statuses(first, second, third, fourth)).toEqual([401, 401, 401, 200]);
    await api.ask('DELETE', '/tokens/ci');
    expect(await statuses(third, fourth)).toEqual([401, 401]);
  });

  test('the one of the token file takes another value, too, and the file is told', async () => {
    const body = { graceSeconds: 60 };
    const { value } = (await api.ask('POST', '/tokens/first/rotate', { body })).body as TokenCreated;
    const statuses = async () =>
      Promise.all([testToken, value].map(async (token) => (await api.ask('GET', '/audit', { token })).status));
    expect(await statuses()).toEqual([200, 200]);
    await api.clock.advance(60_000);
    expect(await statuses()).toEqual([401, 200]);
    expect((await api.store.audit.recent({ limit: 1 }))[0]).toMatchObject({ operation: 'rotateToken', token: 'first' });
  });

  test('a token that is not there cannot be given another value', async () => {
    expect((await api.ask('POST', '/tokens/none/rotate', { body: {} })).problem.kind).toBe('not-found');
  });

  test('the one of the token file stays, whatever else there is', async () => {
    await make({ name: 'ci', role: 'read' });
    expect((await api.ask('GET', '/tokens', { token: testToken })).status).toBe(200);
  });
});

describe('the audit log', () => {
  const entries = () => api.store.audit.recent({ limit: 99 });

  test('has what changed something, done or refused, and nothing that only looked', async () => {
    const { value } = await make({ name: 'ci', role: 'operate', blueprints: ['ants'] });
    const token = value;
    await api.ask('GET', '/nodes', { token });
    await api.ask('POST', '/nodes/n-1/stop?x=canary', { token });
    await api.ask('DELETE', '/blueprints/bees', { token });
    await api.ask('POST', '/providers', { token, body: { name: 'lab', definition: { kind: 'local' } } });
    await api.ask('POST', '/plans', { token, body: { document: 'canary' } });
    await api.ask('POST', '/plans', { token, headers: { 'content-type': 'application/json' }, body: 'no json' });
    await api.ask('PUT', `/secrets/${encodeURIComponent('ants secret://env/K')}`, { token, body: { value: 'canary' } });
    await api.ask('POST', '/plans/p-1/adopt', { token: 'wrong' });
    api.ports.answers = { destroy: () => Promise.reject(new Fault('conflict', 'not now')) };
    await api.ask('DELETE', '/blueprints/ants', { token });
    const told = (await entries()).map((one) => [one.token, one.operation, one.blueprint, one.status]);
    expect(told).toEqual([
      ['first', 'createToken', null, 201],
      ['ci', 'actOnNode', 'ants', 202],
      ['ci', 'destroyBlueprint', 'bees', 403],
      ['ci', 'addProvider', null, 403],
      ['ci', 'createPlan', null, 422],
      ['ci', 'createPlan', null, 400],
      ['ci', 'putSecret', 'ants', 204],
      ['ci', 'destroyBlueprint', 'ants', 409],
    ]);
    expect((await entries())[1]).toMatchObject({ method: 'POST', path: '/api/v1/nodes/n-1/stop' });
    expect(JSON.stringify(await entries())).not.toContain('canary');
  });

  test('is listed and checked', async () => {
    await api.ask('POST', '/nodes/n-1/stop');
    await api.ask('POST', '/providers/here/check');
    const found = async (query: string) =>
      ((await api.ask('GET', `/audit?${query}`)).body as { items: AuditEntry[] }).items;
    expect((await found('limit=1')).map(({ operation }) => operation)).toEqual(['checkProvider']);
    expect(await found('blueprint=ants')).toHaveLength(1);
    expect((await api.ask('GET', '/audit/verdict')).body).toMatchObject({ sound: 2, broken: null });
  });

  test('a request that cannot be entered is not answered as done', async () => {
    const append = api.store.audit.append.bind(api.store.audit);
    api.store.audit.append = () => Promise.reject(new Fault('unavailable', 'the disk is full'));
    const { status, problem } = await api.ask('POST', '/nodes/n-1/stop');
    expect([status, problem.detail]).toEqual([503, 'the disk is full']);
    api.store.audit.append = append;
  });
});
