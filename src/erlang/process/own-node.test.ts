/** Two nodes of ours with streams between them: who wins when both dial, older versions, slow readers. */
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { fakeClock } from '../../../test/kit/fake-clock.ts';
import { sleep, systemClock } from '../../base/clock.ts';
import { flags, guestFlags } from '../dist/flags.ts';
import { atom, binary, callEach, connectNode, OwnNode, tuple } from '../erlang.ts';
import type { CallOutcome, OwnNodeOptions } from '../erlang.ts';

const within = { timeoutMs: 5000 };
const clock = systemClock;
const functions = {
  'calc:twice/1': ([n]: readonly unknown[]) => Number(n) * 2,
  'calc:size/1': ([bytes]: readonly unknown[]) => (bytes as Uint8Array).length,
};

/** Nodes by name; each dials the others over pairs of streams, with a pause that lets both sides dial at once. */
class Net {
  readonly nodes = new Map<string, OwnNode>();
  readonly streams: Duplex[] = [];

  add(name: string, change: Partial<OwnNodeOptions> = {}): OwnNode {
    const dial = async (peer: string): Promise<Duplex> => {
      const [near, far] = duplexPair();
      this.streams.push(near, far);
      await sleep(clock, 1);
      void this.nodes
        .get(peer)
        ?.accept(far, within)
        .catch(() => undefined);
      return near;
    };
    const node = new OwnNode({ name, cookie: 'secret', clock, dial, functions, ...change });
    this.nodes.set(name, node);
    return node;
  }
}

describe('two nodes', () => {
  test('that dial each other at the same time share the connection of the greater name', async () => {
    const net = new Net();
    const [a, b] = [net.add('a@host'), net.add('b@host')];
    const [toB, toA] = await Promise.all([a.connect('b@host', within), b.connect('a@host', within)]);
    expect([a.connected, b.connected]).toEqual([['b@host'], ['a@host']]);
    expect(await toB.call('calc', 'twice', [21], within)).toBe(42);
    expect(await toA.call('calc', 'twice', [4], within)).toBe(8);
    expect(await a.connect('b@host', within)).toBe(toB);
    a.close();
    b.close();
  });

  test('that dial one after another keep the first connection', async () => {
    const net = new Net();
    const [a, b] = [net.add('a@host'), net.add('b@host')];
    const first = await a.connect('b@host', within);
    const second = await b.connect('a@host', within);
    expect(await second.call('calc', 'twice', [1], within)).toBe(2);
    expect(net.streams).toHaveLength(2);
    first.close();
    b.close();
  });

  test.each([
    ['version 5 where both know version 6', { version: 5 } as const, {}],
    [
      'version 5 with a node before OTP 23',
      { version: 5 } as const,
      { flags: guestFlags & 0x6ff_ffffn & ~flags.handshake23 },
    ],
    ['an OTP 25 without the atom cache', {}, { flags: guestFlags }],
    ['an OTP 27, whose flags are more', {}, { flags: 0xdd_07df_7fbdn | flags.alias | flags.mandatory25Digest }],
  ])('agree by %s', async (_name, ours, theirs) => {
    const net = new Net();
    const a = net.add('a@host', ours);
    net.add('b@host', theirs);
    const open = await a.connect('b@host', within);
    expect(await open.call('calc', 'twice', [3], within)).toBe(6);
    a.close();
  });

  test('of other cookies refuse each other', async () => {
    const net = new Net();
    const a = net.add('a@host');
    net.add('b@host', { cookie: 'other' });
    await expect(a.connect('b@host', within)).rejects.toMatchObject({ code: 'denied' });
    expect(a.connected).toEqual([]);
  });

  test('send large messages in fragments, many at once', async () => {
    const net = new Net();
    const a = net.add('a@host');
    net.add('b@host');
    const open = await a.connect('b@host', within);
    const sizes = [1, 70_000, 65_536, 500_000, 12];
    const calls = sizes.map((size) => open.call('calc', 'size', [binary('x'.repeat(size))], within));
    expect(await Promise.all(calls)).toEqual(sizes);
    a.close();
  });
});

describe('a stream of calls', () => {
  test('gives the outcomes in order, and no more than so many are under way', async () => {
    let underWay = 0;
    let most = 0;
    const slow = async (n: unknown): Promise<number> => {
      most = Math.max(most, ++underWay);
      await sleep(clock, Number(n) % 3);
      underWay--;
      return Number(n);
    };
    const net = new Net();
    const a = net.add('a@host');
    net.add('b@host', { functions: { 'slow:echo/1': ([n]) => slow(n) } });
    const open = await a.connect('b@host', within);
    const calls = Array.from({ length: 50 }, (_, n) => ({
      module: n === 7 ? 'no' : 'slow',
      function: 'echo',
      args: [n],
    }));
    const outcomes: CallOutcome[] = [];
    for await (const outcome of callEach(open, calls, { ...within, inFlight: 5 })) outcomes.push(outcome);
    expect(
      outcomes.map((outcome, n) => (outcome.kind === 'value' ? outcome.value === n : n === 7)).every(Boolean),
    ).toBe(true);
    expect(most).toBe(5);
    a.close();
  });

  test('waits for a node that does not read', async () => {
    const net = new Net();
    const b = net.add('b@host');
    const [near, far] = duplexPair();
    const accepted = b.accept(far, within);
    const fake = fakeClock();
    const open = await connectNode({
      stream: near,
      peer: 'b@host',
      self: 'c@host',
      cookie: 'secret',
      clock: fake,
      timeoutMs: 5000,
    });
    await accepted;
    far.pause();
    const large = open.call('calc', 'size', [binary('x'.repeat(200_000))], within);
    let caughtUp = false;
    const waiting = open.caughtUp().then(() => (caughtUp = true));
    await sleep(clock, 20);
    expect(caughtUp).toBe(false);
    far.resume();
    expect(await large).toBe(200_000);
    await waiting;
    open.close();
    b.close();
  });
});

describe('processes', () => {
  test('of one node send to each other, and a name is held by one', async () => {
    const node = new Net().add('a@host');
    const [one, two] = [node.spawn(), node.spawn()];
    node.register('two', two);
    expect(() => node.register('two', one)).toThrow(/registered/);
    one.send({ name: 'two', node: 'a@host' }, atom('hi'));
    one.send(two.pid, tuple(1));
    expect([await two.receive(within), await two.receive(within)]).toEqual([
      { kind: 'message', message: atom('hi') },
      { kind: 'message', message: tuple(1) },
    ]);
    expect(() => one.send({ name: 'x', node: 'nowhere@host' }, 1)).toThrow(/not connected/);
    node.close();
    await expect(two.receive(within)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
