import { describe, expect, test } from 'vitest';
import { challenge, digest, oldChallenge, scriptedNode } from '../../../test/kit/scripted-node.ts';
import type { ScriptedNode } from '../../../test/kit/scripted-node.ts';
import { guestFlags } from './flags.ts';
import { performHandshake } from './handshake.ts';
import type { HandshakeOutcome } from './dialogue.ts';

const options = {
  peer: 'ants-1@10.0.0.1',
  self: 'wombat-0@10.0.0.9',
  cookie: 'secret',
  creation: 0x01020304,
  flags: guestFlags,
};
const status = (text: string): Buffer => Buffer.from(`s${text}`);

/** The outcome when the node does as scripted. */
async function outcomeOf(script: (node: ScriptedNode) => unknown, signal?: AbortSignal): Promise<HandshakeOutcome> {
  const { stream, node } = scriptedNode();
  stream.on('error', () => undefined);
  const [outcome] = await Promise.all([
    performHandshake(stream, options, signal ?? new AbortController().signal),
    script(node),
  ]);
  return outcome;
}

/** Plays up to our digest. */
async function askForDigest(node: ScriptedNode): Promise<Buffer> {
  await node.hearFramed();
  node.sayFramed(status('ok'));
  node.sayFramed(challenge(options.peer, 4294967295));
  return node.hearFramed();
}

describe('handshake', () => {
  test('says who we are, hidden, and proves the cookie', async () => {
    const heard: Buffer[] = [];
    const outcome = await outcomeOf(async (node) => {
      heard.push(await node.hearFramed());
      node.sayFramed(status('ok'));
      node.sayFramed(challenge(options.peer, 4294967295));
      const reply = await node.hearFramed();
      heard.push(reply);
      node.sayFramed(Buffer.concat([Buffer.from('a'), digest('secret', reply.readUInt32BE(1))]));
    });
    expect(outcome).toMatchObject({ kind: 'connected', peer: { name: options.peer, creation: 77 } });
    const [name = Buffer.alloc(0), reply = Buffer.alloc(0)] = heard;
    expect(name.toString('latin1', 0, 1)).toBe('N');
    expect(name.readBigUInt64BE(1)).toBe(guestFlags);
    expect(name.readBigUInt64BE(1) & 1n).toBe(0n);
    expect(name.readUInt32BE(9)).toBe(options.creation);
    expect(name.toString('utf8', 15)).toBe(options.self);
    expect(reply.subarray(5).equals(digest('secret', 4294967295))).toBe(true);
  });

  test('takes messages in pieces of one byte, and several in one piece', async () => {
    const inPieces = await outcomeOf(async (node) => {
      await node.hearFramed();
      node.sayFramed(status('ok_simultaneous'), 1);
      node.sayFramed(challenge(options.peer, 1), 1);
      const reply = await node.hearFramed();
      node.sayFramed(Buffer.concat([Buffer.from('a'), digest('secret', reply.readUInt32BE(1))]), 1);
    });
    expect(inPieces.kind).toBe('connected');
  });

  test('leaves what follows it in the stream', async () => {
    const { stream, node } = scriptedNode();
    const played = askForDigest(node).then((reply) => {
      const ack = Buffer.concat([Buffer.of(0, 17), Buffer.from('a'), digest('secret', reply.readUInt32BE(1))]);
      node.say(Buffer.concat([ack, Buffer.from('first message')]));
    });
    const outcome = await performHandshake(stream, options, new AbortController().signal);
    await played;
    expect(outcome.kind).toBe('connected');
    expect(String(stream.read())).toBe('first message');
  });

  test.each(['nok', 'alive'])('%s means that our name is in use', async (text) => {
    let answer: Promise<Buffer> | undefined;
    const outcome = await outcomeOf(async (node) => {
      await node.hearFramed();
      node.sayFramed(status(text));
      answer = node.hearFramed();
    });
    expect(outcome).toEqual({ kind: 'name-in-use', status: text });
    if (text === 'alive') expect(String(await answer)).toBe('sfalse');
  });

  test('not_allowed', async () => {
    expect(await outcomeOf((node) => node.sayFramed(status('not_allowed')))).toEqual({ kind: 'not-allowed' });
  });

  test('another name is noticed before our digest leaves', async () => {
    let next: Promise<Buffer> | undefined;
    const outcome = await outcomeOf(async (node) => {
      await node.hearFramed();
      node.sayFramed(status('ok'));
      node.sayFramed(challenge('ants-2@10.0.0.1', 1));
      next = node.hearFramed();
    });
    expect(outcome).toEqual({ kind: 'other-name', name: 'ants-2@10.0.0.1' });
    expect(await Promise.race([next, Promise.resolve('nothing')])).toBe('nothing');
  });

  test('closing after our digest refuses the cookie', async () => {
    expect(
      await outcomeOf(async (node) => {
        await askForDigest(node);
        node.hangUp();
      }),
    ).toEqual({ kind: 'refused' });
  });

  test('breaking after our digest refuses the cookie', async () => {
    const outcome = await outcomeOf(async (node) => {
      await askForDigest(node);
      node.break('ECONNRESET');
    });
    expect(outcome).toEqual({ kind: 'refused' });
  });

  test('a wrong digest is an impostor', async () => {
    const outcome = await outcomeOf(async (node) => {
      await askForDigest(node);
      node.sayFramed(Buffer.concat([Buffer.from('a'), digest('secret', 0)]));
    });
    expect(outcome).toEqual({ kind: 'impostor' });
  });

  test('an old node says so', async () => {
    const outcome = await outcomeOf((node) => node.sayFramed(status('ok')).sayFramed(oldChallenge(options.peer, 7)));
    expect(outcome).toMatchObject({ kind: 'bad-answer', words: expect.stringMatching(/OTP 22/) as string });
  });

  test.each<[string, (node: ScriptedNode) => void, object]>([
    ['an empty status', (node) => node.sayFramed(Buffer.alloc(0)), { kind: 'bad-answer' }],
    ['an unknown status', (node) => node.sayFramed(status('perhaps')), { kind: 'bad-answer', words: /sperhaps/ }],
    [
      'a short challenge',
      (node) => node.sayFramed(status('ok')).sayFramed(Buffer.from('N123')),
      { kind: 'bad-answer' },
    ],
    [
      'a name longer than its message',
      (node) => node.sayFramed(status('ok')).sayFramed(challenge('x', 1).fill(255, 17, 19)),
      { kind: 'bad-answer' },
    ],
    [
      'a second status',
      (node) => node.sayFramed(status('ok')).sayFramed(status('ok')),
      { kind: 'bad-answer', words: /challenge/ },
    ],
    [
      'another protocol',
      (node) => node.say(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')).hangUp(),
      { kind: 'closed' },
    ],
    ['nothing', (node) => node.hangUp(), { kind: 'closed' }],
    ['half a message', (node) => node.say(Buffer.of(0, 3, 115)).hangUp(), { kind: 'closed' }],
  ])('%s', async (_name, script, expected) => {
    const outcome = await outcomeOf(script);
    expect(outcome).toMatchObject(
      Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, value instanceof RegExp ? expect.stringMatching(value) : value])), // prettier-ignore
    );
  });

  test('a node that stalls is given up when the signal says so', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const outcome = await outcomeOf(async (node) => {
      await askForDigest(node);
      stop.abort(reason);
    }, stop.signal);
    expect(outcome).toEqual({ kind: 'aborted', reason });
  });
});
