import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiForTests } from '../../test/kit/api-server.ts';
import type { ApiForTests } from '../../test/kit/api-server.ts';
import * as sample from '../../test/kit/records.ts';
import { settleMany } from '../../test/kit/settled.ts';
import { Fault } from '../base/fault.ts';
import { BulkAnswer } from '../model/bulk.ts';
import { tokenDigest } from './token.ts';

let api: ApiForTests;
beforeEach(async () => {
  api = await apiForTests();
  await settleMany(api.store);
});
afterEach(() => api.close());

const begun = sample.sampleOperation('op-9');

async function bulk(path: string, body: object, token?: string) {
  const { status, body: answered } = await api.ask('POST', path, { body, ...(token === undefined ? {} : { token }) });
  const answer = BulkAnswer.parse(answered);
  const outcomes = answer.outcomes.map(({ object, name, problem }) => [object, name, problem?.kind ?? 'done']);
  return { status, outcomes, done: answer.done, failed: answer.failed };
}

/** What stands in the audit log, oldest first. */
async function entries() {
  const all = await api.store.audit.recent({ limit: 9 });
  return all.filter(({ token }) => token !== 'me').map(({ operation, path, status }) => [operation, path, status]);
}

describe('many nodes', () => {
  test('are asked one after another, each once; one that cannot keeps no other from it', async () => {
    api.ports.answers = {
      act: (id) =>
        id === 'node-of-bees' ? Promise.reject(new Fault('conflict', 'is being removed')) : Promise.resolve(begun),
    };
    const nodes = ['node-of-moths', 'node-of-bees', 'n-9', 'colony-1@ants.lan', 'node-of-moths'];
    expect(await bulk('/nodes/acts', { act: 'restart', nodes })).toEqual({
      status: 207,
      outcomes: [
        ['node-of-moths', 'colony-1@moths.lan', 'done'],
        ['node-of-bees', 'colony-1@bees.lan', 'conflict'],
        ['n-9', null, 'not-found'],
        ['colony-1@ants.lan', 'colony-1@ants.lan', 'done'],
      ],
      ...{ done: 2, failed: 2 },
    });
    const acts = ['node-of-moths', 'node-of-bees', 'node-of-ants'].map((id) => ['act', id, 'restart']);
    expect(api.ports.calls.map((call) => call.slice(0, 3))).toEqual(acts);
    expect(await entries()).toEqual([
      ['actOnNode', '/api/v1/nodes/node-of-moths/restart', 202],
      ['actOnNode', '/api/v1/nodes/node-of-bees/restart', 409],
      ['actOnNode', '/api/v1/nodes/n-9/restart', 404],
      ['actOnNode', '/api/v1/nodes/node-of-ants/restart', 202],
      ['actOnNodes', '/api/v1/nodes/acts', 207],
    ]);
  });

  test('are selected by what they have in common; those that are going already are left out', async () => {
    const more = [
      sample.sampleNode(2, { id: 'n-2', name: 'colony-2@10.0.0.2' }),
      sample.sampleNode(3, { id: 'n-3', family: 'master' }),
      sample.sampleNode(4, { id: 'n-4', desired: 'removed' }),
    ];
    const placement = { ...sample.sampleNode(1).placement, advertised: '10.0.0.2', domain: 'rack' };
    await api.store.commit(
      more.map((one) => {
        const value = one.id === 'n-2' ? { ...one, placement } : one;
        return { put: 'node', key: one.id, value, expect: 0 } as const;
      }),
    );
    const meant = async (where: object) =>
      (await bulk('/nodes/acts', { act: 'stop', where })).outcomes.map(([object]) => object);
    expect(await meant({ blueprint: 'ants' })).toEqual(['node-of-ants', 'n-2', 'n-3']);
    expect(await meant({ blueprint: 'ants', family: 'colony' })).toEqual(['node-of-ants', 'n-2']);
    expect(await meant({ family: 'master' })).toEqual(['n-3']);
    expect([await meant({ host: '10.0.0.2' }), await meant({ domain: 'rack' })]).toEqual([['n-2'], ['n-2']]);
    const none = await api.ask('POST', '/nodes/acts', { body: { act: 'stop', where: { family: 'queen' } } });
    expect([none.status, none.problem.detail]).toEqual([404, 'there is no node with family queen']);
  });

  test.each([
    [{ act: 'stop' }, /either nodes or where/],
    [{ act: 'stop', nodes: ['n-1'], where: { family: 'colony' } }, /either nodes or where/],
    [{ act: 'stop', where: {} }, /say which nodes/],
    [{ act: 'stop', nodes: [] }, /./],
    [{ act: 'boot', nodes: ['n-1'] }, /./],
  ])('%j is refused whole', async (body, words) => {
    const { problem } = await api.ask('POST', '/nodes/acts', { body });
    expect([problem.kind, problem.detail]).toEqual(['invalid', expect.stringMatching(words)]);
    expect(api.ports.calls).toEqual([]);
  });

  test('of others are refused to a token that is limited, one by one; selected are only its own', async () => {
    const digest = Buffer.from(tokenDigest('limited')).toString('hex');
    const value = sample.sampleToken('limited', { blueprints: ['ants'], digest });
    await api.store.commit([{ put: 'token', key: 'limited', value, expect: 0 }]);
    const named = await bulk('/nodes/acts', { act: 'stop', nodes: ['node-of-bees', 'node-of-ants'] }, 'limited');
    expect(named.outcomes.map(([, , outcome]) => outcome)).toEqual(['denied', 'done']);
    const selected = await bulk('/nodes/acts', { act: 'stop', where: { family: 'colony' } }, 'limited');
    expect(selected.outcomes.map(([object]) => object)).toEqual(['node-of-ants']);
    expect(api.ports.calls.map(([, id]) => id)).toEqual(['node-of-ants', 'node-of-ants']);
  });
});

test('many releases are deleted, those that are used excepted', async () => {
  await api.store.commit([{ put: 'release', key: sample.sampleDigest, value: sample.sampleRelease(), expect: 0 }]);
  const names = ['ants-release@1.0.0', 'ants@1.0.0', 'none@1'];
  expect((await bulk('/releases/deletions', { names })).outcomes).toEqual([
    ['ants-release@1.0.0', 'ants-release@1.0.0', 'done'],
    ['ants@1.0.0', 'ants@1.0.0', 'conflict'],
    ['none@1', null, 'not-found'],
  ]);
  expect((await api.store.list('release')).map(({ value }) => value.name)).not.toContain('ants-release');
});

test('many tokens are revoked', async () => {
  const names = ['ants-token', 'bees-token', 'nobody'];
  expect(await bulk('/tokens/revocations', { names })).toMatchObject({ done: 2, failed: 1 });
  expect((await api.store.list('token')).map(({ key }) => key)).toEqual(['moths-token']);
  expect(await entries()).toContainEqual(['revokeToken', '/api/v1/tokens/bees-token', 204]);
});
