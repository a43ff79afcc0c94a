import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listed, noPastEvents, runCli, scriptedClient } from '../../test/kit/cli-world.ts';
import {
  failedPhase,
  sampleDigest,
  sampleDocument,
  sampleHead,
  sampleMachine,
  sampleNode,
  sampleOperation,
  samplePlan,
  sampleProof,
  sampleRelease,
  sampleRollout,
} from '../../test/kit/records.ts';
import { localProblem } from '../client/problem-error.ts';
import { CliFailure } from './failure.ts';
import { ProblemError } from '../client/client.ts';
import type { ClientParts } from '../../test/kit/cli-world.ts';
import type { BlueprintStatus } from '../model/exchange.ts';
import type { Event } from '../model/event.ts';
import type { Node } from '../model/node.ts';
import type { Step } from '../model/plan.ts';
import type { Rollout } from '../model/rollout.ts';
import { rolloutView } from '../model/rollout-view.ts';

const blueprint = `wombat: 1
name: ants
providers:
  here: { kind: local }
releases:
  ants: { digest: "${sampleDigest}" }
families:
  colony: { release: ants, nodes: 2 }
`;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wombat-cli-'));
  await writeFile(join(folder, 'wombat.yaml'), blueprint);
});
afterAll(() => rm(folder, { recursive: true }));

const { id, family, name, placement, specification } = sampleNode(1);
const add: Step = {
  do: 'add node',
  node: id,
  family,
  ordinal: 1,
  name,
  placement,
  specification,
  replaces: null,
  why: '',
};
const withChanges = samplePlan('p-1', { steps: [add], document: sampleDocument('ants', 1) });

function statusOf(
  state: BlueprintStatus['state'],
  nodes: readonly Node[],
  over: Partial<BlueprintStatus> = {},
): BlueprintStatus {
  const running = nodes.filter((node) => node.state.phase === 'running').length;
  const definition = { release: 'ants', nodes: nodes.length };
  const view = { blueprint: 'ants', name: 'colony', definition, wanted: nodes.length, running, phases: { running } };
  const proof = state === 'converged' ? sampleProof(nodes.length) : null;
  return {
    head: sampleHead(),
    state,
    words: '',
    families: [view],
    nodes: [...nodes],
    machines: [sampleMachine('m-1')],
    proof,
    rollouts: [],
    quarantine: [],
    ...over,
  };
}

/** Answers one status after another, the last one for ever. */
function inTurn(...statuses: readonly (BlueprintStatus | 'gone')[]): () => Promise<BlueprintStatus> {
  let turn = 0;
  return () => {
    const status = statuses[Math.min(turn++, statuses.length - 1)] ?? 'gone';
    return status === 'gone' ? Promise.reject(notFound()) : Promise.resolve(status);
  };
}

function notFound(): ProblemError {
  return new ProblemError(localProblem('not-found', 'there is no blueprint ants'));
}

async function* noEvents(): AsyncGenerator<Event> {
  /* nothing happens */
}

function server(over: ClientParts = {}): ReturnType<typeof scriptedClient> {
  const running = [sampleNode(1), sampleNode(2)];
  return scriptedClient({
    ...over,
    plans: {
      create: () => Promise.resolve(withChanges),
      show: () => Promise.resolve(withChanges),
      adopt: () => Promise.resolve({ blueprint: 'ants', revision: 1, plan: 'p-1', operation: 'op-1' }),
      ...over.plans,
    },
    blueprints: {
      status: inTurn(statusOf('converging', []), statusOf('converged', running)),
      show: () => Promise.reject(notFound()),
      ...over.blueprints,
    },
    events: { list: noPastEvents, follow: noEvents, ...over.events },
    nodes: { list: () => listed(running), ...over.nodes },
    operations: { glance: () => Promise.resolve(sampleOperation('op-1')), ...over.operations },
  });
}

function inFolder(argv: readonly string[], client: Parameters<typeof runCli>[1], more = {}): ReturnType<typeof runCli> {
  return runCli(argv, client, { workingDirectory: folder, ...more });
}

const nobody = new CliFailure('unavailable', 'no control plane answers at /nonexistent; start one with: wombat up');

describe('apply', () => {
  test('waits until converged; the verdict is the last line on standard output', async () => {
    const { code, out, err } = await inFolder(['apply', '-y'], server());
    expect(code).toBe(0);
    expect(out).toBe('mesh 2/2 nodes, 1/1 edges, 0 extra\n');
    expect(err).toContain('Plan: 1 to add');
    expect(err).toContain('✓ ants converged');
  });

  test('asks, and a no changes nothing', async () => {
    const { code, out, err } = await inFolder(
      ['apply'],
      server({ plans: { adopt: () => Promise.reject(new Error('adopted')) } }),
      {
        answers: ['n'],
      },
    );
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain('Nothing was changed.');
  });

  test('with nobody to ask is refused', async () => {
    const { code, err } = await inFolder(['apply'], server());
    expect(code).toBe(3);
    expect(err).toContain('give -y to say yes');
  });

  test('without changes says so', async () => {
    const same = samplePlan('p-2', { document: sampleDocument() });
    const client = server({
      plans: { create: () => Promise.resolve(same), adopt: () => Promise.reject(new Error('adopted')) },
      blueprints: {
        show: () => Promise.resolve({ head: sampleHead(), document: sampleDocument(), createdAt: '' }),
        status: inTurn(statusOf('converged', [sampleNode(1)])),
      },
    });
    const { code, out } = await inFolder(['apply', '-y'], client);
    expect(code).toBe(0);
    expect(out).toContain('No changes: ants is as declared.');
  });

  test('of a stale plan is a conflict', async () => {
    const stale = new ProblemError(localProblem('conflict', 'plan p-1 is stale: the facts changed since'));
    const { code, err } = await inFolder(
      ['apply', '--plan', 'p-1', '-y'],
      server({ plans: { adopt: () => Promise.reject(stale) } }),
    );
    expect(code).toBe(7);
    expect(err).toContain('error: plan p-1 is stale');
  });

  test('fails with the node’s own words when it keeps failing', async () => {
    const crashed = sampleNode(2, { state: failedPhase('the node crashed at boot'), failures: 3 });
    const status = inTurn(statusOf('failing', [sampleNode(1), crashed]));
    const { code, err } = await inFolder(['apply', '-y'], server({ blueprints: { status } }));
    expect(code).toBe(5);
    expect(err).toContain('error: ants: did not converge: 1 node failed');
    expect(err).toContain('the node crashed at boot');
    expect(err).toContain('| {init terminating}');
    expect(err).toContain('next:  wombat node logs colony-2 -b ants');
  });

  test('of a version that is rolled back ends when the former one runs again, with code 6', async () => {
    const crashed = sampleNode(2, { state: failedPhase('it crashed'), failures: 3 });
    const why = 'colony-2@127.0.0.1 has died 2 times';
    const view = (over: Partial<Rollout>) =>
      rolloutView(sampleRollout({ revision: 1, ...over }), sampleDocument(), [sampleNode(1), sampleNode(2)]);
    const head = sampleHead({ revision: 2 });
    const back = { why, returned: 2 };
    const status = inTurn(
      statusOf('converging', [sampleNode(1), crashed], { rollouts: [view({})] }),
      statusOf('converging', [crashed], { head, rollouts: [view({ ...back, state: 'rolling back' })] }),
      statusOf('converging', [sampleNode(1)], { head, rollouts: [view({ ...back, state: 'rolled back' })] }),
      statusOf('converged', [sampleNode(1)], { head, rollouts: [view({ ...back, state: 'rolled back' })] }),
    );
    const { code, err } = await inFolder(['apply', '-y'], server({ blueprints: { status } }));
    expect(code).toBe(6);
    expect(err).toContain(`error: ants colony: revision 1 failed: ${why}`);
    expect(err).toContain('Revision 2 has the former version again');
  });

  test('of a version that goes no further fails, and says what can be done', async () => {
    const rollout = sampleRollout({ revision: 1, state: 'stopped', why: 'it says no' });
    const stopped = rolloutView(rollout, sampleDocument(), []);
    const status = inTurn(statusOf('failing', [sampleNode(1)], { rollouts: [stopped] }));
    const { code, err } = await inFolder(['apply', '-y'], server({ blueprints: { status } }));
    expect(code).toBe(5);
    expect(err).toContain('revision 1 goes no further: it says no');
    expect(err).toContain('next:');
  });

  test('gives a node that failed twice more time', async () => {
    const once = sampleNode(2, { state: failedPhase('port taken'), failures: 2 });
    const status = inTurn(statusOf('failing', [once]), statusOf('converged', [sampleNode(2)]));
    expect(await inFolder(['apply', '-y'], server({ blueprints: { status } }))).toMatchObject({ code: 0 });
  });

  test.each([
    ['unsatisfiable', 4],
    ['denied', 8],
    ['unavailable', 9],
  ])('that is stuck as %s exits with %i', async (kind, exit) => {
    const head = sampleHead({ stuck: { code: kind, why: 'memory >= 64G excludes 3 of 3 offers' } });
    const { code, err } = await inFolder(
      ['apply', '-y'],
      server({ blueprints: { status: inTurn(statusOf('stuck', [], { head })) } }),
    );
    expect(code).toBe(exit);
    expect(err).toContain('memory >= 64G excludes 3 of 3 offers');
  });

  test('not in time is a timeout', async () => {
    const status = inTurn(statusOf('converging', []));
    const { code, err } = await inFolder(['apply', '-y', '--timeout', '30s'], server({ blueprints: { status } }));
    expect(code).toBe(124);
    expect(err).toContain('next:  wombat watch ants');
  });

  test('outlives a control plane that is restarted', async () => {
    const silent = new ProblemError(localProblem('unavailable', 'connect ECONNREFUSED'));
    let asked = 0;
    const status = (): Promise<BlueprintStatus> =>
      asked++ < 20 ? Promise.reject(silent) : Promise.resolve(statusOf('converged', [sampleNode(1)]));
    expect(await inFolder(['apply', '-y'], server({ blueprints: { status } }))).toMatchObject({ code: 0 });
  });

  test('gives up a control plane that stays silent', async () => {
    const status = (): Promise<never> =>
      Promise.reject(new ProblemError(localProblem('unavailable', 'connect ECONNREFUSED')));
    expect(await inFolder(['apply', '-y'], server({ blueprints: { status } }))).toMatchObject({ code: 9 });
  });

  test('detaches on Ctrl-C and says what goes on', async () => {
    const controller = new AbortController();
    const status = (): Promise<BlueprintStatus> => {
      controller.abort(new Error('interrupted'));
      return Promise.resolve(statusOf('converging', []));
    };
    const { code, err } = await inFolder(['apply', '-y'], server({ blueprints: { status } }), {
      signal: controller.signal,
    });
    expect(code).toBe(130);
    expect(err).toContain('the control plane goes on with ants.');
    expect(err).toContain('wombat op show op-1 --watch');
    expect(err).toContain('wombat op cancel op-1');
  });

  test('of an invalid blueprint names line and column, and needs no control plane', async () => {
    await writeFile(join(folder, 'wrong.yaml'), blueprint.replace('nodes: 2', 'node: 2'));
    const { code, err } = await inFolder(['apply', '-f', 'wrong.yaml'], nobody);
    expect(code).toBe(3);
    expect(err).toMatch(/wrong\.yaml:8:28: .*node/);
    expect(err).toContain('  8 |   colony: { release: ants, node: 2 }');
    expect(err).toContain('^');
  });

  test('hands in secrets under the blueprint’s name and never shows them', async () => {
    const ssh = `  lab: { kind: ssh, key: "secret://env/LAB_KEY", hosts: [{ address: 10.0.0.1, user: erl, hostKey: "SHA256:${'A'.repeat(43)}" }] }`;
    await writeFile(join(folder, 'ssh.yaml'), blueprint.replace('  here: { kind: local }', ssh));
    const put: [string, string][] = [];
    const secrets = { put: (key: string, value: string) => Promise.resolve(void put.push([key, value])) };
    const run = await inFolder(['apply', '-y', '-f', 'ssh.yaml'], server({ secrets }), {
      variables: { LAB_KEY: 'canary' },
    });
    expect(run.code).toBe(0);
    expect(put).toEqual([['ants secret://env/LAB_KEY', 'canary']]);
    expect(run.out + run.err).not.toContain('canary');
    const missing = await inFolder(['apply', '-y', '-f', 'ssh.yaml'], server({ secrets }));
    expect(missing.code).toBe(3);
    expect(missing.err).toContain('the environment variable LAB_KEY is not set');
  });

  test('uploads a release given by file once, and sets its digest', async () => {
    await writeFile(join(folder, 'ants.tar.gz'), 'bytes');
    await writeFile(join(folder, 'file.yaml'), blueprint.replace(/\{ digest: .*\}/, '{ file: ./ants.tar.gz }'));
    const uploads: string[] = [];
    let digest: string | undefined;
    const there = new Map<string, ReturnType<typeof sampleRelease>>();
    const releases: ClientParts['releases'] = {
      show: (reference) =>
        there.has(reference) ? Promise.resolve(sampleRelease({ digest: reference })) : Promise.reject(notFound()),
      async upload(archive) {
        for await (const chunk of archive) uploads.push(Buffer.from(chunk).toString());
        const release = sampleRelease({
          digest: `sha256:277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9`,
        });
        there.set(release.digest, release);
        return { release, created: true };
      },
    };
    const create: NonNullable<ClientParts['plans']>['create'] = (document) => {
      digest =
        document.releases['ants'] !== undefined && 'digest' in document.releases['ants']
          ? document.releases['ants'].digest
          : undefined;
      return Promise.resolve(withChanges);
    };
    expect(await inFolder(['plan', '-f', 'file.yaml'], server({ releases, plans: { create } }))).toMatchObject({
      code: 2,
    });
    expect(await inFolder(['plan', '-f', 'file.yaml'], server({ releases, plans: { create } }))).toMatchObject({
      code: 2,
    });
    expect(uploads).toEqual(['bytes']);
    expect(digest).toMatch(/^sha256:277089d9/);
    const ofFolder = await inFolder(['release', 'upload', '.'], server({ releases }));
    expect([ofFolder.code, ofFolder.err]).toEqual([3, expect.stringContaining('is no file')]);
  });
});

describe('plan and diff', () => {
  test.each([
    ['unsatisfiable', 4],
    ['denied', 8],
    ['unavailable', 9],
  ] as const)('a node without a place (%s) exits with %i, and apply does not even ask', async (code, exit) => {
    const shortages = [{ family: 'colony', wanted: 2, placed: 1, why: ['memory >= 64G excludes 3 of 3 offers'], code }];
    const plan = samplePlan('p-3', { steps: [add], report: { rejections: [], shortages, warnings: [] } });
    const client = server({
      plans: { create: () => Promise.resolve(plan), adopt: () => Promise.reject(new Error('adopted')) },
    });
    for (const command of ['plan', 'apply']) {
      const run = await inFolder([command], client);
      expect(run.code).toBe(exit);
      expect(run.out + run.err).toContain('Plan: not possible: 1 node without a place.');
    }
  });

  test('exit 2 with changes and 0 without', async () => {
    expect(await inFolder(['plan'], server())).toMatchObject({ code: 2 });
    const none = server({ plans: { create: () => Promise.resolve(samplePlan('p-2')) } });
    expect(await inFolder(['plan'], none)).toMatchObject({ code: 0 });
  });

  test('diff names the paths that changed', async () => {
    const stored = { ...sampleDocument('ants', 6), providers: { here: { kind: 'local' as const } } };
    const show = () => Promise.resolve({ head: sampleHead({ revision: 4 }), document: stored, createdAt: '' });
    const { code, out } = await inFolder(['diff'], server({ blueprints: { show } }));
    expect(code).toBe(2);
    expect(out).toBe('ants  revision 4\n  ~ families.colony.nodes: 6 -> 2\n');
  });

  test('name alone can be piped', async () => {
    expect(await inFolder(['plan', '-o', 'name'], server())).toMatchObject({ out: 'p-1\n' });
  });
});

describe('rebalance', () => {
  const gain = [{ what: 'machines', before: '2', after: '1' }];
  const steps = [{ do: 'remove node', node: 'n-1', name: 'colony-1@h', family: 'colony', why: 'rebalancing' } as const];
  const plan = samplePlan('p-9', { steps, report: { ...samplePlan('p-9').report, gain } });

  test('--plan shows moves and gain, exits 2 and moves nothing', async () => {
    const asked: unknown[] = [];
    const rebalance = (name: string, request: unknown) => (asked.push(name, request), Promise.resolve(plan));
    const { code, out } = await inFolder(
      ['rebalance', 'ants', '--plan', '--consolidate', 'host'],
      server({ blueprints: { rebalance }, plans: { adopt: () => Promise.reject(new Error('adopted')) } }),
    );
    expect(code).toBe(2);
    expect(out).toContain('gain\n  machines: 2 -> 1');
    expect(asked).toEqual(['ants', { consolidate: 'host' }]);
  });

  test('asks before it moves; a no keeps the plan', async () => {
    const client = server({
      blueprints: { rebalance: () => Promise.resolve(plan) },
      plans: { adopt: () => Promise.reject(new Error('adopted')) },
    });
    const { code, err } = await inFolder(['rebalance', 'ants'], client, { answers: ['n'] });
    expect(code).toBe(0);
    expect(err).toContain('wombat apply --plan p-9');
    expect(await inFolder(['rebalance', 'ants'], client)).toMatchObject({ code: 3 });
  });

  test('with a yes moves, and waits for the proof', async () => {
    const rebalance = () => Promise.resolve(plan);
    const client = server({ blueprints: { rebalance, status: inTurn(statusOf('converged', [sampleNode(1)])) } });
    expect(await inFolder(['rebalance', 'ants', '-y'], client)).toMatchObject({ code: 0 });
  });
});

describe('destroy', () => {
  test('ends when nothing is left', async () => {
    const status = inTurn(statusOf('converged', [sampleNode(1)]), statusOf('destroying', [sampleNode(1)]), 'gone');
    const destroy = () => Promise.resolve(sampleOperation('op-1', { kind: 'destroy' }));
    const glance = (words: string) => () => Promise.resolve(sampleOperation('op-1', { kind: 'destroy', words }));
    const nothing = server({
      blueprints: { status, destroy },
      operations: { glance: glance('nothing of it is left') },
    });
    const { code, out } = await inFolder(['destroy', 'ants', '-y'], nothing);
    expect([code, out]).toEqual([0, 'ants is destroyed: nothing of it is left\n']);
    const something = glance('left behind: machine i-1 at provider ec2: denied: the key was revoked');
    const again = inTurn(statusOf('destroying', [sampleNode(1)]), 'gone');
    const left = server({ blueprints: { status: again, destroy }, operations: { glance: something } });
    const run = await inFolder(['destroy', 'ants', '-y', '-o', 'json'], left);
    expect(JSON.parse(run.out)).toMatchObject({
      gone: true,
      account: expect.stringContaining('i-1 at provider ec2') as string,
    });
  });

  test('otherwise accounts for what is left', async () => {
    const stopping = sampleNode(1, {
      desired: 'removed',
      state: { phase: 'waiting', why: 'its host does not answer' },
    });
    const status = inTurn(statusOf('destroying', [stopping]));
    const destroy = () => Promise.resolve(sampleOperation('op-1', { kind: 'destroy' }));
    const run = await inFolder(
      ['destroy', 'ants', '-y', '--timeout', '10s'],
      server({ blueprints: { status, destroy } }),
    );
    expect(run.code).toBe(5);
    expect(run.err).toContain('node colony-1@127.0.0.1: waiting: its host does not answer');
  });
});

describe('node', () => {
  test('stop waits until it is stopped', async () => {
    const stopped = sampleNode(1, {
      desired: 'stopped',
      state: { phase: 'stopped', since: '2026-05-01T12:00:00.000Z' },
    });
    const client = server({
      nodes: { act: () => Promise.resolve({ ...sampleNode(1, { desired: 'stopped' }), operation: 'op-1' }) },
      blueprints: { status: inTurn(statusOf('converging', [sampleNode(1)]), statusOf('converged', [stopped])) },
    });
    expect(await inFolder(['node', 'stop', 'colony-1'], client)).toMatchObject({
      code: 0,
      out: 'colony-1@127.0.0.1 is stopped\n',
    });
  });

  test('several are asked in one request; a line each, and the exit code of the worst', async () => {
    const stopped = (n: number) =>
      sampleNode(n, { desired: 'stopped', state: { phase: 'stopped', since: '2026-05-01T12:00:00.000Z' } });
    const problem = new CliFailure('conflict', 'is being removed').problem;
    const asked: unknown[] = [];
    const actOnEach = (request: { readonly nodes?: string[] | undefined }) => {
      asked.push(request);
      const outcomes = (request.nodes ?? []).map((object) => ({
        object,
        ...{ name: object, operation: null },
        problem: object === 'n-2' && asked.length > 1 ? problem : null,
      }));
      return Promise.resolve({ outcomes, done: 2, failed: 0 });
    };
    const both = [stopped(1), stopped(2)];
    const status = inTurn(statusOf('converging', [sampleNode(1), sampleNode(2)]), statusOf('converged', both));
    const client = () => server({ nodes: { actOnEach }, blueprints: { status } });
    expect(await inFolder(['node', 'stop', 'colony-1', 'n-2'], client())).toMatchObject({
      code: 0,
      out: '✓ colony-1@127.0.0.1 is stopped\n✓ colony-2@127.0.0.1 is stopped\n',
    });
    const { code, out } = await inFolder(['node', 'stop', '--family', 'colony', '--no-wait', '-o', 'json'], client());
    expect([code, JSON.parse(out)]).toMatchObject([7, [{ problem: null }, { problem: { kind: 'conflict' } }]]);
    expect(asked).toEqual(Array(2).fill({ act: 'stop', nodes: ['n-1', 'n-2'] }));
  });

  test('one of several whose act is cancelled meanwhile is not waited for', async () => {
    const since = '2026-05-01T12:00:00.000Z';
    const wished = [1, 2].map((n) => sampleNode(n, { desired: 'stopped' }));
    const stopped = sampleNode(1, { desired: 'stopped', state: { phase: 'stopped', since } });
    const outcomes = ['n-1', 'n-2'].map((object) => ({ object, name: object, operation: 'op-1', problem: null }));
    const actOnEach = () => Promise.resolve({ outcomes, done: 2, failed: 0 });
    const status = inTurn(statusOf('converging', wished), statusOf('converged', [stopped, sampleNode(2)]));
    const client = server({ nodes: { actOnEach, list: () => listed(wished) }, blueprints: { status } });
    const { code, out } = await inFolder(['node', 'stop', 'n-1', 'n-2', '-o', 'json'], client);
    expect([code, JSON.parse(out)]).toMatchObject([7, [{ problem: null }, { problem: { kind: 'conflict' } }]]);
  });

  test.each([
    [['node', 'stop'], /which nodes/],
    [['node', 'stop', 'colony-1', '--family', 'colony'], /not both/],
  ])('%j is refused', async (line, words) => {
    const { code, err } = await inFolder(line, server());
    expect([code, err]).toEqual([3, expect.stringMatching(words)]);
  });

  test('is found by id, Erlang name and family-ordinal; a wrong name says which there are', async () => {
    for (const reference of ['n-2', 'colony-2@127.0.0.1', 'colony-2']) {
      expect(await inFolder(['node', 'show', reference, '-o', 'name'], server())).toMatchObject({
        out: 'colony-2@127.0.0.1\n',
      });
    }
    const { code, err } = await inFolder(['node', 'show', 'colony-9'], server());
    expect(code).toBe(1);
    expect(err).toContain('name one of colony-1, colony-2');
  });

  test('of two blueprints with one name must be said more exactly', async () => {
    const other = sampleNode(1, { id: 'n-7', blueprint: 'bees' });
    const list = () => listed([sampleNode(1), other]);
    const { code, err } = await inFolder(['node', 'show', 'colony-1'], server({ nodes: { list } }));
    expect(code).toBe(3);
    expect(err).toContain('n-7  colony-1@127.0.0.1  of bees');
  });
});

test('topology verify exits 5 naming the first wrong edge', async () => {
  const proof = sampleProof(2, { ok: false, verdict: 'missing edge: colony-1 does not see colony-2' });
  const { code, err } = await inFolder(
    ['topology', 'verify', 'ants'],
    server({ topology: { verify: () => Promise.resolve(proof) } }),
  );
  expect(code).toBe(5);
  expect(err).toContain('missing edge: colony-1 does not see colony-2');
});

test('provider check exits with the code of the first error', async () => {
  const check = () =>
    Promise.resolve([{ level: 'error' as const, what: 'host 10.0.0.1', words: 'another host key', code: 'denied' }]);
  const { code, out } = await inFolder(['provider', 'check', 'lab'], server({ providers: { check } }));
  expect(code).toBe(8);
  expect(out).toBe('✗ host 10.0.0.1: another host key\n');
});

describe('usage', () => {
  test.each([
    [['aply'], "unknown command 'aply'. Did you mean apply?"],
    [['node', 'lst'], "unknown command 'lst'. Did you mean list?"],
    [['apply', '--tiemout', '3s'], "unknown option '--tiemout'. Did you mean --timeout?"],
    [['status', '-o', 'jsn'], 'It is one of'],
    [['apply', '--timeout', 'soon'], 'A duration looks like'],
    [['family', 'scale', 'colony', 'x'], 'A whole number'],
    [['provider'], 'a command is missing'],
  ])('%j is refused with 3', async (argv, words) => {
    const { code, out, err } = await runCli(argv, nobody);
    expect([code, out]).toEqual([3, '']);
    expect(err.replace(/\n {7}/g, ' ')).toContain(words);
  });

  test('help fits 80 columns and has examples, for every command', async () => {
    for (const argv of [[], ...commandsOf(await runCli([], nobody))]) {
      const { code, out } = await runCli([...argv, '--help'], nobody);
      expect(code).toBe(0);
      for (const line of out.split('\n')) expect(line.length, `${argv.join(' ')}: ${line}`).toBeLessThanOrEqual(80);
      if (argv.length !== 1 || !groups.includes(argv[0] ?? '')) expect(out).toContain('Examples:');
    }
  });

  test('no control plane is 9, and says how to start one', async () => {
    expect(await runCli(['status'], nobody)).toMatchObject({ code: 9, err: `error: ${nobody.message}\n` });
  });
});

const groups = [
  'store',
  'replica',
  'provider',
  'domain',
  'release',
  'family',
  'node',
  'secret',
  'op',
  'token',
  'topology',
];

/** Every command that the help of the whole names: `['apply']`, `['node', 'list']`. */
function commandsOf({ out }: { readonly out: string }): string[][] {
  const unwrapped = out.replace(/\n {8,}/g, ' ');
  const lines = [...unwrapped.matchAll(/^ {2}([a-z]+)(?: [[<]\w+[\]>])? {2,}(.+)$/gm)];
  return lines.flatMap(([, command = '', rest = '']) =>
    groups.includes(command) ? [[command], ...rest.split(', ').map((verb) => [command, verb])] : [[command]],
  );
}
