import { describe, expect, test } from 'vitest';
import { listed, runCli, scriptedClient } from '../../test/kit/cli-world.ts';
import { sampleTime } from '../../test/kit/records.ts';
import type { AuditEntry, Token, TokenRequest } from '../model/access.ts';

const expiresAt = '2026-05-31T12:00:00.000Z';
const token: Token = { name: 'ci', role: 'operate', blueprints: ['ants'], createdAt: sampleTime, expiresAt };

describe('wombat token', () => {
  const asked: TokenRequest[] = [];
  const client = scriptedClient({
    tokens: {
      create(request) {
        asked.push(request);
        return Promise.resolve({ token, value: 'wombat_value' });
      },
      list: () => listed([token, { ...token, name: 'old', blueprints: null, expiresAt: sampleTime }]),
      revokeEach: (names) =>
        Promise.resolve({
          outcomes: names.map((name) => ({ object: name, name, operation: null, problem: null })),
          done: 1,
          failed: 0,
        }),
    },
  });

  test('create shows the value alone on standard output', async () => {
    const line = ['token', 'create', 'ci', '--role', 'operate', '-b', 'ants', '--expires', '30d'];
    const { code, out, err } = await runCli(line, client);
    expect([code, out]).toEqual([0, 'wombat_value\n']);
    expect(err).toContain('holds until 2026-05-31T12:00:00.000Z');
    expect(asked).toEqual([{ name: 'ci', role: 'operate', blueprints: ['ants'], expiresAfterSeconds: 2_592_000 }]);
  });

  test.each([
    [['token', 'create', 'ci'], /--role/],
    [['token', 'create', 'ci', '--role', 'owner'], /owner/],
    [['token', 'create', 'ci', '--role', 'read', '--expires', 'soon'], /duration/],
  ])('%j is refused', async (line, words) => {
    const { code, err } = await runCli(line, client);
    expect(code).toBe(3);
    expect(err).toMatch(words);
  });

  test('list and revoke', async () => {
    const { out } = await runCli(['token', 'list'], client);
    expect(out).toMatch(/ci +operate +now +2026-05-31 12:00 +ants/);
    expect(out).toMatch(/old +operate +now +expired +all/);
    expect((await runCli(['token', 'revoke', 'ci'], client)).out).toBe('✓ ci is revoked\n');
  });
});

describe('wombat audit', () => {
  const request = { method: 'POST', path: '/api/v1/plans/p-1/adopt', operation: 'adoptPlan' };
  const entry: AuditEntry = { sequence: 7, at: sampleTime, token: 'ci', ...request, blueprint: 'ants', status: 200 };

  test('lists', async () => {
    const client = scriptedClient({ audit: { list: () => listed([entry]) } });
    const { out } = await runCli(['audit', '-b', 'ants', '-n', '5', '-o', 'wide'], client);
    expect(out).toMatch(/7 +2026-05-01 12:00:00 +ci +200 +adoptPlan +ants +POST \/api\/v1\/plans\/p-1\/adopt/);
  });

  test('verifies, and fails naming the first entry that is not as it was', async () => {
    const verdict = { sound: 6, head: 'abc', broken: null };
    const sound = scriptedClient({ audit: { verify: () => Promise.resolve(verdict) } });
    expect(await runCli(['audit', '--verify'], sound)).toMatchObject({
      code: 0,
      out: expect.stringContaining('6 entries'),
    });
    const broken = { sequence: 7, words: 'entry 7 is not there' };
    const bad = scriptedClient({ audit: { verify: () => Promise.resolve({ ...verdict, broken }) } });
    const { code, err } = await runCli(['audit', '--verify'], bad);
    expect([code, err]).toEqual([1, expect.stringContaining('at entry 7: entry 7 is not there')]);
  });
});
