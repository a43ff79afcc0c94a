/**
 * A connection that stands: its channel, the calls over it, and how we answer what the node asks.
 *
 * Its life: `open -> closing -> closed`. `closing` lasts until the node has named the processes it was still asked to start
 * for us, so that they can be ended, or a second.
 */
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import { Channel, defaultChannelLimits } from './dist/channel.ts';
import type { Peer } from './dist/dialogue.ts';
import { flags, has } from './dist/flags.ts';
import { replyTo } from './dist/manners.ts';
import type { Payload } from './dist/payload.ts';
import { Caller } from './rpc/caller.ts';
import type { CallOptions } from './rpc/caller.ts';
import type { Answer } from './rpc/erpc.ts';
import { atom } from './term/atom.ts';
import type { Pid, Term, Tuple } from './term/types.ts';

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
  /**
   * The same, with the answer as it came: whether it is another one than before is known before it is read. An error that the
   * call raises is raised by this, too.
   */
  ask(module: string, fn: string, args: readonly Term[], options: CallOptions): Promise<Answer>;
  /**
   * Asks a server, known by its registered name or its process, as `gen_server:call/3`. ErlangError `exit` (`noproc`, or
   * the reason of its death); else as `call`. A server that was asked is not ended when its answer is given up.
   */
  genCall(server: string | Pid, request: Term, options: CallOptions): Promise<Term>;
  /** Resolves at once while the node reads what it is sent, else when it has caught up or the connection has ended. */
  caughtUp(): Promise<void>;
  /** Calls `listener` once when the connection has ended, whoever ended it; at once when it has ended already. */
  onClose(listener: (why: string) => void): void;
  /** Ends what we run on the node, fails the calls under way, and leaves. */
  close(): void;
}

/** What a connection is made of. */
export interface ConnectionOptions {
  /** a stream whose handshake is done */
  readonly stream: Duplex;
  readonly clock: Clock;
  readonly peer: Peer;
  /** what we announced */
  readonly announced: bigint;
  /** the process that makes our calls */
  readonly ours: Pid;
  /** the node's `net_ticktime`, milliseconds */
  readonly tickTimeMs?: number | undefined;
  /** Takes signals that belong to no call; false leaves them to our manners. */
  readonly inbox?: ((control: readonly Term[], payload: Payload) => boolean) | undefined;
}

const drainMs = 1000;
const closedByUs = 'closed by us';

type Phase =
  | { readonly kind: 'open' }
  | { readonly kind: 'closing'; readonly deadline: Timer }
  | { readonly kind: 'closed'; readonly why: string };

/** A connected node, from our side. */
export class Connection implements ErlangNode {
  readonly name: string;
  readonly creation: number;
  /** what the node announced */
  readonly flags: bigint;
  readonly #clock: Clock;
  readonly #ours: Pid;
  readonly #channel: Channel;
  readonly #caller: Caller;
  readonly #inbox: (control: readonly Term[], payload: Payload) => boolean;
  #phase: Phase = { kind: 'open' };
  #listeners: ((why: string) => void)[] = [];

  constructor(options: ConnectionOptions) {
    const { stream, clock, peer, announced, ours, tickTimeMs = defaultChannelLimits.tickTimeMs } = options;
    this.name = peer.name;
    this.creation = peer.creation;
    this.flags = peer.flags;
    this.#clock = clock;
    this.#ours = ours;
    this.#inbox = options.inbox ?? (() => false);
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
      limits: { ...defaultChannelLimits, tickTimeMs },
      agreed: announced & peer.flags,
      events: {
        signal: (control, payload) => this.#signal(control, payload),
        ended: (why) => this.#ended(why),
      },
    });
  }

  /** Sends a message. Fault unavailable when the connection has ended, or the node does not read; EncodeError. */
  send(control: Tuple, payload?: Term): void {
    this.#channel.send(control, payload);
  }

  /** Sends a message that may as well be lost. */
  offer(control: Tuple, payload?: Term): void {
    this.#channel.offer(control, payload);
  }

  call(module: string, fn: string, args: readonly Term[], options: CallOptions): Promise<Term> {
    if (this.#phase.kind !== 'open') return Promise.reject(this.#gone());
    return this.#caller.call({ module, function: fn, args }, options);
  }

  ask(module: string, fn: string, args: readonly Term[], options: CallOptions): Promise<Answer> {
    if (this.#phase.kind !== 'open') return Promise.reject(this.#gone());
    return this.#caller.ask({ module, function: fn, args }, options);
  }

  genCall(server: string | Pid, request: Term, options: CallOptions): Promise<Term> {
    if (this.#phase.kind !== 'open') return Promise.reject(this.#gone());
    return this.#caller.genCall(typeof server === 'string' ? atom(server) : server, request, options);
  }

  caughtUp(): Promise<void> {
    return this.#channel.caughtUp();
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

  #gone(): Fault {
    const why = this.#phase.kind === 'closed' ? this.#phase.why : closedByUs;
    const message = `the connection to ${this.name} has ended: ${why}`;
    return new Fault('unavailable', message, { object: this.name, words: why });
  }

  #signal(control: readonly Term[], payload: Payload): void {
    if (this.#caller.take(control, payload) || this.#inbox(control, payload)) return;
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
