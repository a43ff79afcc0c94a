import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { aMember, aNode, antsInspection } from '../../test/kit/cluster-members.ts';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import { FakeErlangNode } from '../../test/kit/fake-erlang.ts';
import type { Answer } from '../../test/kit/fake-erlang.ts';
import { Fault } from '../base/fault.ts';
import { noLog } from '../base/log.ts';
import { ErlangError, atom, parseTerm } from '../erlang/erlang.ts';
import type { Node } from '../model/node.ts';
import { openCluster } from './cluster.ts';
import type { StepContext } from './cluster.ts';

const fresh = aNode('colony-1@h');
const peer = aNode('master-1@h');
const context: StepContext = { fresh, peer };

/** A cluster whose nodes are functions, and which notes commands and calls. */
function kit(answers: Readonly<Record<string, Answer>> = {}, command = { code: 0, output: '' }) {
  const clock = fakeClock(0);
  const made = new Map<string, FakeErlangNode>();
  const commands: { node: string; command: string; variables: Readonly<Record<string, string>> }[] = [];
  const deps = {
    dial: () => Promise.resolve(new PassThrough()),
    run: (node: Node, text: string, variables: Readonly<Record<string, string>>) => {
      commands.push({ node: node.name, command: text, variables });
      return Promise.resolve(command);
    },
    cookies: () => Promise.resolve(['secret']),
    lost: () => undefined,
    clock,
    log: noLog,
  };
  const connect = ({ peer: name }: { peer: string }) => {
    const erlang = new FakeErlangNode(name, answers[name]);
    made.set(name, erlang);
    return Promise.resolve(erlang);
  };
  const calls = (name: string) => made.get(name)?.calls ?? [];
  return { cluster: openCluster(deps, { connect, settleMs: 0 }), clock, commands, calls };
}

describe('a node answers', () => {
  test.each([
    ['{started,started}', true],
    ['{starting,starting}', false],
    ['{stopping,stopping}', false],
    ['ok', false],
  ])('init says %s: %s', async (status, answers) => {
    const { cluster, calls } = kit({ [fresh.name]: () => parseTerm(status) });
    expect(await cluster.answers(fresh)).toBe(answers);
    expect(calls(fresh.name)).toEqual(['init:get_status()']);
  });
});

describe("a family's own check", () => {
  test.each([
    ['true', undefined, true, 'true'],
    ['false', undefined, false, 'app:ready() answers false, not true'],
    ['{ok,7}', '{ok, 7}', true, '{ok,7}'],
    ['{ok,8}', '{ok, 7}', false, 'app:ready() answers {ok,8}, not {ok,7}'],
    ['[]', '[]', true, '[]'],
  ])('that answers %s where %s is expected', async (answer, answers, ok, words) => {
    const { cluster } = kit({ [fresh.name]: () => parseTerm(answer) });
    const check = { call: 'app:ready()', ...(answers === undefined ? {} : { answers }) };
    expect(await cluster.check(fresh, check)).toEqual({ ok, words });
  });

  test('that raises is not passed, in its words', async () => {
    const raised = new ErlangError('error', atom('badarg'));
    const { cluster } = kit({
      [fresh.name]: () => {
        throw raised;
      },
    });
    const { ok, words } = await cluster.check(fresh, { call: 'app:ready()' });
    expect([ok, words]).toEqual([false, expect.stringContaining('raised error:badarg')]);
  });

  test('may be a command, whose status decides', async () => {
    expect(await kit({}, { code: 0, output: 'well' }).cluster.check(fresh, 'check')).toEqual({
      ok: true,
      words: 'well',
    });
    const ill = kit({}, { code: 3, output: 'no queue' });
    expect(await ill.cluster.check(fresh, 'check')).toEqual({ ok: false, words: 'status 3: no queue' });
    expect(ill.commands).toEqual([{ node: fresh.name, command: 'check', variables: {} }]);
  });
});

describe('a step', () => {
  test('on the new node, with its variables', async () => {
    const { cluster, calls } = kit();
    const step = { on: 'new', call: 'ants_colony:join(Peer, New, Family)' } as const;
    expect(await cluster.step(step, context)).toEqual({ ok: true, words: 'ok' });
    expect(calls(fresh.name)).toEqual(["ants_colony:join('master-1@h', 'colony-1@h', colony)"]);
  });

  test('on the peer', async () => {
    const { cluster, calls } = kit();
    await cluster.step({ on: 'peer', call: 'ants_colony:forget(New)' }, context);
    expect([calls(fresh.name), calls(peer.name)]).toEqual([[], ["ants_colony:forget('colony-1@h')"]]);
  });

  test('on the host, with the names in its environment', async () => {
    const { cluster, commands } = kit({}, { code: 2, output: 'no such table\n' });
    const outcome = await cluster.step({ on: 'host', command: 'join.sh "$PEER"' }, context);
    expect(outcome).toEqual({ ok: false, words: 'status 2: no such table' });
    const variables = { NEW: fresh.name, PEER: peer.name, FAMILY: 'colony' };
    expect(commands).toEqual([{ node: fresh.name, command: 'join.sh "$PEER"', variables }]);
  });

  test('on a peer that is not there is refused before anything is connected', async () => {
    const { cluster, calls } = kit();
    const alone = { fresh, peer: null };
    await expect(cluster.step({ on: 'peer', call: 'm:f()' }, alone)).rejects.toMatchObject({ code: 'invalid' });
    await expect(cluster.step({ on: 'new', call: 'm:f(Peer)' }, alone)).rejects.toMatchObject({ code: 'invalid' });
    expect(calls(fresh.name)).toEqual([]);
  });

  test('whose call raises is an outcome, one whose node goes away a fault', async () => {
    const gone = new Fault('unavailable', 'the connection has ended');
    const { cluster } = kit({
      [fresh.name]: () => Promise.reject(new ErlangError('error', atom('badarg'))),
      [peer.name]: () => Promise.reject(gone),
    });
    expect(await cluster.step({ on: 'new', call: 'm:f()' }, context)).toEqual({
      ok: false,
      words: 'm:f/0 on colony-1@h raised error:badarg',
    });
    await expect(cluster.step({ on: 'peer', call: 'm:f()' }, context)).rejects.toBe(gone);
  });
});

test('a hook knows its own node and no peer', async () => {
  const { cluster, calls } = kit();
  expect(await cluster.call(fresh, 'ants_colony:drain(New, Family)')).toEqual({ ok: true, words: 'ok' });
  expect(calls(fresh.name)).toEqual(["ants_colony:drain('colony-1@h', colony)"]);
  await expect(cluster.call(fresh, 'ants_colony:drain(Peer)')).rejects.toMatchObject({ code: 'invalid' });
});

test('stopping is init:stop/0', async () => {
  const { cluster, calls } = kit();
  await cluster.stop(fresh);
  expect(calls(fresh.name)).toEqual(['init:stop()']);
});

test('a proof asks each member once and dates itself', async () => {
  const applications = antsInspection.applications.map(({ name, version }) => `{${name},"","${version}"}`).join();
  const view = (name: string, other: string) => () =>
    parseTerm(`['${name}',['${other}'],[],{"ants","1.0.0"},[${applications}]]`);
  const answers = { [fresh.name]: view(fresh.name, peer.name), [peer.name]: view(peer.name, fresh.name) };
  const { cluster, calls } = kit(answers);
  const members = [aMember(fresh.name), aMember(peer.name)];
  expect(await cluster.prove('ants', members, [[fresh.name, peer.name]])).toMatchObject({
    ok: true,
    blueprint: 'ants',
    at: '1970-01-01T00:00:00.000Z',
    verdict: 'mesh 2/2 nodes, 1/1 edges, 0 extra',
  });
  expect([calls(fresh.name).length, calls(peer.name).length]).toEqual([1, 1]);
});

describe('nodes of other components', () => {
  const setCookies = `lists:zipwith(fun erlang:set_cookie/2, ['${peer.name}'], [secret])`;

  test('are introduced by their cookie, once to each process', async () => {
    const { cluster, calls } = kit();
    await cluster.introduce([fresh], [peer]);
    await cluster.introduce([fresh], [peer]);
    expect(calls(fresh.name)).toEqual([setCookies]);
    const process = { pid: 4712, startTime: '1', bootId: 'boot' };
    const state = { phase: 'running', since: '1970-01-01T00:00:00.000Z', process } as const;
    await cluster.introduce([aNode(fresh.name, { state })], [peer]);
    expect(calls(fresh.name)).toEqual([setCookies]);
  });

  test('are parted from: the cookie is taken back, the connection ended, and both can be made again', async () => {
    const { cluster, calls } = kit();
    await cluster.introduce([fresh], [peer]);
    await cluster.part(fresh, [peer]);
    await cluster.introduce([fresh], [peer]);
    const disconnect = `lists:map(fun erlang:disconnect_node/1, ['${peer.name}'])`;
    expect(calls(fresh.name)).toEqual([setCookies, setCookies, disconnect, setCookies]);
  });

  test('what a node raises when it is told a cookie says nothing of it', async () => {
    const raised = () => Promise.reject(new ErlangError('error', parseTerm('{badarg,secret}')));
    const { cluster } = kit({ [fresh.name]: raised });
    await cluster.introduce([fresh], [peer]);
    const failure = await cluster.part(fresh, [peer]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unknown' });
    expect(String(failure)).not.toContain('secret');
  });
});
