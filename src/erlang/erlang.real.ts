/** The client against real nodes: what it calls, what it is refused, and what it leaves behind. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyTerms, sourceTerms } from '../../test/kit/arbitrary-terms.ts';
import { realNodes } from '../../test/kit/real-erlang.ts';
import type { Inside, RealNode, RealNodes } from '../../test/kit/real-erlang.ts';
import { sleep, systemClock } from '../base/clock.ts';
import { faultCodeOf } from '../base/fault.ts';
import * as erlang from './erlang.ts';
import {
  asList,
  asText,
  asTuple,
  atom,
  binary,
  charlist,
  equalTerms,
  ErlangError,
  float,
  formatTerm,
  tuple,
} from './erlang.ts';
import type { ErlangNode, Term } from './erlang.ts';

const clock = systemClock;
const self = 'wombat-0@127.0.0.1';
/** for what does not come to a connection: under the first name the last one may still be going */
const other = 'wombat-1@127.0.0.1';
const within = { timeoutMs: 20_000 };
let world: RealNodes;
let target: RealNode;

beforeAll(async () => {
  world = await realNodes();
  target = await world.start('target@127.0.0.1');
});

afterAll(() => world.stop());

async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

async function connectTo(node: { name: string; port: number }, change: object = {}): Promise<ErlangNode> {
  const stream = await dial(node.port);
  const greeting = { stream, peer: node.name, self, cookie: world.cookie, clock, timeoutMs: 10_000 };
  return erlang.connectNode({ ...greeting, ...change });
}

/** Connects anew under a name that the node may still hold for a moment. */
async function reconnect(): Promise<ErlangNode> {
  for (;;) {
    try {
      return await connectTo(target);
    } catch (error) {
      if (faultCodeOf(error) !== 'conflict') throw error;
      await sleep(clock, 5);
    }
  }
}

/** Runs with a connection of its own. */
async function connected<T>(use: (node: ErlangNode) => Promise<T>): Promise<T> {
  const node = await reconnect();
  const closed = new Promise<string>((resolve) => node.onClose(resolve));
  try {
    return await use(node);
  } finally {
    node.close();
    expect(await closed).toBe('closed by us');
  }
}

/** The exit of a call, which must be an error. */
async function raised(calling: Promise<Term>): Promise<ErlangError> {
  const error: unknown = await calling.then(
    (value) => new Error(`returned ${formatTerm(value)}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ErlangError) return error;
  throw error;
}

/** Evaluates Erlang text on the node. */
async function evaluate(node: ErlangNode, text: string): Promise<Term> {
  const [, tokens] = asTuple(await node.call('erl_scan', 'string', [charlist(text)], within), 3) ?? [];
  const [, parsed] = asTuple(await node.call('erl_parse', 'parse_exprs', [tokens ?? []], within), 2) ?? [];
  const [, value] = asTuple(await node.call('erl_eval', 'exprs', [parsed ?? [], []], within), 3) ?? [];
  return value ?? atom('nothing');
}

test('epmd tells names and ports', async () => {
  const question = async () => ({ stream: await dial(world.epmdPort), clock: systemClock, timeoutMs: 5000 });
  expect(await erlang.epmdNames(await question())).toEqual([{ name: 'target', port: target.port }]);
  expect(await erlang.epmdPort(await question(), 'target')).toBe(target.port);
  await expect(erlang.epmdPort(await question(), 'nobody')).rejects.toMatchObject({ code: 'not-found' });
});

describe('calls', () => {
  test('return values', () =>
    connected(async (node) => {
      expect(node.name).toBe('target@127.0.0.1');
      expect(await node.call('erlang', 'node', [], within)).toBe(atom('target@127.0.0.1'));
      expect(await node.call('lists', 'seq', [1, 5], within)).toEqual([1, 2, 3, 4, 5]);
    }));

  test('raise what the function raised', () =>
    connected(async (node) => {
      expect(await raised(node.call('erlang', 'throw', [atom('ball')], within))).toMatchObject({
        class: 'throw',
        reason: atom('ball'),
      });
      expect(await raised(node.call('erlang', 'exit', [tuple(atom('bad'), 1)], within))).toMatchObject({
        class: 'exit',
        text: '{bad,1}',
      });
      expect(await raised(node.call('erlang', 'binary_to_atom', [7], within))).toMatchObject({
        class: 'error',
        text: 'badarg',
      });
      expect(await raised(node.call('no_module', 'nowhere', [], within))).toMatchObject({
        class: 'error',
        text: 'undef',
      });
    }));

  test('whose process is killed exit by signal', () =>
    connected(async (node) => {
      const error = await raised(evaluate(node, 'exit(self(), kill).'));
      expect(error).toMatchObject({ class: 'exit', text: 'killed' });
    }));

  test('may print', () =>
    connected(async (node) => {
      expect(await node.call('io', 'format', [charlist('hello ~p~n'), [1]], within)).toBe(atom('ok'));
      expect(await raised(node.call('io', 'get_line', [charlist('?')], within).then(notOk))).toMatchObject({});
    }));

  test('that take too long end on both sides', () =>
    connected(async (node) => {
      const before = await node.call('erlang', 'system_info', [atom('process_count')], within);
      await expect(node.call('timer', 'sleep', [600_000], { timeoutMs: 100 })).rejects.toMatchObject({
        code: 'timeout',
      });
      const stop = new AbortController();
      const asked = node.call('timer', 'sleep', [600_000], { timeoutMs: 600_000, signal: stop.signal });
      stop.abort(new Error('no longer wanted'));
      await expect(asked).rejects.toThrow('no longer wanted');
      expect(await settles(() => node.call('erlang', 'system_info', [atom('process_count')], within), before)).toBe(
        true,
      );
    }));

  test('carry big answers and big arguments', () =>
    connected(async (node) => {
      const big = await node.call('binary', 'copy', [binary('x'), 5_000_000], within);
      expect((big as Uint8Array).length).toBe(5_000_000);
      expect(await node.call('erlang', 'byte_size', [big], within)).toBe(5_000_000);
      const list = asList(await node.call('lists', 'seq', [1, 300_000], within)) ?? [];
      expect([list.length, list[299_999]]).toEqual([300_000, 300_000]);
    }));

  test('run a thousand at once', () =>
    connected(async (node) => {
      const calls = Array.from({ length: 1000 }, (_, i) => node.call('erlang', '+', [i, 1], within));
      expect(await Promise.all(calls)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    }));
});

function notOk(answer: Term): never {
  throw new ErlangError('error', answer);
}

/** Whether the node comes to give the wanted answer. */
async function settles(ask: () => Promise<Term>, wanted: Term): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) if (equalTerms(await ask(), wanted)) return true;
  return false;
}

describe('connecting', () => {
  test('is refused with another cookie', async () => {
    await expect(connectTo(target, { self: other, cookie: 'wrong' })).rejects.toMatchObject({ code: 'denied' });
  });

  test('names both when another node answers', async () => {
    const error = await connectTo(target, { self: other, peer: 'other@127.0.0.1' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'not-found',
      message: 'not other@127.0.0.1 but target@127.0.0.1 answers there',
    });
  });

  test('twice under one name is a conflict', () =>
    connected(async () => {
      await expect(connectTo(target)).rejects.toMatchObject({ code: 'conflict' });
    }));

  test('to what is no node is unavailable', async () => {
    await expect(connectTo({ ...target, port: world.epmdPort })).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test('the node sees us hidden while we are there, and nothing of us afterwards', async () => {
  const before = await atRest();
  const node = await connectTo(target);
  const pending = node.call('timer', 'sleep', [600_000], { timeoutMs: 600_000 });
  const refused = expect(pending).rejects.toMatchObject({ code: 'unavailable' });
  await node.call('erlang', 'node', [], within);
  expect(await target.inside()).toMatchObject({ hidden: [self], visible: [] });
  node.close();
  await refused;
  expect(await atRest()).toEqual(before);
});

test('requests still under way when we leave are taken back', async () => {
  const before = await atRest();
  const node = await connectTo(target);
  const pending = Array.from({ length: 50 }, () => node.call('timer', 'sleep', [600_000], { timeoutMs: 600_000 }));
  node.close();
  const outcomes = await Promise.allSettled(pending);
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  expect(await atRest()).toEqual(before);
});

/** What the node looks like from inside once nobody is connected and what served a connection has ended. */
async function atRest(): Promise<Inside> {
  for (let last = await target.inside(); ;) {
    await sleep(clock, 50);
    const now = await target.inside();
    if (now.hidden.length === 0 && now.processes === last.processes) return now;
    last = now;
  }
}

test('a node that dies fails the calls under way and tells its listeners', async () => {
  const victim = await world.start('victim@127.0.0.1');
  const node = await connectTo(victim);
  const why = new Promise<string>((resolve) => node.onClose(resolve));
  const pending = node.call('timer', 'sleep', [600_000], { timeoutMs: 600_000 });
  const failure = pending.catch((thrown: unknown) => thrown);
  await node.call('erlang', 'node', [], within);
  await victim.kill();
  expect(await failure).toMatchObject({ code: 'unavailable' });
  expect(await why).toMatch(/closed|ECONNRESET/);
  await expect(node.call('erlang', 'node', [], within)).rejects.toMatchObject({ code: 'unavailable' });
});

describe('every kind of term', () => {
  // What the node makes of the text must come here as the value, and go back as the same term.
  const kinds: [string, Term?][] = [
    ['0', 0],
    ['255', 255],
    ['256', 256],
    ['-1', -1],
    ['2147483647', 2147483647],
    ['-2147483648', -2147483648],
    ['2147483648', 2147483648],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740992', -9007199254740992n],
    ['1 bsl 64', 1n << 64n],
    ['-(1 bsl 4000)', -(1n << 4000n)],
    ['1.0', float(1)],
    ['-0.0', float(-0)],
    ['1.0e300', float(1e300)],
    ["'an atom'", atom('an atom')],
    ["'\\x{e5}\\x{4e2d}'", atom('å中')],
    ["''", atom('')],
    ['list_to_atom(lists:duplicate(255, 16#4e2d))', atom('中'.repeat(255))],
    ['[]', []],
    ['"abc"', [97, 98, 99]],
    ['[1000, a]', [1000, atom('a')]],
    ['lists:duplicate(70000, 1)'],
    ['[a, b | c]'],
    ['{}', tuple()],
    ['list_to_tuple(lists:seq(1, 300))'],
    ['#{}'],
    ['#{a => 1, "k" => #{b => 2.0}, {1} => []}'],
    ['maps:from_list([{I, I} || I <- lists:seq(1, 100)])'],
    ['<<>>', new Uint8Array()],
    ['<<1,2,3>>', new Uint8Array([1, 2, 3])],
    ['<<1,2,3:4>>'],
    ['self()'],
    ['make_ref()'],
    ['alias()'],
    ['hd(erlang:ports())'],
    ['fun lists:map/2'],
    ['X = 5, fun(Y) -> X + Y end'],
    ['{a, [b, {c, [<<"d">>]}], #{e => [f | g]}}'],
  ];

  test.each(kinds)('%s', (text, expected) =>
    connected(async (node) => {
      const value = await evaluate(node, `erlang:put(kept, ok), ${text}.`);
      if (expected !== undefined) expect(equalTerms(value, expected)).toBe(true);
      // Compared over there: the text evaluated again for what is the same each time, else an echo seen twice.
      expect(equalTerms(await node.call('lists', 'last', [[value]], within), value)).toBe(true);
      if (!/self|_ref|alias|fun\(/.test(text)) {
        const same = await node.call('erlang', '=:=', [value, await evaluate(node, `${text}.`)], within);
        expect(same).toBe(atom('true'));
        const printed = asText(await node.call('lists', 'flatten', [await formatted(node, value)], within));
        expect(printed).toBe(
          asText(
            await node.call('lists', 'flatten', [await formatted(node, await evaluate(node, `${text}.`))], within),
          ),
        );
      }
    }),
  );

  async function formatted(node: ErlangNode, value: Term): Promise<Term> {
    return node.call('io_lib', 'format', [charlist('~w'), [value]], within);
  }
});

describe('any term', () => {
  test('comes back from the node as it went', () =>
    connected(async (node) => {
      const echo = fc.asyncProperty(anyTerms, async (term) =>
        equalTerms(await node.call('lists', 'last', [[term]], within), term),
      );
      await fc.assert(echo, { numRuns: 300 });
    }));

  test('that we write as text is read by Erlang as the same', () =>
    connected(async (node) => {
      const read = fc.asyncProperty(sourceTerms, async (term) => {
        const text = erlang.formatTerms([term]);
        const [, tokens = []] = asTuple(await node.call('erl_scan', 'string', [charlist(text)], within)) ?? [];
        const [, value] = asTuple(await node.call('erl_parse', 'parse_term', [tokens], within)) ?? [];
        return value !== undefined && equalTerms(value, term);
      });
      await fc.assert(read, { numRuns: 300 });
    }));

  test('that Erlang writes as text is read by us as the same', () =>
    connected(async (node) => {
      const read = fc.asyncProperty(sourceTerms, async (term) => {
        const text = asText(await node.call('lists', 'flatten', [await print(node, term)], within)) ?? '';
        // OTP 25 prints the UTF-8 bytes of the names in `fun M:F/A` as if they were characters.
        fc.pre(!/fun .*[\x80-\xff]/s.test(text));
        return equalTerms(erlang.parseTerm(text), term);
      });
      await fc.assert(read, { numRuns: 300 });
    }));

  async function print(node: ErlangNode, term: Term): Promise<Term> {
    return node.call('io_lib', 'format', [charlist('~tp'), [term]], within);
  }
});
