import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { aNode } from '../../test/kit/cluster-members.ts';
import { fakeClock, settle } from '../../test/kit/fake-clock.ts';
import { FakeErlangNode } from '../../test/kit/fake-erlang.ts';
import { Fault } from '../base/fault.ts';
import { noLog } from '../base/log.ts';
import type { ConnectOptions, ErlangNode } from '../erlang/erlang.ts';
import type { Node } from '../model/node.ts';
import { Links } from './links.ts';
import { NamesInUse, ownNames } from './own-names.ts';
import type { Connect } from './links.ts';

const colony = aNode('colony-1@10.0.0.1');

/** Links over connections that the test completes by hand, one promise for each attempt. */
function kit() {
  const clock = fakeClock(0);
  const attempts: (Pick<ConnectOptions, 'self' | 'peer' | 'cookie' | 'signal'> & {
    made: PromiseWithResolvers<ErlangNode>;
  })[] = [];
  const lost: string[] = [];
  const connect: Connect = ({ self, peer, cookie, signal }) => {
    const made = Promise.withResolvers<ErlangNode>();
    attempts.push({ self, peer, cookie, signal, made });
    return made.promise;
  };
  const deps = {
    dial: () => Promise.resolve(new PassThrough()),
    run: () => Promise.reject(new Error('no commands here')),
    cookies: (node: Node) => Promise.resolve([`cookie of ${node.name}`]),
    lost: (nodeId: string, why: string) => void lost.push(`${nodeId}: ${why}`),
    clock,
    log: noLog,
  };
  const links = new Links(deps, { names: new NamesInUse(ownNames), connect });
  /** Asks for the connection and lets the latest attempt succeed. */
  const opened = async (node: Node): Promise<FakeErlangNode> => {
    const asked = links.to(node);
    await settle();
    const erlang = new FakeErlangNode(node.name);
    attempts.at(-1)!.made.resolve(erlang);
    expect(await asked).toBe(erlang);
    return erlang;
  };
  return { links, attempts, lost, clock, opened };
}

function restarted(node: Node, pid: number): Node {
  return {
    ...node,
    state: { phase: 'running', since: node.createdAt, process: { pid, startTime: '9', bootId: 'boot' } },
  };
}

describe('one connection a node', () => {
  test('is shared by all who ask, before and after it stands', async () => {
    const { links, attempts } = kit();
    const asked = [links.to(colony), links.to(colony)];
    await settle();
    const erlang = new FakeErlangNode(colony.name);
    attempts[0]!.made.resolve(erlang);
    expect(await Promise.all(asked)).toEqual([erlang, erlang]);
    expect(await links.to(colony)).toBe(erlang);
    expect(attempts).toHaveLength(1);
    expect(attempts[0]).toMatchObject({ self: ownNames[0], peer: colony.name, cookie: `cookie of ${colony.name}` });
  });

  test('goes on for the others when one gives up', async () => {
    const { links, attempts } = kit();
    const impatient = new AbortController();
    const first = links.to(colony, impatient.signal);
    const second = links.to(colony);
    await settle();
    impatient.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    attempts[0]!.made.resolve(new FakeErlangNode(colony.name));
    await expect(second).resolves.toMatchObject({ name: colony.name });
  });

  test('is tried again by the next who asks after it failed', async () => {
    const { links, attempts, opened } = kit();
    const asked = links.to(colony);
    await settle();
    attempts[0]!.made.reject(new Fault('denied', 'it refuses our cookie'));
    await expect(asked).rejects.toMatchObject({ code: 'denied' });
    await opened(colony);
    expect(attempts).toHaveLength(2);
  });

  test('ends in a timeout when nobody answers', async () => {
    const { links, clock } = kit();
    const asked = expect(links.to(colony)).rejects.toMatchObject({ code: 'timeout' });
    await clock.advance(10_000);
    await asked;
    expect(clock.pending).toBe(0);
  });
});

describe('a connection that ended', () => {
  test('is told once, and made again when asked for', async () => {
    const { opened, lost, attempts } = kit();
    (await opened(colony)).end('the stream ended');
    expect(lost).toEqual(['colony-1: the stream ended']);
    await opened(colony);
    expect(attempts).toHaveLength(2);
  });

  test('is not told when it was forgotten', async () => {
    const { links, opened, lost } = kit();
    const erlang = await opened(colony);
    links.forget(colony.id);
    expect([erlang.closed, lost]).toEqual([true, []]);
  });

  test('that ends late says nothing about its successor', async () => {
    const { links, opened, lost, attempts } = kit();
    const old = await opened(colony);
    links.forget(colony.id);
    const young = await opened(colony);
    old.end('at last');
    expect(lost).toEqual([]);
    expect(await links.to(colony)).toBe(young);
    expect(attempts).toHaveLength(2);
  });
});

describe('a node that was started anew', () => {
  test('is connected to anew, and the old connection is dropped in silence', async () => {
    const { opened, lost } = kit();
    const old = await opened(colony);
    const young = await opened(restarted(colony, 200));
    expect(old.closed).toBe(true);
    expect(young.closed).toBe(false);
    expect(lost).toEqual([]);
  });

  test('keeps its connection while its record knows of no process', async () => {
    const { links, opened } = kit();
    const erlang = await opened(colony);
    const stopping: Node = { ...colony, state: { phase: 'stopping', since: colony.createdAt, process: null } };
    expect(await links.to(stopping)).toBe(erlang);
  });
});

describe('forgetting', () => {
  test('ends an attempt that is under way; the next use starts another', async () => {
    const { links, attempts, opened } = kit();
    const asked = links.to(colony);
    await settle();
    links.forget(colony.id);
    await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
    expect(attempts[0]!.signal!.aborted).toBe(true);
    await opened(colony);
    expect(attempts).toHaveLength(2);
  });

  test('after close nothing is connected to any more', async () => {
    const { links, opened, attempts, lost } = kit();
    const erlang = await opened(colony);
    links.close();
    await expect(links.to(colony)).rejects.toMatchObject({ code: 'unavailable' });
    expect([erlang.closed, attempts.length, lost]).toEqual([true, 1, []]);
  });
});

describe('the name we go by (I6)', () => {
  const taken = () => new Fault('conflict', 'it has a connection to another one of that name');

  test('is the next of the pool where the first is taken', async () => {
    const { links, attempts } = kit();
    const asked = links.to(colony);
    await settle();
    attempts[0]!.made.reject(taken());
    await settle();
    attempts[1]!.made.resolve(new FakeErlangNode(colony.name));
    await asked;
    expect(attempts.map(({ self }) => self)).toEqual(ownNames.slice(0, 2));
  });

  test('is never one outside the pool', async () => {
    const { links, attempts } = kit();
    const asked = expect(links.to(colony)).rejects.toMatchObject({ code: 'unavailable' });
    for (let at = 0; at < ownNames.length; at++) {
      await settle();
      attempts[at]!.made.reject(taken());
    }
    await asked;
    expect(attempts.map(({ self }) => self)).toEqual(ownNames);
  });
});
