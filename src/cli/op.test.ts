import { describe, expect, test } from 'vitest';
import { listed, noPastEvents, runCli, scriptedClient } from '../../test/kit/cli-world.ts';
import type { ClientParts } from '../../test/kit/cli-world.ts';
import {
  failedPhase,
  sampleDocument,
  sampleHead,
  sampleMachine,
  sampleNode,
  sampleOperation,
  sampleProof,
  sampleRelease,
  sampleRun,
} from '../../test/kit/records.ts';
import { blueprintStatus } from '../model/blueprint-status.ts';
import type { Event } from '../model/event.ts';
import { operationTasks } from '../model/operation-tasks.ts';
import type { OperationScene } from '../model/operation-tasks.ts';
import type { Operation, OperationView } from '../model/operation.ts';

const { tasks: _, ...apply } = sampleOperation('op-8f3kq0zt1m', { revision: 2, former: 1 });
const begun = '2026-05-01T12:00:01.000Z';

/** Six nodes wanted: three as they were, one that joins, one that failed, one that waits for its machine. */
function scene(over: Partial<OperationScene> = {}): OperationScene {
  const before = [1, 2, 3].map((ordinal) => sampleNode(ordinal, { createdAt: '2026-05-01T11:00:00.000Z' }));
  const old = before.map((node) => ({ ...node, state: { ...node.state, since: '2026-05-01T11:00:00.000Z' } }));
  const process = { pid: 4712, startTime: '100', bootId: 'boot' };
  const joins = sampleNode(4, {
    failures: 1,
    state: {
      phase: 'started',
      since: begun,
      process,
      why: 'bootstrap (master) with master-1@127.0.0.1 failed: nodedown',
    },
  });
  const failed = sampleNode(5, { state: failedPhase('it did not answer within 60 s of its start'), failures: 2 });
  const waits = sampleNode(6, { state: { phase: 'waiting', why: 'for machine 10.78.0.12' } });
  const status = blueprintStatus({
    head: sampleHead({ revision: 2 }),
    document: sampleDocument('ants', 6),
    nodes: [...old, joins, failed, waits] as never,
    machines: [
      sampleMachine('m-1'),
      sampleMachine('m-2', { offer: 'rack/10.78.0.12', state: { phase: 'booting', since: begun, hostKey: null } }),
    ],
    proof: sampleProof(3),
    releases: [sampleRelease()],
    rollouts: [],
    quarantine: [],
  });
  const run = sampleRun('r-1', {
    node: 'n-4',
    peerName: 'master-1@127.0.0.1',
    incarnation: 'boot:4712:100',
    outcome: 'failed',
    words: 'nodedown',
  });
  const why: OperationScene['why'] = (loop, key) =>
    loop === 'machine' && key === 'm-2' ? 'connect ECONNREFUSED 10.78.0.12:22' : null;
  return { status, rollouts: [], runs: [run], events: [], why, ...over };
}

function view(over: Partial<Operation> = {}, of = scene()): OperationView {
  const operation = { ...apply, words: of.status?.words ?? '', ...over };
  return { operation, tasks: operationTasks(operation, of) };
}

async function* noEvents(): AsyncGenerator<Event> {
  /* nothing happens */
}

function server(operations: NonNullable<ClientParts['operations']>) {
  return scriptedClient({ operations, events: { list: noPastEvents, follow: noEvents } });
}

/** Shows one view after another, the last one for ever. */
function inTurn(...views: readonly OperationView[]): () => Promise<OperationView> {
  let turn = 0;
  return () => Promise.resolve(views[Math.min(turn++, views.length - 1)]!);
}

describe('op show', () => {
  test('is a tree of 80 columns: what is done alike on one line, the rest in the words of whoever does it', async () => {
    const { code, out } = await runCli(['op', 'show', apply.id], server({ show: inTurn(view()) }));
    expect(code).toBe(0);
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(out).toMatchInlineSnapshot(`
      "op-8f3kq0zt1m  apply  ants  running
        0ms of 1h, begun 12:00:00 by first, revision 2 after 1
        colony-4@127.0.0.1: bootstrap (master) with master-1@127.0.0.1 failed:
        nodedown, and 1 more node failed

      ├─ ✓ plan of revision 2
      ├─ ● machines            1 of 2 ready
      │  ├─ ✓ here/this machine  ready
      │  └─ ● rack/10.78.0.12    booting: connect ECONNREFUSED 10.78.0.12:22
      ├─ ✗ colony              3 of 6 running
      │  ├─ ✓ 3 nodes             as before
      │  ├─ ✗ colony-4@127.0.0.1  started: bootstrap (master) with master-1@127.0.0.1
      │  │  │                     failed: nodedown
      │  │  └─ ✗ join master-1@127.0.0.1  nodedown
      │  ├─ ✗ colony-5@127.0.0.1  failed: it did not answer within 60 s of its start;
      │  │                        failed 2 times; it wrote last: {init terminating}
      │  └─ ○ colony-6@127.0.0.1  waiting: for machine 10.78.0.12
      └─ ○ proof               once every node runs

      next:  wombat op cancel op-8f3kq0zt1m
      "
    `);
  });

  test('of one that has ended shows what it came to, and what followed', async () => {
    const ended = view({
      state: 'cancelled',
      words: 'cancelled by ops',
      followedBy: 'op-2',
      ended: '2026-05-01T12:01:05.000Z',
    });
    const { out } = await runCli(['op', 'show', apply.id], server({ show: inTurn(ended) }));
    expect(out).toContain(
      'op-8f3kq0zt1m  apply  ants  cancelled\n  took 1m 5s, begun 12:00:00 by first, revision 2 after 1',
    );
    expect(out).toContain('next:  wombat op show op-2');
  });

  test('of a blueprint that is gone has no tasks', async () => {
    const gone = view(
      { kind: 'destroy', cause: 'destroy', state: 'succeeded', words: 'nothing of it is left' },
      scene({ status: undefined }),
    );
    const { code, out } = await runCli(['op', 'show', apply.id], server({ show: inTurn(gone) }));
    expect(code).toBe(0);
    expect(out).toContain('nothing of it is left');
  });

  test.each([
    ['succeeded', null, 0],
    ['failed', null, 5],
    ['failed', 'op-2', 6],
    ['cancelled', 'op-2', 6],
    ['superseded', 'op-2', 7],
  ] as const)('--watch of one that has %s (%s) exits with %i', async (state, followedBy, exit) => {
    const show = inTurn(view(), view(), view({ state, followedBy, ended: begun, words: 'so it is' }));
    const { code, out } = await runCli(['op', 'show', apply.id, '--watch'], server({ show }));
    expect(code).toBe(exit);
    expect(out).toContain(state);
  });

  test('--watch that takes too long is a timeout, with where it is', async () => {
    const { code, err } = await runCli(
      ['op', 'show', apply.id, '--watch', '--timeout', '30s'],
      server({ show: inTurn(view()) }),
    );
    expect(code).toBe(124);
    expect(err).toContain('not ended in time: colony-4@127.0.0.1');
  });

  test('--watch is left with Ctrl-C, which says how to come back and how to stop it', async () => {
    const controller = new AbortController();
    const show = () => (controller.abort(new Error('interrupted')), Promise.resolve(view()));
    const { code, err } = await runCli(['op', 'show', apply.id, '--watch'], server({ show }), {
      signal: controller.signal,
    });
    expect(code).toBe(130);
    expect(err).toContain(`wombat op cancel ${apply.id}`);
  });

  test('--watch on a terminal shows no more than fits', async () => {
    const many = Array.from({ length: 60 }, (_, n) =>
      sampleNode(n + 1, { state: { phase: 'waiting', why: 'for its turn' } }),
    );
    const { status } = scene();
    const crowded = view({}, scene({ status: { ...status!, nodes: many } }));
    const done = view({ state: 'succeeded', ended: begun });
    const { err } = await runCli(
      ['op', 'show', apply.id, '--watch'],
      server({ show: inTurn(crowded, crowded, done) }),
      { live: true },
    );
    expect(err).toMatch(/… and \d+ lines more/);
  });
});

describe('op list', () => {
  test('is newest last, and fits the terminal', async () => {
    const operations = [
      { ...apply, words: 'colony-5@127.0.0.1: it did not answer within 60 s of its start' },
      {
        ...apply,
        id: 'op-1',
        cause: 'family scale colony 3',
        state: 'succeeded' as const,
        ended: begun,
        words: 'mesh 3/3 nodes',
      },
    ];
    const asked: unknown[] = [];
    const list = (which: unknown) => (asked.push(which), listed(operations));
    const { code, out } = await runCli(['op', 'list', '-b', 'ants'], server({ list }));
    expect(code).toBe(0);
    expect(asked).toEqual([{ blueprint: 'ants' }]);
    expect(out).toMatchInlineSnapshot(`
      "ID             BLUEPRINT  OPERATION       STATE      AGE  BY     WORDS
      op-1           ants       family scale …  succeeded  now  first  mesh 3/3 nodes
      op-8f3kq0zt1m  ants       apply           running    now  first  colony-5@127.0…
      "
    `);
  });
});

describe('op cancel', () => {
  const { tasks: __, ...undo } = sampleOperation('op-2', {
    kind: 'roll back',
    undoes: apply.id,
    revision: 3,
    former: 2,
  });
  const ended = {
    operation: { ...undo, state: 'succeeded' as const, words: 'mesh 3/3 nodes, 3/3 edges, 0 extra' },
    tasks: null,
  };
  const glance = () => Promise.resolve(apply);
  const cancel = () => Promise.resolve(undo);

  test('asks, saying what becomes of it; a no changes nothing', async () => {
    const client = server({ glance, cancel: () => Promise.reject(new Error('cancelled')) });
    expect(await runCli(['op', 'cancel', apply.id], client, { answers: ['n'] })).toMatchObject({ code: 0, out: '' });
    expect(await runCli(['op', 'cancel', apply.id], client)).toMatchObject({ code: 3 });
  });

  test('waits until everything is as before', async () => {
    const { code, out } = await runCli(
      ['op', 'cancel', apply.id, '-y'],
      server({ glance, cancel, show: inTurn(ended) }),
    );
    expect([code, out]).toEqual([0, 'op-8f3kq0zt1m is cancelled: mesh 3/3 nodes, 3/3 edges, 0 extra\n']);
  });

  test('with --no-wait says how to follow', async () => {
    const { code, out } = await runCli(['op', 'cancel', apply.id, '-y', '--no-wait'], server({ glance, cancel }));
    expect([code, out]).toEqual([
      0,
      'op-8f3kq0zt1m is cancelled. Follow what is taken back with: wombat op show op-2 --watch\n',
    ]);
  });
});
