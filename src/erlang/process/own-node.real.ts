/** Our node among real ones: links, monitors, messages, calls in both directions, names, and who may connect. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dialPort, evaluate, visit } from '../../../test/kit/erlang-shell.ts';
import { realNodes } from '../../../test/kit/real-erlang.ts';
import type { RealNode, RealNodes } from '../../../test/kit/real-erlang.ts';
import { sleep, systemClock } from '../../base/clock.ts';
import {
  ErlangError,
  OwnNode,
  atom,
  binary,
  epmdRegister,
  equalTerms,
  formatTerm,
  listenNode,
  tuple,
} from '../erlang.ts';
import type {
  EpmdRegistration,
  ErlangNode,
  ErlangProcess,
  Letter,
  Listening,
  OwnNodeOptions,
  Term,
  Pid,
} from '../erlang.ts';

const clock = systemClock;
const within = { timeoutMs: 10_000 };
let world: RealNodes;
let target: RealNode;
let guest: ErlangNode;

beforeAll(async () => {
  world = await realNodes();
  target = await world.start('target@127.0.0.1');
  guest = await visit(target, world.cookie);
});

afterAll(async () => {
  guest.close();
  await world.stop();
});

interface Stage {
  readonly node: OwnNode;
  readonly process: ErlangProcess;
}

function ownNode(name: string, change: Partial<OwnNodeOptions> = {}): OwnNode {
  const dial = (peer: string) => dialPort(peer === target.name ? target.port : 1);
  return new OwnNode({ name, cookie: world.cookie, clock, dial, ...change });
}

/** Runs with a node of ours that is connected to the target and has a process. */
async function connected<T>(use: (stage: Stage) => Promise<T>, change: Partial<OwnNodeOptions> = {}): Promise<T> {
  const node = ownNode('ours-0@127.0.0.1', change);
  for (let tries = 0; ; tries++) {
    try {
      await node.connect(target.name, within);
      break;
    } catch (error) {
      if (tries === 50) throw error;
      await sleep(clock, 10);
    }
  }
  try {
    return await use({ node, process: node.spawn() });
  } finally {
    node.close();
  }
}

/** Starts an echo on the target that is told to end by `stop`. */
async function echo(): Promise<Pid> {
  const text = `spawn(fun() -> Loop = fun Loop() -> receive stop -> exit(stopped); {From, M} -> From ! {self(), M}, Loop() end end, Loop() end).`;
  return (await evaluate(guest, text)) as Pid;
}

const next = (process: ErlangProcess): Promise<Letter> => process.receive(within);

/** Whether a letter is that message; the difference between two megabytes is nothing to print. */
const came = (letter: Letter, message: Term): boolean =>
  letter.kind === 'message' && equalTerms(letter.message, message);

describe('a process of ours', () => {
  test('sends and is answered', () =>
    connected(async ({ process }) => {
      const peer = await echo();
      process.send(peer, tuple(process.pid, binary('hello')));
      expect(await next(process)).toEqual({ kind: 'message', message: tuple(peer, binary('hello')) });
    }));

  test('asks a server by its name, as gen_server:call', () =>
    connected(async ({ process }) => {
      const request = tuple(atom('$gen_call'), tuple(process.pid, process.alias()), tuple(atom('is_auth'), atom('me')));
      process.send({ name: 'net_kernel', node: target.name }, request);
      expect(await next(process)).toMatchObject({ kind: 'message', message: { elements: [{}, atom('yes')] } });
    }));

  test('learns by a link and a monitor how a process ended', () =>
    connected(async ({ process }) => {
      const peer = await echo();
      process.link(peer);
      const monitor = process.monitor(peer);
      process.send(peer, atom('stop'));
      const letters = [await next(process), await next(process)];
      expect(letters).toContainEqual({ kind: 'exit', from: peer, reason: atom('stopped') });
      expect(letters).toContainEqual({ kind: 'down', monitor, watched: peer, reason: atom('stopped') });
    }));

  test('is told noproc by monitor and link of what does not live', () =>
    connected(async ({ process }) => {
      const monitor = process.monitor({ name: 'nobody_of_that_name', node: target.name });
      expect(await next(process)).toMatchObject({ kind: 'down', monitor, reason: atom('noproc') });
      const peer = await echo();
      process.exit(peer, atom('kill'));
      process.link(peer);
      expect(await next(process)).toEqual({ kind: 'exit', from: peer, reason: atom('noproc') });
    }));

  test('watches no more after demonitor and unlink', () =>
    connected(async ({ process }) => {
      const peer = await echo();
      process.demonitor(process.monitor(peer));
      process.link(peer);
      process.unlink(peer);
      process.send(peer, tuple(process.pid, 1));
      await next(process);
      process.send(peer, atom('stop'));
      await expect(process.receive({ timeoutMs: 100 })).rejects.toMatchObject({ code: 'timeout' });
    }));

  test('ends those linked to it, and tells those who watch it', () =>
    connected(async ({ node, process }) => {
      node.register('ours', process);
      const watcher = node.spawn();
      const text = `receive {Linked, Watched, Back} -> process_flag(trap_exit, true), link(Linked), monitor(process, Watched),
        Back ! ready, A = receive {'EXIT', _, R1} -> R1 end, B = receive {'DOWN', _, _, _, R2} -> R2 end, Back ! {A, B} end`;
      const peer = (await evaluate(guest, `spawn(fun() -> ${text} end).`)) as Pid;
      watcher.send(peer, tuple(process.pid, tuple(atom('ours'), atom(node.name)), watcher.pid));
      expect(await next(watcher)).toEqual({ kind: 'message', message: atom('ready') });
      process.end(tuple(atom('bye'), 1));
      expect(await next(watcher)).toEqual({
        kind: 'message',
        message: tuple(tuple(atom('bye'), 1), tuple(atom('bye'), 1)),
      });
    }));

  test('takes what is sent to its alias, until that is withdrawn', () =>
    connected(async ({ process }) => {
      const alias = process.alias();
      const send = async (): Promise<Term> => guest.call('erlang', 'send', [alias, atom('hi')], within);
      await send();
      expect(await next(process)).toEqual({ kind: 'message', message: atom('hi') });
      process.unalias(alias);
      await send();
      await expect(process.receive({ timeoutMs: 100 })).rejects.toMatchObject({ code: 'timeout' });
    }));

  test('starts processes there, linked and monitored', () =>
    connected(async ({ process }) => {
      const spawn = { module: 'timer', function: 'sleep', args: [600_000], link: true, monitor: true };
      const { pid, monitor } = await process.spawn(target.name, spawn, within);
      process.exit(pid, atom('enough'));
      const letters = [await next(process), await next(process)];
      expect(letters).toContainEqual({ kind: 'exit', from: pid, reason: atom('enough') });
      expect(letters).toContainEqual({ kind: 'down', monitor, watched: pid, reason: atom('enough') });
    }));

  test('is ended by the signal kill', () =>
    connected(async ({ process }) => {
      await guest.call('erlang', 'exit', [process.pid, atom('kill')], within);
      await expect(next(process)).rejects.toMatchObject({ code: 'unavailable' });
      expect(process.isAlive).toBe(false);
    }));

  test('learns that a node is gone', () =>
    connected(async ({ process, node }) => {
      const peer = await echo();
      process.link(peer);
      process.monitorNode(target.name);
      expect(await guest.call('erlang', 'disconnect_node', [atom(node.name)], within)).toBe(atom('true'));
      expect(await next(process)).toEqual({ kind: 'exit', from: peer, reason: atom('noconnection') });
      expect(await next(process)).toMatchObject({ kind: 'node-down', node: target.name });
    }));
});

describe('gen_server:call', () => {
  test('by name and by process; noproc and a death are exits', () =>
    connected(async ({ node }) => {
      const there = await node.connect(target.name, within);
      expect(await there.genCall('net_kernel', tuple(atom('is_auth'), atom('me')), within)).toBe(atom('yes'));
      const error: unknown = await there.genCall('nobody_here', 1, within).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ErlangError);
      expect(error).toMatchObject({ class: 'exit', text: 'noproc' });
      const dies = (await evaluate(guest, `spawn(fun() -> receive _ -> exit(crashed) end end).`)) as Pid;
      await expect(there.genCall(dies, 1, within)).rejects.toMatchObject({ class: 'exit', text: 'crashed' });
      const mute = await guest.call('erlang', 'whereis', [atom('init')], within);
      await expect(there.genCall(mute as Pid, 1, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
    }));
});

describe('large messages', () => {
  const sizes = [10, 70_000, 1_000_000];
  test.each(sizes)('of %i bytes go both ways in fragments, with the atom cache', (size) =>
    connected(async ({ process }) => {
      const peer = await echo();
      const message = tuple(process.pid, [binary('x'.repeat(size)), atom('an_atom'), atom('é'.repeat(200))]);
      for (let round = 0; round < 3; round++) {
        process.send(peer, message);
        expect(came(await next(process), tuple(peer, message.elements[1] as Term))).toBe(true);
      }
    }),
  );

  test('many atoms, more than one header lists', () =>
    connected(async ({ process }) => {
      const peer = await echo();
      const atoms = Array.from({ length: 3000 }, (_, i) => atom(`cached_${i % 1000}`));
      for (let round = 0; round < 5; round++) {
        const message = atoms.slice(round * 100, round * 100 + 900);
        process.send(peer, tuple(process.pid, message));
        expect(came(await next(process), tuple(peer, message))).toBe(true);
      }
    }));

  test('a guest may agree on the atom cache too', async () => {
    const node = await visit(target, world.cookie, { self: 'wombat-1@127.0.0.1', atomCache: true });
    const big = await node.call('binary', 'copy', [binary('x'), 300_000], within);
    expect(await node.call('erlang', 'byte_size', [big], within)).toBe(300_000);
    node.close();
  });
});

describe('being dialled', () => {
  let listening: Listening;
  let registration: EpmdRegistration;
  let node: OwnNode;

  beforeAll(async () => {
    const functions = {
      'calc:add/2': ([a, b]: readonly Term[]) => Number(a) + Number(b),
      'calc:fail': () => {
        throw new ErlangError('throw', atom('ball'));
      },
      'calc:caller/0': (_: readonly Term[], { node: caller }: { node: string }) => atom(caller),
    };
    node = ownNode('ours-7@127.0.0.1', { functions, isVisible: true });
    listening = await listenNode(node, { host: '127.0.0.1', timeoutMs: 5000 });
    const epmd = { stream: await dialPort(world.epmdPort), clock, timeoutMs: 5000 };
    registration = await epmdRegister(epmd, { name: 'ours-7', port: listening.port, isHidden: false });
  });

  afterAll(async () => {
    node.close();
    registration.close();
    await listening.close();
  });

  test('a name is registered once', async () => {
    const epmd = { stream: await dialPort(world.epmdPort), clock, timeoutMs: 5000 };
    await expect(epmdRegister(epmd, { name: 'ours-7', port: 1, isHidden: false })).rejects.toMatchObject({
      code: 'exists',
    });
  });

  test('a real node pings us, lists us, calls us by erpc and rpc', async () => {
    const ask = (text: string): Promise<Term> => evaluate(guest, text);
    expect(await ask(`net_adm:ping('ours-7@127.0.0.1').`)).toBe(atom('pong'));
    expect(await ask('nodes().')).toEqual([atom('ours-7@127.0.0.1')]);
    expect(await ask(`erpc:call('ours-7@127.0.0.1', calc, add, [40, 2]).`)).toBe(42);
    expect(await ask(`rpc:call('ours-7@127.0.0.1', calc, add, [40, 2]).`)).toBe(42);
    expect(await ask(`erpc:call('ours-7@127.0.0.1', calc, caller, []).`)).toBe(atom(target.name));
    expect(await ask(`catch erpc:call('ours-7@127.0.0.1', calc, fail, []).`)).toBe(atom('ball'));
    expect(formatTerm(await ask(`catch erpc:call('ours-7@127.0.0.1', no, such, []).`))).toMatch(/undef/);
    expect(formatTerm(await ask(`rpc:call('ours-7@127.0.0.1', no, such, []).`))).toMatch(/badrpc.*undef/);
    expect(await ask(`gen_server:call({rex, 'ours-7@127.0.0.1'}, {call, calc, add, [1, 2], group_leader()}).`)).toBe(3);
  });

  test('an own call goes over the connection that the other side made', async () => {
    const there = await node.connect(target.name, within);
    expect(await there.call('erlang', 'node', [], within)).toBe(atom(target.name));
    expect(node.connected).toEqual([target.name]);
  });

  test('another cookie is not let in', async () => {
    const stranger = await world.start('stranger@127.0.0.1', { cookie: 'another' });
    const inside = await visit(stranger, 'another');
    expect(await evaluate(inside, `net_adm:ping('ours-7@127.0.0.1').`)).toBe(atom('pang'));
    inside.close();
    await stranger.kill();
  });
});

describe('the handshake', () => {
  test('nobody is let in who is not allowed', async () => {
    const node = ownNode('ours-5@127.0.0.1', { allows: () => false });
    const { port, close } = await listenNode(node, { host: '127.0.0.1', timeoutMs: 5000 });
    await expect(visit({ name: node.name, port }, world.cookie)).rejects.toMatchObject({ code: 'denied' });
    await close();
  });
});
