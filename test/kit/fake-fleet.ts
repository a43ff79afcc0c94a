/**
 * Thousands of Erlang nodes that are not there, in one process: names in an epmd of ours, a port each, the handshake, and
 * answers to remote calls, all by the protocol. Their answers are checked against transcripts of real nodes
 * (fake-fleet.real.ts). A node can be told to misbehave:
 *
 * - `stall`: takes connections and never says a word
 * - `half-open`: completes the handshake, then neither reads nor answers
 * - `garbage`: completes the handshake, then sends what is no message
 * - `refuse`: closes what it accepts
 */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { once } from 'node:events';
import { systemClock } from '../../src/base/clock.ts';
import { ErlangError, OwnNode, asAtom, asList, atom, listenEpmd, tuple } from '../../src/erlang/erlang.ts';
import type { Listening, OfferedFunction, OfferedFunctions, Term } from '../../src/erlang/erlang.ts';

/** How a node behaves. */
export type Behaviour = 'answer' | 'stall' | 'half-open' | 'garbage' | 'refuse';

/** What OTP 25 announces, and we can be sent: pass-through, so that a transcript can be compared. */
const otp25Flags = 0xd_07df_7fbdn & ~0x80_2000n;

/** One fake node. */
export interface FakeNode {
  readonly name: string;
  readonly port: number;
  behaviour: Behaviour;
  /** Ends it as `kill -9` would: connections break, the name is gone from epmd. */
  kill(): Promise<void>;
}

/** What a fleet is made of. */
export interface FleetOptions {
  readonly cookie: string;
  /** answers to calls besides the usual ones, by `module:function/arity` */
  readonly functions?: OfferedFunctions;
}

/** The functions that a health check asks, as a quiet node answers them. */
const usual: OfferedFunctions = {
  'erlang:node/0': () => atom('nonode@nohost'),
  'erlang:nodes/0': () => [],
  'erlang:memory/0': () =>
    ['total', 'processes', 'system', 'atom', 'binary', 'code', 'ets'].map((what) => tuple(atom(what), 20_000_000)),
  'erlang:system_info/1': () => 50,
  'erlang:statistics/1': () => tuple(1000, 10),
  'init:get_status/0': () => tuple(atom('started'), atom('started')),
};

/** Fake nodes and their epmd on 127.0.0.1. */
export class FakeFleet {
  readonly epmdPort: number;
  readonly nodes = new Map<string, FakeNode>();
  readonly #options: FleetOptions;
  readonly #epmd: Awaited<ReturnType<typeof listenEpmd>>;

  private constructor(options: FleetOptions, epmd: Awaited<ReturnType<typeof listenEpmd>>) {
    this.#options = options;
    this.#epmd = epmd;
    this.epmdPort = epmd.port;
  }

  static async open(options: FleetOptions): Promise<FakeFleet> {
    return new FakeFleet(options, await listenEpmd({ host: '127.0.0.1', timeoutMs: 5000 }));
  }

  /** Starts a node of that short name. */
  async start(short: string, behaviour: Behaviour = 'answer'): Promise<FakeNode> {
    const name = `${short}@127.0.0.1`;
    const own = new OwnNode({ ...this.#identity(name), functions: this.#functions(name) });
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.setNoDelay(true).on('close', () => sockets.delete(socket)));
      socket.on('error', () => undefined);
      behave(own, socket, node.behaviour);
    });
    const kill = async (): Promise<void> => {
      this.#epmd.epmd.strike(short);
      this.nodes.delete(name);
      await closed(server, sockets);
    };
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const node: FakeNode = { name, port: (server.address() as AddressInfo).port, behaviour, kill };
    this.#epmd.epmd.enter(short, node.port);
    this.nodes.set(name, node);
    return node;
  }

  async close(): Promise<void> {
    await Promise.all([...this.nodes.values()].map((node) => node.kill()));
    await (this.#epmd as Listening).close();
  }

  #identity(name: string) {
    const dial = (): Promise<never> => Promise.reject(new Error('fake nodes do not dial'));
    return { name, cookie: this.#options.cookie, clock: systemClock, dial, flags: otp25Flags };
  }

  /** What every node answers, `lists:zipwith3/4` over the others included: one call that asks many things. */
  #functions(name: string): OfferedFunctions {
    const functions: Record<string, OfferedFunction> = {
      ...usual,
      'erlang:node/0': () => atom(name),
      ...this.#options.functions,
    };
    functions['lists:zipwith3/4'] = (args, caller) => zipped(functions, args, caller);
    return functions;
  }
}

function zipped(
  functions: OfferedFunctions,
  [, modules, names, args]: readonly Term[],
  caller: { readonly node: string },
): Promise<Term[]> {
  return Promise.all(
    (asList(modules) ?? []).map(async (module, i) => {
      const given = asList((asList(args) ?? [])[i]) ?? [];
      const called = functions[`${asAtom(module)}:${asAtom((asList(names) ?? [])[i])}/${given.length}`];
      if (called === undefined) throw new ErlangError('error', atom('undef'));
      return called(given, caller);
    }),
  );
}

function behave(own: OwnNode, socket: Socket, behaviour: Behaviour): void {
  if (behaviour === 'refuse') socket.destroy();
  if (behaviour === 'refuse' || behaviour === 'stall') return;
  const accepted = own.accept(socket, { timeoutMs: 10_000 });
  accepted.then(
    () => {
      if (behaviour === 'half-open') socket.removeAllListeners('data').pause();
      if (behaviour === 'garbage') socket.write(Buffer.from([0, 0, 0, 9, 112, 131, 255, 1, 2, 3, 4, 5, 6]));
    },
    () => undefined,
  );
}

async function closed(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const over = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await over;
}
