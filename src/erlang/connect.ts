/**
 * Makes a connection to one Erlang node as a guest (I6): hidden, unregistered, under a name the caller chose, and gone
 * without a trace.
 */
import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { withDeadline } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { Connection } from './connection.ts';
import type { ErlangNode } from './connection.ts';
import type { HandshakeOutcome } from './dist/dialogue.ts';
import { guestFlags, headerFlags } from './dist/flags.ts';
import { performHandshake } from './dist/handshake.ts';
import { handshakeFault } from './handshake-fault.ts';
import { atom } from './term/atom.ts';
import { Pid } from './term/types.ts';

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
  /** 5 greets nodes before OTP 23 */
  readonly version?: 5 | 6 | undefined;
  /** the node's `net_ticktime` when it is not the usual 60,000; milliseconds */
  readonly tickTimeMs?: number | undefined;
  /** whether the atom cache and fragments are announced: shorter messages, and small answers that overtake large ones */
  readonly atomCache?: boolean | undefined;
}

const creationMin = 4;

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
    const announced = options.atomCache === true ? guestFlags | headerFlags : guestFlags;
    const greeting = { peer, self, cookie, creation, flags: announced, version: options.version ?? 6 };
    const greet = (within: AbortSignal): Promise<HandshakeOutcome> => performHandshake(stream, greeting, within);
    const outcome = await withDeadline(clock, deadline, greet, signal);
    if (outcome.kind !== 'connected') throw handshakeFault(outcome, peer, self);
    const ours = new Pid(atom(self), 1, 0, creation);
    return new Connection({ stream, clock, peer: outcome.peer, announced, ours, tickTimeMs: options.tickTimeMs });
  } catch (error) {
    stream.destroy();
    throw error;
  }
}
