/** The room against real Erlang nodes: three of one mesh, and a few that come and go. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { aNode, fullMesh } from '../../test/kit/cluster-members.ts';
import { realNodes } from '../../test/kit/real-erlang.ts';
import type { RealNode, RealNodes } from '../../test/kit/real-erlang.ts';
import { systemClock } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import { noLog } from '../base/log.ts';
import type { Node } from '../model/node.ts';
import type { Inspection } from '../model/release.ts';
import { builtInAction, openCluster } from './cluster.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { ownNames } from './own-names.ts';

/** What a plain `erl` of Debian's OTP 25 runs: `init:script_id()` says so. */
const plainErlang: Inspection = {
  kind: 'systools',
  name: 'Erlang/OTP',
  version: '25',
  erts: '',
  ertsIncluded: false,
  otp: '25',
  applications: [],
  native: null,
  boot: '',
  vmArgs: null,
  sysConfig: null,
  epmd: null,
  leftOut: [],
  upgrades: { applications: [], release: null },
  files: 0,
  unpackedBytes: 0,
};

async function dial(node: Node): Promise<Duplex> {
  const socket = connect({ port: node.placement.port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect').catch((error: unknown) => {
    throw new Fault('unavailable', `${node.name} does not listen`, { words: String(error) });
  });
  return socket;
}

function record(real: RealNode): Node {
  const process = { pid: real.pid, startTime: '1', bootId: 'boot' };
  const node = aNode(real.name, { state: { phase: 'running', since: '2026-05-01T12:00:00.000Z', process } });
  return { ...node, placement: { ...node.placement, port: real.port } };
}

function opened(cookie: string, options: ClusterOptions = {}): { cluster: Cluster; lost: string[] } {
  const lost: string[] = [];
  const deps = {
    dial,
    run: () => Promise.reject(new Error('no commands here')),
    cookies: () => Promise.resolve([cookie]),
    lost: (nodeId: string, why: string) => void lost.push(`${nodeId}: ${why}`),
    clock: systemClock,
    log: noLog,
  };
  const cluster = openCluster(deps, options);
  onTestFinished(() => cluster.close());
  return { cluster, lost };
}

const join = builtInAction('distributed_erlang')!.join;
const within = { timeout: 20_000, interval: 50 };
let nodes: RealNodes;

beforeAll(async () => {
  nodes = await realNodes();
});
afterAll(async () => {
  await nodes.stop();
});

describe('three nodes', () => {
  const names = ['master-1@127.0.0.1', 'colony-1@127.0.0.1', 'colony-2@127.0.0.1'] as const;
  let real: RealNode[];
  let members: Node[];
  const claim = () => members.map((node) => ({ node, inspection: plainErlang }));

  beforeAll(async () => {
    real = await Promise.all(names.map((name) => nodes.start(name)));
    members = real.map(record);
  });

  test('have booted, and stand alone until they join', async () => {
    const { cluster } = opened(nodes.cookie, { settleMs: 0 });
    expect(await Promise.all(members.map((node) => cluster.answers(node)))).toEqual([true, true, true]);
    const proof = await cluster.prove('ants', claim(), fullMesh(names));
    expect(proof).toMatchObject({ ok: false, nodesSeen: 3, edgesSeen: 0, edgesExpected: 3 });
    expect(proof.verdict).toBe(
      'colony-1@127.0.0.1 does not see colony-2@127.0.0.1, nor colony-2@127.0.0.1 it (it sees: nobody)',
    );
  });

  test('join one after another and are one mesh; joining twice changes nothing', async () => {
    const { cluster } = opened(nodes.cookie);
    const [master, ...colonies] = members;
    for (const fresh of [...colonies, ...colonies]) {
      expect(await cluster.step(join, { fresh, peer: master! })).toEqual({ ok: true, words: 'true' });
    }
    const proof = await cluster.prove('ants', claim(), fullMesh(names));
    expect(proof).toMatchObject({ ok: true, verdict: 'mesh 3/3 nodes, 3/3 edges, 0 extra', hidden: [ownNames[0]] });
  });

  test('say so when an edge should not be there', async () => {
    const { cluster } = opened(nodes.cookie, { settleMs: 0 });
    const proof = await cluster.prove('ants', claim(), fullMesh(names).slice(1));
    expect(proof).toMatchObject({ ok: false, extraEdges: 1, edgesSeen: 2 });
    expect(proof.faults).toMatchObject([
      { kind: 'extra edge', nodes: expect.arrayContaining(names.slice(1)) as string[] },
    ]);
  });

  test('say so when a stranger is among them, and when it is gone', async () => {
    const { cluster } = opened(nodes.cookie);
    const stranger = await nodes.start('stranger-1@127.0.0.1');
    await cluster.step(join, { fresh: record(stranger), peer: members[0]! });
    const proof = await cluster.prove('ants', claim(), fullMesh(names));
    expect(proof).toMatchObject({ ok: false, edgesSeen: 3 });
    expect(proof.verdict).toMatch(/ stranger-1@127\.0\.0\.1, which is no member of the cluster$/);
    await stranger.kill();
    expect(await cluster.prove('ants', claim(), fullMesh(names))).toMatchObject({ ok: true });
  });

  test('another release than the declared one is named', async () => {
    const { cluster } = opened(nodes.cookie, { settleMs: 0 });
    const other = { ...plainErlang, name: 'ants', version: '1.0.0' };
    const proof = await cluster.prove('ants', [{ node: members[0]!, inspection: other }], []);
    expect(proof.faults.find((fault) => fault.kind === 'wrong release')?.words).toBe(
      'master-1@127.0.0.1 runs release Erlang/OTP 25, not ants 1.0.0',
    );
  });

  test('one that is killed is lost, and the proof names it', async () => {
    const { cluster, lost } = opened(nodes.cookie);
    expect(await cluster.prove('ants', claim(), fullMesh(names))).toMatchObject({ ok: true });
    await real[2]!.kill();
    await vi.waitFor(() => expect(lost).toHaveLength(1), within);
    expect(lost[0]).toMatch(/^colony-2: /);
    const proof = await cluster.prove('ants', claim(), fullMesh(names));
    expect(proof).toMatchObject({ ok: false, nodesSeen: 2, edgesSeen: 1 });
    expect(proof.verdict).toMatch(/^colony-2@127\.0\.0\.1 cannot be seen: colony-2@127\.0\.0\.1 does not listen/);
    expect(proof.faults.map((fault) => fault.kind)).toEqual(['unreachable node']);
  });

  test('one that comes back under its name joins again', async () => {
    const { cluster } = opened(nodes.cookie);
    const fresh = record(await nodes.start(names[2]));
    expect(await cluster.step(join, { fresh, peer: members[0]! })).toEqual({ ok: true, words: 'true' });
    members = [...members.slice(0, 2), fresh];
    expect(await cluster.prove('ants', claim(), fullMesh(names))).toMatchObject({ ok: true, edgesSeen: 3 });
  });
});

describe('a call', () => {
  let real: RealNode;
  let node: Node;

  beforeAll(async () => {
    real = await nodes.start('calls-1@127.0.0.1');
    node = record(real);
  });

  test.each([
    ['ants_colony:join(New)', false, 'ants_colony:join/1 is not exported on calls-1@127.0.0.1'],
    ['lists:map(a, [1])', false, 'lists:map/2 on calls-1@127.0.0.1 raised error:'],
    ['erlang:exit(enough)', false, 'erlang:exit/1 on calls-1@127.0.0.1 raised exit:enough'],
    ['net_adm:ping(nobody@nowhere)', false, 'pang'],
    ['erlang:element(1, {New, Family})', true, "'calls-1@127.0.0.1'"],
    ['maps:get(<<"k">>, #{<<"k">> => [1, 2.5, "xy", Family]})', true, '[1,2.5,"xy",calls]'],
  ])('%s', async (text, ok, words) => {
    const { cluster } = opened(nodes.cookie);
    const outcome = await cluster.call(node, text);
    expect(outcome.ok).toBe(ok);
    expect(outcome.words.slice(0, words.length)).toBe(words);
  });

  test('with the wrong cookie is denied', async () => {
    const { cluster } = opened('not-the-cookie', { settleMs: 0 });
    await expect(cluster.answers(node)).rejects.toMatchObject({ code: 'denied' });
    const proof = await cluster.prove('ants', [{ node, inspection: plainErlang }], []);
    expect(proof.verdict).toMatch(/^calls-1@127\.0\.0\.1 cannot be seen: .*cookie/);
  });

  test('to stop it is accepted, and it stops', async () => {
    const { cluster, lost } = opened(nodes.cookie);
    await cluster.stop(node);
    await vi.waitFor(() => expect(lost).toHaveLength(1), within);
    await expect(cluster.answers(node)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('as a guest (I6)', () => {
  test('we are hidden, start nothing, load nothing and leave nothing', async () => {
    const host = await nodes.start('host-1@127.0.0.1');
    const { cluster } = opened(nodes.cookie);
    const node = record(host);
    const before = await host.inside();
    expect(before).toMatchObject({ visible: [], hidden: [] });

    expect(await cluster.answers(node)).toBe(true);
    expect(await cluster.view(node)).toMatchObject({ name: host.name, visible: [], hidden: [ownNames[0]] });
    await cluster.call(node, 'erlang:nodes()');
    await cluster.call(node, 'nobody:home()');
    await cluster.prove('ants', [{ node, inspection: plainErlang }], []);
    expect(await host.inside()).toMatchObject({ visible: [], hidden: [ownNames[0]], modules: before.modules });

    await cluster.close();
    await vi.waitFor(async () => {
      expect(await host.inside()).toMatchObject({ ...before, atoms: expect.any(Number) as number });
    }, within);
  });

  test('those who join through us do not hear of us', async () => {
    const [one, two] = await Promise.all([nodes.start('apart-1@127.0.0.1'), nodes.start('apart-2@127.0.0.1')]);
    const { cluster } = opened(nodes.cookie);
    await cluster.step(join, { fresh: record(one), peer: record(two) });
    expect(await one.inside()).toMatchObject({ visible: [two.name], hidden: [ownNames[0]] });
    expect(await two.inside()).toMatchObject({ visible: [one.name], hidden: [] });
  });

  test('coming back a hundred times adds no atom', async () => {
    const host = await nodes.start('atoms-1@127.0.0.1');
    const node = record(host);
    const visit = async (): Promise<number> => {
      const { cluster } = opened(nodes.cookie);
      await cluster.view(node);
      await cluster.close();
      await vi.waitFor(async () => expect((await host.inside()).hidden).toEqual([]), within);
      return (await host.inside()).atoms;
    };
    const after = await visit();
    for (let times = 0; times < 99; times++) await visit();
    expect((await host.inside()).atoms).toBe(after);
  });

  test('two control planes see the same node under two names of the pool', async () => {
    const node = record(await nodes.start('shared-1@127.0.0.1'));
    const [one, two] = [opened(nodes.cookie).cluster, opened(nodes.cookie).cluster];
    await one.answers(node);
    expect((await two.view(node)).hidden.toSorted()).toEqual(ownNames.slice(0, 2));
    expect(await one.answers(node)).toBe(true);
  });
});
