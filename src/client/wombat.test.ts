import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiForTests, settleAnts, testToken } from '../../test/kit/api-server.ts';
import type { ApiForTests } from '../../test/kit/api-server.ts';
import * as sample from '../../test/kit/records.ts';
import type { Api } from '../api/api.ts';
import type { OperationState } from '../model/operation.ts';
import { ProblemError, Wombat } from './wombat.ts';

let server: ApiForTests;
let api: Api;
let wombat: Wombat;
beforeEach(async () => {
  server = await apiForTests();
  await settleAnts(server.store);
  api = await server.listen();
  wombat = new Wombat({ endpoint: api.url, token: testToken });
});
afterEach(async () => {
  await api.close();
  await server.close();
});

const document = { ...sample.sampleDocument(), providers: { lab: { kind: 'local' as const } } };

/** The operations are in that state now. */
async function become(state: OperationState): Promise<void> {
  for (const id of ['op-1', 'op-2']) {
    const value = sample.sampleOperation(id, { state, words: `it ${state}` });
    await server.store.commit([{ put: 'operation', key: id, value, expect: null }]);
  }
}

describe('apply', () => {
  const ports = () => server.ports.calls.map(([port]) => port);

  test('plans, adopts, and stays until the operation has succeeded', async () => {
    await become('running');
    const applying = wombat.apply(document, { cause: 'test', idempotencyKey: 'mine' });
    while (!ports().includes('adopt')) await new Promise((resolve) => setImmediate(resolve));
    await become('succeeded');
    const { plan, adopted, operation } = await applying;
    expect([plan.cause, adopted?.revision, operation?.state]).toEqual(['test', 2, 'succeeded']);
    expect(ports()).toEqual(['plan', 'adopt']);
    await wombat.apply(document, { cause: 'test', idempotencyKey: 'mine' });
    expect(ports()).toEqual(['plan', 'adopt']);
  });

  test('adopts nothing that was not agreed to', async () => {
    const applied = await wombat.apply(document, { confirm: ({ steps }) => steps.length > 99 });
    expect([applied.adopted, applied.operation, ports()]).toEqual([null, null, ['plan']]);
  });

  test('without waiting answers what was begun', async () => {
    await become('running');
    expect((await wombat.apply(document, { wait: false })).operation?.state).toBe('running');
  });

  test.each([
    ['failed', 'not-converged'],
    ['cancelled', 'conflict'],
    ['superseded', 'conflict'],
  ] as const)('an operation that %s is a problem: %s', async (state, kind) => {
    await become(state);
    const error: unknown = await wombat.finished('op-1').catch((thrown: unknown) => thrown);
    if (!(error instanceof ProblemError)) throw new Error('no problem');
    expect([error.kind, error.message, error.next]).toEqual([kind, `it ${state}`, 'wombat op show op-1']);
  });
});

test('a problem tells all it knows', async () => {
  const wrong = { ...document, families: { colony: { release: 'bees', nodes: 1 } } };
  const error: unknown = await wombat.apply(wrong).catch((thrown: unknown) => thrown);
  if (!(error instanceof ProblemError)) throw new Error('no problem');
  const { kind, status, exitCode, faults, words, object } = error;
  expect([kind, status, exitCode, words, object]).toEqual(['invalid', 422, 3, null, null]);
  expect(faults.map(({ path }) => path)).toContain('document.families.colony.release');
});
