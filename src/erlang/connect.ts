/**
 * One connection to one Erlang node: handshake, channel, calls. Guest manners (I6): hidden, unregistered, under a name the
 * caller chose, and gone without a trace.
 *
 * A node's life here: `open -> closing -> closed`. `closing` lasts until the node has named the processes it was still
 * asked to start for us, so that they can be ended, or a second.
 */
import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { withDeadline } from '../base/abort.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import { Channel, defaultChannelLimits } from './dist/channel.ts';
import { flags, has } from './dist/flags.ts';
import { performHandshake } from './dist/handshake.ts';
import type { HandshakeOutcome, Peer } from './dist/handshake.ts';
import { replyTo } from './dist/manners.ts';
import { Caller } from './rpc/caller.ts';
import type { CallOptions } from './rpc/caller.ts';
import { atom } from './term/atom.ts';
import { Pid } from './term/types.ts';
import type { Term } from './term/types.ts';

/** How to reach and greet a node. */
export interface ConnectOptions {
  /**
   * A byte stream to the node's distribution port, of any kind: TCP (with `setNoDelay`), TLS, a channel of an SSH connection.
   * It is ours from now on, and destroyed in the end.
   */
  readonly stream: Duplex;
  /** the full name of the node, e.g. `ants-1@10.0.0.1` */
  readonly peer: string;
  /** our full name; each new one is an atom on the node for ever, so take it from a small fixed pool */
  readonly self: string;
  readonly cookie: string;
  readonly clock: Clock;
  /** for the whole handshake, milliseconds */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** tells our incarnations under one name apart: 4 to 2^32-1; random when absent */
  readonly creation?: number | undefined;
}

/** A connected node. */
export interface ErlangNode {
  readonly name: string;
  /** the node's incarnation: differs after each of its starts */
  readonly creation: number;
  /**
   * Applies a function on the node, as `erpc:call/5`. ErlangError when it raises, Fault `timeout` or `unavailable`, the
   * signal's reason. A call given up is ended on the node too.
   */
  call(module: string, fn: string, args: readonly Term[], options: CallOptions): Promise<Term>;
  /** Calls `listener` once when the connection has ended, whoever ended it; at once when it has ended already. */
  onClose(listener: (why: string) => void): void;
  /** Ends what we run on the node, fails the calls under way, and leaves. */
  close(): void;
}

const creationMin = 4;
const drainMs = 1000;

/**
 * Connects to a node. Faults: denied (cookie, or the node does not let us in), not-found (another node answers there),
 * conflict (our name is in use), unavailable (it closed, or speaks no Erlang we know), timeout.
 */
export async function connectNode(options: ConnectOptions): Promise<ErlangNode> {
  const { stream, peer, self, cookie, clock, timeoutMs, signal } = options;
  const creation = options.creation ?? randomInt(creationMin, 2 ** 32);
  // Between two reads nobody listens, and an error event without a listener ends the program.
  stream.on('error', () => undefined);
  try {
    const deadline = { ms: timeoutMs, what: `the handshake with ${peer}` };
    const greet = (within: AbortSignal): Promise<HandshakeOutcome> =>
      performHandshake(stream, { peer, self, cookie, creation }, within);
    const outcome = await withDeadline(clock, deadline, greet, signal);
    if (outcome.kind !== 'connected') throw faultOf(outcome, peer, self);
    return new Connection(options, outcome.peer, new Pid(atom(self), 1, 0, creation));
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

type Failure = Exclude<HandshakeOutcome, { kind: 'connected' }>;

function faultOf(outcome: Failure, peer: string, self: string): unknown {
  const object = `node ${peer}`;
  switch (outcome.kind) {
    case 'refused':
      return new Fault('denied', `${peer} refuses our cookie`, { object, next: 'check the cookie of the node' });
    case 'impostor':
      return new Fault('denied', `${peer} does not know the cookie it accepted`, { object });
    case 'not-allowed':
      return new Fault('denied', `${peer} does not let ${self} in`, { object, words: 'not_allowed' });
    case 'name-in-use':
      return new Fault('conflict', `${peer} has a connection to another ${self}`, { object, words: outcome.status });
    case 'other-name':
      return new Fault('not-found', `not ${peer} but ${outcome.name} answers there`, { object });
    case 'bad-answer':
      return new Fault('unavailable', `${peer} does not answer as an Erlang node`, { object, words: outcome.words });
    case 'closed':
      return new Fault('unavailable', `${peer} ended the handshake`, { object, words: outcome.words });
    case 'aborted':
      return outcome.reason;
  }
}

type Phase =
  | { readonly kind: 'open' }
  | { readonly kind: 'closing'; readonly deadline: Timer }
  | { readonly kind: 'closed'; readonly why: string };

class Connection implements ErlangNode {
  readonly name: string;
  readonly creation: number;
  readonly #clock: Clock;
  readonly #ours: Pid;
  readonly #channel: Channel;
  readonly #caller: Caller;
  #phase: Phase = { kind: 'open' };
  #listeners: ((why: string) => void)[] = [];

  constructor({ stream, clock }: ConnectOptions, peer: Peer, ours: Pid) {
    this.name = peer.name;
    this.creation = peer.creation;
    this.#clock = clock;
    this.#ours = ours;
    this.#caller = new Caller({
      peer: peer.name,
      ours,
      clock,
      spawns: has(peer.flags, flags.spawn),
      send: (control, payload) => this.#channel.send(control, payload),
      offer: (control) => this.#channel.offer(control),
    });
    this.#channel = new Channel({
      stream,
      clock,
      limits: defaultChannelLimits,
      events: {
        signal: (control, payload) => this.#signal(control, payload),
        ended: (why) => this.#ended(why),
      },
    });
  }

  call(module: string, fn: string, args: readonly Term[], options: CallOptions): Promise<Term> {
    if (this.#phase.kind === 'open') return this.#caller.call({ module, function: fn, args }, options);
    const why = this.#phase.kind === 'closed' ? this.#phase.why : closedByUs;
    return Promise.reject(
      new Fault('unavailable', `the connection to ${this.name} has ended: ${why}`, { object: this.name, words: why }),
    );
  }

  onClose(listener: (why: string) => void): void {
    if (this.#phase.kind === 'closed') listener(this.#phase.why);
    else this.#listeners.push(listener);
  }

  close(): void {
    if (this.#phase.kind !== 'open') return;
    const leave = (): void => this.#channel.end(closedByUs);
    this.#phase = { kind: 'closing', deadline: this.#clock.after(drainMs, leave) };
    this.#caller.abandonAll(closedByUs, leave);
  }

  #signal(control: readonly Term[], payload: Uint8Array): void {
    if (this.#caller.take(control, payload)) return;
    const reply = replyTo(control, payload, this.#ours);
    if (reply !== undefined) this.#channel.offer(reply.control, reply.payload);
  }

  #ended(why: string): void {
    if (this.#phase.kind === 'closing') this.#phase.deadline.cancel();
    this.#phase = { kind: 'closed', why };
    this.#caller.fail(why);
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener(why);
  }
}

const closedByUs = 'closed by us';
