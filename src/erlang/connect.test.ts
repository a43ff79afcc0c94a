/** The whole client against a scripted node: what the real one does rarely or never. */
import { describe, expect, test } from 'vitest';
import { fakeClock, settle } from '../../test/kit/fake-clock.ts';
import type { FakeClock } from '../../test/kit/fake-clock.ts';
import { challenge, scriptedNode } from '../../test/kit/scripted-node.ts';
import type { ScriptedNode } from '../../test/kit/scripted-node.ts';
import {
  asTuple,
  atom,
  binary,
  charlist,
  connectNode,
  equalTerms,
  formatTerm,
  Pid,
  Reference,
  tuple,
} from './erlang.ts';
import type { ErlangNode, Term } from './erlang.ts';

const peer = 'ants-1@10.0.0.1';
const self = 'wombat-0@10.0.0.9';
const ours = new Pid(atom(self), 1, 0, 9);
const theirs = new Pid(atom(peer), 100, 0, 77);
const within = { timeoutMs: 1000 };
const noSpawn = 0x7df_7fbdn;

interface Stage {
  readonly client: ErlangNode;
  readonly node: ScriptedNode;
  readonly clock: FakeClock;
}

async function onStage(flags?: bigint): Promise<Stage> {
  const { stream, node } = scriptedNode();
  const clock = fakeClock();
  const connecting = connectNode({ stream, peer, self, cookie: 'secret', clock, timeoutMs: 5000, creation: 9 });
  await node.greet(peer, 'secret', flags);
  return { client: await connecting, node, clock };
}

/** The error that a promise ends with. */
const failure = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'no error', (error: unknown) => error); // prettier-ignore

/** Hears the next spawn request and gives its id. */
async function hearSpawn(node: ScriptedNode): Promise<Reference> {
  const [operation, id] = asTuple((await node.hear()).control) ?? [];
  expect(operation).toBe(29);
  expect(id).toBeInstanceOf(Reference);
  return id as Reference;
}

const spawned = (id: Reference, process: Term = theirs): Term => tuple(31, id, ours, 2, process);
const down = (id: Reference): Term => tuple(28, theirs, ours, id);
const returned = (id: Reference, value: Term): Term => tuple(id, atom('return'), value);
const killed = tuple(8, ours, theirs, atom('kill'));

describe('an answer that is read when it is wanted', () => {
  const ask = async ({ client, node }: Stage, answer: (id: Reference) => readonly [Term, Term]) => {
    const asking = client.ask('erlang', 'nodes', [], within);
    const id = await hearSpawn(node);
    node.sayMessage(spawned(id));
    node.sayMessage(...answer(id));
    return asking;
  };
  const value = (term: Term) => (id: Reference) => [down(id), returned(id, term)] as const;

  test('has the digest of its bytes: the same for the same, another one for another', async () => {
    const stage = await onStage();
    const first = await ask(stage, value([atom('a'), charlist('é')]));
    const again = await ask(stage, value([atom('a'), charlist('é')]));
    const other = await ask(stage, value([atom('b'), charlist('é')]));
    expect(first.digest).toMatch(/^[\w-]{43}$/);
    expect(again.digest).toBe(first.digest);
    expect(other.digest).not.toBe(first.digest);
    expect(formatTerm(other.term())).toBe(formatTerm([atom('b'), charlist('é')]));
  });

  test('is none where the call raises, or the process ends otherwise', async () => {
    const stage = await onStage();
    const raises = ask(stage, (id) => [down(id), tuple(id, atom('error'), atom('badarg'), [])]);
    expect(await failure(raises)).toMatchObject({ class: 'error' });
    const dies = ask(stage, (id) => [down(id), atom('killed')]);
    expect(await failure(dies)).toMatchObject({ class: 'exit' });
  });
});

describe('connecting', () => {
  test('gives up a silent node at its deadline', async () => {
    const { stream } = scriptedNode();
    const clock = fakeClock();
    const connecting = failure(connectNode({ stream, peer, self, cookie: 'secret', clock, timeoutMs: 5000 }));
    await clock.advance(5000);
    expect(await connecting).toMatchObject({ code: 'timeout', message: expect.stringContaining(peer) as string });
    expect(stream.destroyed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('is taken back by its signal', async () => {
    const { stream } = scriptedNode();
    const stop = new AbortController();
    const greeting = { stream, peer, self, cookie: 'secret', clock: fakeClock(), timeoutMs: 5000, signal: stop.signal };
    const connecting = failure(connectNode(greeting));
    stop.abort(new Error('no longer wanted'));
    expect(await connecting).toMatchObject({ message: 'no longer wanted' });
    expect(stream.destroyed).toBe(true);
  });

  test.each<[string, (node: ScriptedNode) => unknown, string]>([
    ['sok', (node) => node.sayFramed(challenge('other@10.0.0.1', 1)), 'not-found'],
    ['sok', (node) => node.sayFramed(Buffer.from('n....')), 'unavailable'],
    ['sok', (node) => node.hangUp(), 'unavailable'],
    ['snot_allowed', () => undefined, 'denied'],
    ['snok', () => undefined, 'conflict'],
    ['salive', () => undefined, 'conflict'],
    ['sok', (node) => node.sayFramed(challenge(peer, 1)).sayFramed(Buffer.from(`a${'x'.repeat(16)}`)), 'denied'],
  ])('%s and then %s is %s', async (status, then, code) => {
    const { stream, node } = scriptedNode();
    const connecting = failure(
      connectNode({ stream, peer, self, cookie: 'secret', clock: fakeClock(), timeoutMs: 5000 }),
    );
    await node.hearFramed();
    node.sayFramed(Buffer.from(status));
    then(node);
    const error = await connecting;
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error)).not.toContain('secret');
  });
});

describe('calls', () => {
  test('go out as OTP sends them', async () => {
    const { client, node } = await onStage();
    const answer = client.call('lists', 'max', [[1, 2]], within);
    const { control, payload } = await node.hear();
    const [, id] = asTuple(control) ?? [];
    expect(formatTerm(control ?? 0)).toBe(
      `{29,${formatTerm(id ?? 0)},<${self}.1.0>,<${self}.1.0>,{erpc,execute_call,4},[monitor]}`,
    );
    expect(formatTerm(payload ?? 0)).toBe(`[${formatTerm(id ?? 0)},lists,max,[[1,2]]]`);
    node.sayMessage(spawned(id as Reference)).sayMessage(down(id as Reference), returned(id as Reference, 2));
    expect(await answer).toBe(2);
  });

  test('are answered in any order, also in the older form', async () => {
    const { client, node } = await onStage();
    const answers = [client.call('m', 'a', [], within), client.call('m', 'b', [], within)];
    const [a, b] = [await hearSpawn(node), await hearSpawn(node)];
    node
      .sayMessage(tuple(21, theirs, ours, b, returned(b, atom('second'))))
      .sayMessage(down(a), returned(a, atom('first')));
    expect(await Promise.all(answers)).toEqual([atom('first'), atom('second')]);
  });

  test.each<[string, (id: Reference) => Term, object]>([
    ['throw', (id) => tuple(id, atom('throw'), 1), { class: 'throw', text: '1' }],
    ['exit', (id) => tuple(id, atom('exit'), 1), { class: 'exit', text: '1' }],
    [
      'error',
      (id) => tuple(id, atom('error'), atom('badarg'), [7]),
      { class: 'error', text: 'badarg', stackTrace: [7] },
    ],
    ['erpc', (id) => tuple(id, atom('error'), tuple(atom('erpc'), atom('badarg'))), { class: 'erpc', text: 'badarg' }],
    ['a signal', () => atom('killed'), { class: 'exit', text: 'killed' }],
    ['an answer to another call', () => tuple(new Reference(atom(self), 9, [5]), atom('return'), 1), { class: 'exit' }],
  ])('%s', async (_name, reason, expected) => {
    const { client, node } = await onStage();
    const answer = failure(client.call('m', 'f', [], within));
    const id = await hearSpawn(node);
    node.sayMessage(down(id), reason(id));
    expect(await answer).toMatchObject({ name: 'ErlangError', ...expected });
  });

  test('that the node cannot start fail with its word', async () => {
    const { client, node, clock } = await onStage();
    const answer = failure(client.call('m', 'f', [], within));
    node.sayMessage(spawned(await hearSpawn(node), atom('system_limit')));
    expect(await answer).toMatchObject({ class: 'erpc', text: 'system_limit' });
    await clock.advance(within.timeoutMs); // one timer serves all calls of a length, and ends with the last
    expect(clock.pending).toBe(1);
  });

  test('with an answer that cannot be read fail alone', async () => {
    const { client, node } = await onStage();
    const [bad, good] = [failure(client.call('m', 'f', [], within)), client.call('m', 'g', [], within)];
    const [first, second] = [await hearSpawn(node), await hearSpawn(node)];
    node.sayMessage(down(first)).sayMessage(down(second), returned(second, 1));
    expect(await bad).toMatchObject({
      code: 'unknown',
      detail: { words: expect.stringContaining('bytes end') as string },
    });
    expect(await good).toBe(1);
  });

  test('past their deadline are ended on the node', async () => {
    const { client, node, clock } = await onStage();
    const answer = failure(client.call('m', 'f', [1], within));
    node.sayMessage(spawned(await hearSpawn(node)));
    await clock.advance(1000);
    expect(await answer).toMatchObject({ code: 'timeout', message: `m:f/1 on ${peer}: no answer within 1 s` });
    expect(equalTerms((await node.hear()).control ?? 0, killed)).toBe(true);
  });

  test('given up before the node named their process are ended when it does', async () => {
    const { client, node } = await onStage();
    const stop = new AbortController();
    const answer = failure(client.call('m', 'f', [], { ...within, signal: stop.signal }));
    const id = await hearSpawn(node);
    stop.abort(new Error('enough'));
    expect(await answer).toMatchObject({ message: 'enough' });
    node.sayMessage(spawned(id));
    expect(equalTerms((await node.hear()).control ?? 0, killed)).toBe(true);
  });

  test('with a signal that has fired are not made', async () => {
    const { client, node } = await onStage();
    const gone = AbortSignal.abort(new Error('enough'));
    expect(await failure(client.call('m', 'f', [], { ...within, signal: gone }))).toMatchObject({ message: 'enough' });
    const later = client.call('m', 'later', [], within).catch(() => undefined);
    expect(formatTerm((await node.hear()).payload ?? 0)).toContain('later');
    client.close();
    await later;
  });

  test('of what is no term or no name are refused here', async () => {
    const { client, clock } = await onStage();
    expect(await failure(client.call('m', 'f', [1.5], within))).toMatchObject({ name: 'EncodeError' });
    expect(await failure(client.call('m'.repeat(300), 'f', [], within))).toMatchObject({ name: 'EncodeError' });
    expect(clock.pending).toBe(1);
  });

  test('go to rex where a node takes no spawn requests', async () => {
    const { client, node } = await onStage(noSpawn);
    const answer = client.call('m', 'f', [1], within);
    const { control, payload } = await node.hear();
    expect(formatTerm(control ?? 0)).toBe(`{6,<${self}.1.0>,'',rex}`);
    const [tag, from, request] = asTuple(payload) ?? [];
    expect([tag, formatTerm(request ?? 0)]).toEqual([atom('$gen_call'), `{call,m,f,[1],<${self}.1.0>}`]);
    const [, id = 0] = asTuple(from) ?? [];
    node
      .sayMessage(tuple(2, atom(''), ours), atom('noise'))
      .sayMessage(tuple(22, theirs, ours), tuple(id, atom('done')));
    expect(await answer).toBe(atom('done'));
    const failing = failure(client.call('m', 'f', [], within));
    const [, next] = asTuple(asTuple((await node.hear()).payload)?.[1]) ?? [];
    const exit = tuple(atom('badrpc'), tuple(atom('EXIT'), atom('undef')));
    node.sayMessage(tuple(2, atom(''), ours), tuple(next ?? 0, exit));
    expect(await failing).toMatchObject({ class: 'exit', text: 'undef' });
  });
});

describe('the end', () => {
  test('fails the calls under way and is told once', async () => {
    const { client, node, clock } = await onStage();
    const heard: string[] = [];
    client.onClose((why) => heard.push(why));
    const answer = failure(client.call('m', 'f', [], within));
    await hearSpawn(node);
    node.hangUp();
    expect(await answer).toMatchObject({ code: 'unavailable', detail: { words: 'the node closed the connection' } });
    client.onClose((why) => heard.push(`later: ${why}`));
    client.close();
    expect(heard).toEqual(['the node closed the connection', 'later: the node closed the connection']);
    expect(await failure(client.call('m', 'f', [], within))).toMatchObject({ code: 'unavailable' });
    await clock.advance(1000);
    expect(clock.pending).toBe(0);
  });

  test('by us ends first what we run there, and waits for what is still to be named', async () => {
    const { client, node } = await onStage();
    const answers = [failure(client.call('m', 'a', [], within)), failure(client.call('m', 'b', [], within))];
    const [known, unnamed] = [await hearSpawn(node), await hearSpawn(node)];
    node.sayMessage(spawned(known));
    await settle();
    client.close();
    expect(await Promise.all(answers)).toMatchObject([{ code: 'unavailable' }, { code: 'unavailable' }]);
    expect(equalTerms((await node.hear()).control ?? 0, killed)).toBe(true);
    await settle();
    expect(node.ended).toBe(false);
    node.sayMessage(spawned(unnamed));
    expect(equalTerms((await node.hear()).control ?? 0, killed)).toBe(true);
    await settle();
    expect(node.ended).toBe(true);
  });

  test('by us does not wait long for a node that stalls', async () => {
    const { client, node, clock } = await onStage();
    const answer = failure(client.call('m', 'a', [], within));
    await hearSpawn(node);
    client.close();
    expect(await answer).toMatchObject({ code: 'unavailable' });
    await clock.advance(1000);
    expect(node.ended).toBe(true);
    await clock.advance(1000);
    expect(clock.pending).toBe(0);
  });

  test.each<[string, Buffer, RegExp]>([
    ['a message of another type', Buffer.of(0, 0, 0, 1, 131), /type 131/],
    ['a control message that is none', Buffer.of(0, 0, 0, 3, 112, 131, 106), /tuple/],
    ['bytes that are no term', Buffer.of(0, 0, 0, 3, 112, 131, 1), /no tag/],
    ['a message over the limit', Buffer.of(255, 255, 255, 255), /over the limit/],
  ])('comes with %s', async (_name, bytes, words) => {
    const { client, node } = await onStage();
    const why = new Promise<string>((resolve) => client.onClose(resolve));
    node.say(bytes);
    expect(await why).toMatch(words);
  });
});

describe('ticks', () => {
  test('are answered', async () => {
    const { node } = await onStage();
    node.sayLong(new Uint8Array());
    expect(await node.hear()).toEqual({ control: undefined, payload: undefined });
  });

  test('are not answered by who has spoken since the one before: two nodes of ours would tick for ever', async () => {
    const { node, clock } = await onStage();
    await clock.advance(15_000);
    expect((await node.hear()).control).toBeUndefined();
    const id = new Reference(atom(peer), 77, [1, 2, 3]);
    const request = tuple(29, id, theirs, theirs, tuple(), []);
    node.sayLong(new Uint8Array()).sayMessage(request, []);
    expect((await node.hear()).control).toEqual(tuple(31, id, theirs, 0, atom('notsup')));
    node.sayLong(new Uint8Array()).sayLong(new Uint8Array());
    expect(await node.hear()).toEqual({ control: undefined, payload: undefined });
  });

  test.each([
    ['is not called dead', true],
    ['is called dead when it has still said nothing a little later', false],
  ])('a node that seems silent because we stood still %s', async (_what, speaks) => {
    const { stream, node } = scriptedNode();
    const clock = fakeClock();
    let stoodMs = 0;
    const ours = { ...clock, monotonic: () => clock.monotonic() + stoodMs };
    const connecting = connectNode({ stream, peer, self, cookie: 'secret', clock: ours, timeoutMs: 5000, creation: 9 });
    await node.greet(peer, 'secret');
    let why: string | null = null;
    (await connecting).onClose((words) => (why = words));
    await clock.advance(14_000);
    stoodMs = 80_000;
    await clock.advance(1_000);
    expect((await node.hear()).control).toBeUndefined();
    expect(why).toBeNull();
    if (speaks) node.sayLong(new Uint8Array());
    await clock.advance(5_000);
    expect(why).toEqual(speaks ? null : 'the node was silent for 100 s');
  });

  test('are sent when nothing else is, and a silent node is called dead', async () => {
    const { client, node, clock } = await onStage();
    const why = new Promise<string>((resolve) => client.onClose(resolve));
    await clock.advance(15_000);
    expect((await node.hear()).control).toBeUndefined();
    node.sayLong(new Uint8Array());
    await clock.advance(75_000);
    await clock.advance(15_000);
    expect(await why).toBe('the node was silent for 90 s');
  });
});

describe('manners', () => {
  const other = new Pid(atom(self), 2, 0, 9);
  const id = new Reference(atom(peer), 77, [1, 2, 3]);
  const request = (what: Term): Term => tuple(atom('io_request'), theirs, id, what);
  const reply = (what: Term): Term => tuple(atom('io_reply'), id, what);
  const print = tuple(atom('put_chars'), atom('unicode'), charlist('hello'));
  const refusal = tuple(atom('error'), atom('enotsup'));
  const ask = tuple(atom('get_line'), atom('unicode'), charlist('?'));

  type Said = readonly [control: Term, payload?: Term];

  test.each<[string, Said, Said]>([
    ['a link to nobody', [tuple(1, theirs, other)], [tuple(3, other, theirs, atom('noproc'))]],
    ['a monitor of a name', [tuple(19, theirs, atom('x'), id)], [tuple(21, atom('x'), theirs, id, atom('noproc'))]],
    ['an unlink', [tuple(35, 5, theirs, ours)], [tuple(36, 5, ours, theirs)]],
    ['a spawn request', [tuple(29, id, theirs, theirs, tuple(), []), []], [tuple(31, id, theirs, 0, atom('notsup'))]],
    ['printing', [tuple(22, theirs, ours), request(print)], [tuple(2, atom(''), theirs), reply(atom('ok'))]],
    ['a question', [tuple(2, atom(''), ours), request(ask)], [tuple(2, atom(''), theirs), reply(refusal)]],
  ])('%s is answered', async (_name, said, expected) => {
    const { node } = await onStage();
    node.sayMessage(...said);
    const { control, payload } = await node.hear();
    expect([control, payload]).toEqual([expected[0], expected[1]]);
  });

  test.each<[string, Term, Term?]>([
    ['a link to us', tuple(1, theirs, ours)],
    ['a monitor of us', tuple(19, theirs, ours, id)],
    ['the end of a monitor', tuple(20, theirs, ours, id)],
    ['a message to a name', tuple(6, theirs, atom(''), atom('nobody')), atom('hello')],
    ['a message to us', tuple(2, atom(''), ours), binary('hello')],
    ['a short control message', tuple(19)],
    ['an operation of the future', tuple(99, 1, 2, 3)],
    ['an empty tuple', tuple()],
    ['the down of an unknown call', tuple(28, theirs, ours, id), 1],
    ['the process of an unknown call', tuple(31, id, ours, 2, theirs)],
  ])('%s is passed over', async (_name, control, payload) => {
    const { client, node } = await onStage();
    node.sayMessage(control, payload).sayLong(new Uint8Array());
    // Only the tick behind it is answered.
    expect(await node.hear()).toEqual({ control: undefined, payload: undefined });
    client.close();
  });
});
