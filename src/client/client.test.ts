import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiForTests, settleAnts, testToken } from '../../test/kit/api-server.ts';
import type { ApiForTests } from '../../test/kit/api-server.ts';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import * as sample from '../../test/kit/records.ts';
import type { Api } from '../api/api.ts';
import { Fault } from '../base/fault.ts';
import { openClient } from './client.ts';
import type { Client } from './client.ts';
import type { Event } from '../model/event.ts';
import { ProblemError } from './problem-error.ts';

let server: ApiForTests;
let api: Api;
let client: Client;
beforeEach(async () => {
  server = await apiForTests();
  await settleAnts(server.store);
  api = await server.listen();
  client = openClient({ url: `${api.url}/`, token: testToken });
});
afterEach(async () => {
  await api.close();
  await server.close();
});

const event = (object: string, blueprint: string | null = null) =>
  ({ level: 'info', kind: 'node', object, blueprint, what: 'started', words: object }) as const;

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

describe('every method reaches its endpoint', () => {
  test('reading', async () => {
    expect((await client.health()).version).toBe('1.2.3');
    expect((await client.providers.list().all()).map(({ provider }) => provider.name)).toEqual(['here']);
    expect((await client.providers.show('here')).offers).toBe(1);
    expect((await client.domains.list().all()).map(({ domain }) => domain.name)).toEqual(['here']);
    expect((await client.domains.show('here')).machines).toHaveLength(1);
    expect(await client.releases.list().all()).toEqual([sample.sampleRelease()]);
    expect(await client.releases.show('ants@1.0.0')).toEqual(sample.sampleRelease());
    expect((await client.blueprints.list().all()).map(({ head }) => head.name)).toEqual(['ants']);
    expect((await client.blueprints.show('ants')).document).toEqual(sample.sampleDocument());
    expect(await client.blueprints.revisions('ants').all()).toEqual([sample.sampleRevision()]);
    expect((await client.blueprints.status('ants')).state).toBe('converged');
    expect((await client.status().all()).map(({ state }) => state)).toEqual(['converged']);
    expect((await client.statusInBrief().all()).map(({ state }) => state)).toEqual(['converged']);
    expect((await client.families.list().all()).map(({ name }) => name)).toEqual(['colony']);
    expect(await client.families.list({ blueprint: 'ants' }).all()).toEqual([
      await client.families.show('ants', 'colony'),
    ]);
    expect(await client.nodes.list({ blueprint: 'ants' }).all()).toEqual([sample.sampleNode(1), sample.sampleNode(2)]);
    expect(await client.nodes.show('colony-2@127.0.0.1')).toEqual(sample.sampleNode(2));
    expect(await client.nodes.logs('colony-2@127.0.0.1')).toBe('one\ntwo\n');
    expect((await client.topology.show('ants')).edges).toEqual([['colony-1@127.0.0.1', 'colony-2@127.0.0.1']]);
  });

  test('acting', async () => {
    const definition = { kind: 'memory', machines: 3 } as const;
    expect((await client.providers.add('cloud', definition)).provider.definition).toEqual(definition);
    expect((await client.providers.check('cloud')).map(({ level }) => level)).toEqual(['ok']);
    await client.providers.remove('cloud');
    await client.secrets.put('ants secret://file/a b', 'value');
    expect(await client.secrets.list().all()).toEqual(['ants secret://file/a b']);
    await client.secrets.remove('ants secret://file/a b');
    const document = { ...sample.sampleDocument(), providers: { lab: definition } };
    expect((await client.plans.create(document, { cause: 'test' })).cause).toBe('test');
    expect(await client.plans.adopt('p-1')).toMatchObject({ revision: 2, operation: 'op-2' });
    expect(await client.families.scale({ blueprint: 'ants', family: 'colony' }, 5)).toMatchObject({ revision: 3 });
    expect((await client.nodes.act('n-1', 'stop')).id).toBe('n-1');
    expect(await client.nodes.execute('n-1', 'ls -l')).toEqual({ code: 0, output: 'done' });
    expect(await client.nodes.call('n-1', 'erlang:nodes()')).toEqual({ ok: true, text: '[one,two]' });
    expect((await client.nodes.act('n-2', 'terminate')).id).toBe('n-2');
    expect((await client.topology.verify('ants')).ok).toBe(true);
    expect((await client.blueprints.destroy('ants', { deadlineSeconds: 60 })).kind).toBe('destroy');
    expect((await client.operations.show('op-1')).operation.id).toBe('op-1');
    expect((await client.operations.cancel('op-1')).kind).toBe('roll back');
    const asked = server.ports.calls.map(([name]) => name).filter((name) => name !== 'wake');
    expect(asked).toEqual([
      'checkProvider',
      'emptyProvider',
      'plan',
      'adopt',
      'scale',
      'act',
      'execute',
      'call',
      'act',
      'verify',
      'destroy',
      'operation',
      'cancel',
    ]);
  });

  test('a release is uploaded as a stream, once', async () => {
    const first = await client.releases.upload(chunks('release ', 'bees ', '1.0.0'));
    expect([first.created, first.release.name]).toEqual([true, 'bees']);
    const second = await client.releases.upload(chunks('release bees ', '1.0.0'));
    expect(second).toEqual({ created: false, release: first.release });
    await client.releases.remove(first.release.digest);
    expect(server.artifacts.kept.size).toBe(0);
  });
});

describe('problems', () => {
  const problemOf = async (call: Promise<unknown>) => {
    const error: unknown = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ProblemError);
    return (error as ProblemError).problem;
  };

  test('are what the API told, in every way of asking', async () => {
    const refusal = new Fault('conflict', 'plan p-1 is stale', { object: 'plan p-1', next: 'wombat plan' });
    server.ports.answers = { adopt: () => Promise.reject(refusal), logs: () => Promise.reject(refusal) };
    const told = {
      kind: 'conflict',
      status: 409,
      detail: 'plan p-1 is stale',
      object: 'plan p-1',
      next: 'wombat plan',
    };
    expect(await problemOf(client.plans.adopt('p-1'))).toMatchObject(told);
    expect(await problemOf(client.nodes.logs('n-1'))).toMatchObject(told);
    expect(await problemOf(client.blueprints.destroy('UP'))).toMatchObject({ kind: 'invalid' });
    expect(await problemOf(client.releases.upload(chunks('nonsense')))).toMatchObject({ kind: 'invalid', status: 422 });
  });

  test('a wrong token', async () => {
    const stranger = openClient({ url: api.url, token: 'wrong' });
    expect(await problemOf(stranger.nodes.list().all())).toMatchObject({ kind: 'unauthorized', status: 401 });
    const following = stranger.events.follow({}, new AbortController().signal)[Symbol.asyncIterator]();
    expect(await problemOf(following.next())).toMatchObject({ kind: 'unauthorized' });
  });

  test('a limited token, a revoked one, and what the audit log has of it', async () => {
    const { token, value } = await client.tokens.create({ name: 'ci', role: 'operate', blueprints: ['ants'] });
    expect(await client.tokens.list().all()).toEqual([token]);
    const limited = openClient({ url: api.url, token: value });
    expect(await problemOf(limited.blueprints.destroy('bees'))).toMatchObject({ kind: 'denied', status: 403 });
    await client.tokens.revoke('ci');
    expect(await problemOf(limited.nodes.list().all())).toMatchObject({ kind: 'unauthorized', status: 401 });
    const { items: entries } = await client.audit.list().page({ limit: 2 });
    expect(entries.map((entry) => [entry.token, entry.status])).toEqual([
      ['first', 204],
      ['ci', 403],
    ]);
    expect(await client.audit.verify()).toMatchObject({ sound: 3, broken: null });
  });

  test('nobody there', async () => {
    await api.close();
    const problem = await problemOf(client.status().all());
    expect(problem).toMatchObject({
      kind: 'unavailable',
      next: 'wombat up',
      words: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  test('an answer that is none of ours', async () => {
    const page = () =>
      Promise.resolve(new Response('<h1>Bad Gateway</h1>', { status: 502, statusText: 'Bad Gateway' }));
    const behindProxy = openClient({ url: api.url, token: testToken, fetch: page });
    expect(await problemOf(behindProxy.status().all())).toMatchObject({
      kind: 'unknown',
      words: '<h1>Bad Gateway</h1>',
    });
  });

  test('letting go is no problem: the reason comes back', async () => {
    const reason = new Error('enough');
    server.ports.answers = { verify: () => new Promise(() => undefined) };
    const controller = new AbortController();
    const asked = client.topology.verify('ants', controller.signal);
    while (server.ports.calls.length === 0) await new Promise(setImmediate);
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });
});

describe('following', () => {
  test('a log comes as bytes until one lets go', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    for await (const chunk of client.nodes.followLog('n-1', 5, controller.signal)) {
      seen.push(Buffer.from(chunk).toString());
      controller.abort();
    }
    expect(seen).toEqual(['first line\n']);
    expect(server.ports.calls).toEqual([['followLog', 'n-1', 5]]);
  });

  test('events come as they happen, of one blueprint where asked for', async () => {
    const controller = new AbortController();
    const events = client.events.follow({ after: 0, blueprint: 'ants' }, controller.signal);
    await server.store.commit([], [event('a', 'ants'), event('b', 'bees')]);
    const seen: string[] = [];
    for await (const { object } of events) {
      seen.push(object);
      if (object === 'a') await server.store.commit([], [event('c', 'ants')]);
      else controller.abort();
    }
    expect(seen).toEqual(['a', 'c']);
    expect(await client.events.list({ after: 1 }).page({ limit: 1 })).toMatchObject({
      items: [{ object: 'b' }],
      last: 3,
    });
    const objects = async (events: AsyncIterable<Event>) => {
      const found: string[] = [];
      for await (const { object } of events) found.push(object);
      return found;
    };
    expect(await objects(client.events.list({ after: 0 }))).toEqual(['a', 'b', 'c']);
    expect(await objects(client.events.list())).toEqual(['c', 'b', 'a']);
  });
});

/** A control plane that says what the test tells it to, one connection after another. */
async function scripted(
  answers: ((response: ServerResponse) => void)[],
): Promise<{ server: Server; url: string; asked: string[] }> {
  const asked: string[] = [];
  const plane = createServer((request, response) => {
    asked.push(request.url ?? '');
    const next = answers.shift();
    if (next === undefined) {
      response.destroy();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    next(response);
  });
  await new Promise<void>((resolve) => plane.listen(0, '127.0.0.1', resolve));
  return { server: plane, url: `http://127.0.0.1:${(plane.address() as AddressInfo).port}`, asked };
}

function message(sequence: number): string {
  return `id: ${sequence}\ndata: ${JSON.stringify({ sequence })}\n\n`;
}

describe('a broken event stream', () => {
  let plane: Awaited<ReturnType<typeof scripted>>;
  const clock = fakeClock();
  afterEach(() => {
    plane.server.closeAllConnections();
    plane.server.close();
  });

  async function collect(count: number, signal: AbortSignal): Promise<number[]> {
    const seen: number[] = [];
    const follower = openClient({ url: plane.url, token: testToken, clock });
    for await (const { sequence } of follower.events.follow({}, signal)) {
      seen.push(sequence);
      if (seen.length === count) break;
    }
    return seen;
  }

  /** Moves the clock until the promise has settled. */
  async function moving<T>(promise: Promise<T>, stepMs: number): Promise<T> {
    let settled = false;
    const over = promise.finally(() => (settled = true));
    over.catch(() => undefined);
    while (!settled) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      await clock.advance(stepMs);
    }
    return over;
  }

  test('is taken up behind the last id, cut off events come once and whole', async () => {
    plane = await scripted([
      (response) => void response.write('id: 40\n\n', () => response.destroy()),
      (response) => void response.write(`${message(41)}${message(42)}id: 43\ndata: {"sequ`, () => response.destroy()),
      (response) => response.end(message(43)),
      (response) => void response.write(message(44)),
    ]);
    expect(await moving(collect(4, new AbortController().signal), 100)).toEqual([41, 42, 43, 44]);
    expect(plane.asked).toEqual(
      [undefined, 40, 42, 43].map((n) => `/api/v1/events?${n === undefined ? '' : `after=${n}`}`),
    );
  });

  test('that has gone silent is opened again', async () => {
    plane = await scripted([
      (response) => void response.write(message(1)),
      (response) => void response.write(message(2)),
    ]);
    expect(await moving(collect(2, new AbortController().signal), 200)).toEqual([1, 2]);
    expect(plane.asked).toHaveLength(2);
  });

  test('that cannot be had again within a minute is a problem', async () => {
    plane = await scripted([(response) => response.end(message(1))]);
    const collected = moving(collect(2, new AbortController().signal), 500);
    await expect(collected).rejects.toMatchObject({ problem: { kind: 'unavailable' } });
    expect(plane.asked.length).toBeGreaterThan(3);
  });
});

describe('a shell on a node', () => {
  async function session(settings: { readonly token?: string; readonly node?: string } = {}) {
    const { token = testToken, node = 'n-1' } = settings;
    const leave = new AbortController();
    const shell = await openClient({ url: api.url, token }).nodes.shell(node, { columns: 100 }, leave.signal);
    return { shell, leave };
  }

  test('shows what it says, takes lines, and ends with it', async () => {
    const { shell } = await session();
    const seen: string[] = [];
    for await (const piece of shell.pieces()) {
      seen.push(piece.kind === 'end' ? piece.why : piece.text);
      if (piece.kind === 'prompt') shell.type(seen.length < 4 ? 'hello' : 'q().');
    }
    expect(seen).toEqual(['Eshell\n', '1> ', 'hello\n', '2> ', 'the shell has ended']);
    expect(server.ports.calls).toContainEqual(['shell', 'n-1', { language: 'erlang', columns: 100, rows: 24 }]);
  });

  test('ends when the person leaves', async () => {
    const { shell, leave } = await session();
    const pieces = shell.pieces()[Symbol.asyncIterator]();
    await pieces.next();
    leave.abort();
    while ((await pieces.next()).done !== true);
  });

  test('a node that nobody knows, and a wrong token, are problems', async () => {
    const { shell } = await session({ node: 'n-9' });
    await expect(async () => {
      for await (const piece of shell.pieces()) expect(piece).toBeUndefined();
    }).rejects.toThrow(/there is no node n-9/);
    await expect(session({ token: 'wrong' })).rejects.toThrow(/took no shell/);
  });
});
