/**
 * The connection after the handshake: messages both ways, ticks, and one end.
 * https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html#protocol-between-connected-nodes
 *
 * A message is `length:32`, then what message-reader.ts says. A length of 0 is a tick. A node ends a connection on which it has received nothing for its `net_ticktime` (60 s unless configured),
 * and ticks whenever it has sent nothing for a quarter of that. So we answer a tick with one, which keeps pace with
 * whatever the node is set to, tick on our own after a quarter of the usual time, and call the node dead after one and a
 * quarter of it in silence. A tick is not answered when something was sent since the one before it: the node has heard of
 * us then, and two nodes of ours would answer each other's answers for ever.
 *
 * C1: the end comes once, whoever causes it, and the listener hears why.
 * C2: nothing is delivered after the end.
 */
import type { Duplex } from 'node:stream';
import { nextTurn } from '../../base/clock.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { readOnMs } from '../../base/standstill.ts';
import { Fault } from '../../base/fault.ts';
import { DecodeError } from '../term/errors.ts';
import type { Term, Tuple } from '../term/types.ts';
import { flags, has } from './flags.ts';
import { MessageReader } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';
import type { Payload } from './payload.ts';
import { OversizedMessage, Splitter } from './splitter.ts';

const tick = Buffer.alloc(4);

/** What the channel tells its owner. */
export interface ChannelEvents {
  /** a control message, and the payload behind it (empty when there is none) */
  signal(control: readonly Term[], payload: Payload): void;
  /** the end, once */
  ended(why: string): void;
}

/** The bounds of a channel. */
export interface ChannelLimits {
  /** the `net_ticktime` assumed of the node, milliseconds */
  readonly tickTimeMs: number;
  /** the largest message taken */
  readonly messageBytesMax: number;
  /** what may wait to be read by the node before we refuse to send more */
  readonly queuedBytesMax: number;
}

export const defaultChannelLimits: ChannelLimits = {
  tickTimeMs: 60_000,
  messageBytesMax: 128 * 1024 * 1024,
  queuedBytesMax: 64 * 1024 * 1024,
};

/** What a channel is made of. */
export interface ChannelOptions {
  /** a stream whose handshake is done */
  readonly stream: Duplex;
  readonly clock: Clock;
  readonly limits: ChannelLimits;
  /** the flags that both sides announced */
  readonly agreed: bigint;
  readonly events: ChannelEvents;
}

type Phase =
  | { readonly kind: 'open'; timer: Timer; heardAtMs: number; sentAtMs: number; corked: boolean; spoke: boolean }
  | { readonly kind: 'ended'; readonly why: string };

/** The connection to one node. It works from its construction to its end. */
export class Channel {
  readonly #stream: Duplex;
  readonly #clock: Clock;
  readonly #limits: ChannelLimits;
  readonly #events: ChannelEvents;
  readonly #splitter: Splitter;
  readonly #reader: MessageReader;
  readonly #writer: MessageWriter;
  #phase: Phase;

  constructor({ stream, clock, limits, agreed, events }: ChannelOptions) {
    const headers = has(agreed, flags.distHeaderAtomCache);
    this.#reader = new MessageReader(headers, limits.messageBytesMax);
    this.#writer = new MessageWriter({ headers, fragments: has(agreed, flags.fragments) });
    this.#stream = stream;
    this.#clock = clock;
    this.#limits = limits;
    this.#events = events;
    this.#splitter = new Splitter(limits.messageBytesMax);
    const now = clock.monotonic();
    const [timer, heardAtMs, sentAtMs] = [this.#tickTimer(), now, now];
    this.#phase = { kind: 'open', timer, heardAtMs, sentAtMs, corked: false, spoke: false };
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', (error) => this.end(error.message));
    stream.on('end', () => this.end('the node closed the connection'));
    stream.on('close', () => this.end('the connection was closed'));
    stream.resume();
  }

  /**
   * Sends a message. Fault unavailable when the connection has ended, or the node does not read what it is sent;
   * EncodeError.
   */
  send(control: Tuple, payload?: Term): void {
    if (this.#phase.kind === 'ended') throw new Fault('unavailable', this.#phase.why);
    if (this.#isChoked()) throw new Fault('unavailable', 'the node does not read what it is sent');
    this.#write(this.#phase, this.#writer.write(control, payload));
  }

  /** Sends a message that may as well be lost, where `send` would throw. */
  offer(control: Tuple, payload?: Term): void {
    if (this.#phase.kind === 'open' && !this.#isChoked())
      this.#write(this.#phase, this.#writer.write(control, payload));
  }

  /** Whether the node reads more slowly than we send: what is sent now waits in our memory. */
  get isBehind(): boolean {
    return this.#stream.writableNeedDrain;
  }

  /** Resolves once the node has caught up, or the connection has ended. */
  caughtUp(): Promise<void> {
    if (!this.isBehind || this.#phase.kind === 'ended') return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#stream.off('drain', settle).off('close', settle);
        resolve();
      };
      this.#stream.on('drain', settle).on('close', settle);
    });
  }

  #isChoked(): boolean {
    return this.#stream.writableLength > this.#limits.queuedBytesMax;
  }

  /** Ends the connection once what was sent is out. */
  end(why: string): void {
    if (this.#phase.kind === 'ended') return; // C1
    const { timer } = this.#phase;
    this.#phase = { kind: 'ended', why };
    timer.cancel();
    this.#stream.end();
    // Destroyed at once, it could reset the connection and lose what is still on its way; a node that is dead never ends it.
    const last = this.#clock.after(lingerMs, () => this.#stream.destroy());
    this.#stream.once('close', () => last.cancel());
    if (this.#stream.destroyed) last.cancel();
    this.#events.ended(why);
  }

  /**
   * Everything sent within one turn of the event loop leaves in one system call: also what a call is answered after its process
   * was named, which OTP's nodes send as one, too.
   */
  #write(phase: Phase & { kind: 'open' }, bytes: Buffer): void {
    phase.sentAtMs = this.#clock.monotonic();
    phase.spoke = true;
    if (!phase.corked) {
      phase.corked = true;
      this.#stream.cork();
      void nextTurn().then(() => {
        phase.corked = false;
        this.#stream.uncork();
      });
    }
    this.#stream.write(bytes);
  }

  #take(chunk: Buffer): void {
    if (this.#phase.kind === 'ended') return; // C2
    this.#phase.heardAtMs = this.#clock.monotonic();
    try {
      this.#splitter.push(chunk, (message) => this.#deliver(message));
    } catch (error) {
      if (!(error instanceof DecodeError || error instanceof OversizedMessage)) throw error;
      this.end(`the node broke the protocol: ${error.message}`);
    }
  }

  #deliver(message: Buffer): void {
    if (this.#phase.kind === 'ended') return; // C2
    if (message.length === 0) {
      const hasSpoken = this.#phase.spoke;
      if (!hasSpoken) this.#write(this.#phase, tick);
      this.#phase.spoke = false;
      return;
    }
    const incoming = this.#reader.read(message);
    if (incoming !== undefined) this.#events.signal(incoming.control, incoming.payload);
  }

  #tickTimer(ms = this.#limits.tickTimeMs / 4): Timer {
    const dueMs = this.#clock.monotonic() + ms;
    return this.#clock.after(ms, () => this.#beat(this.#clock.monotonic() - dueMs));
  }

  /** `lagMs` late. Where we stood still ourselves, what has come meanwhile is read before the node is called silent. */
  #beat(lagMs: number): void {
    if (this.#phase.kind === 'ended') return;
    const { tickTimeMs } = this.#limits;
    const now = this.#clock.monotonic();
    const silentMs = now - this.#phase.heardAtMs;
    const leftMs = readOnMs(lagMs);
    if (silentMs > tickTimeMs * 1.25 && leftMs === 0) {
      this.end(`the node was silent for ${Math.round(silentMs / 1000)} s`);
      return;
    }
    if (now - this.#phase.sentAtMs >= tickTimeMs / 4) this.#write(this.#phase, tick);
    this.#phase.timer = leftMs > 0 ? this.#tickTimer(leftMs) : this.#tickTimer();
  }
}

/** How long the last bytes may take to leave. */
const lingerMs = 1000;
