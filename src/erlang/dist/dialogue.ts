/**
 * The talk of a handshake, and the ways in which it ends early. Messages are framed by two bytes of length; over TLS OTP
 * takes four (`inet_tls_dist` sets `{packet, 4}` from the start), which no document says.
 */
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { readExactly, StreamEnded } from './exact-read.ts';

/** The node at the other end. */
export interface Peer {
  readonly name: string;
  /** what it announced */
  readonly flags: bigint;
  /** tells its incarnations apart; 0 when it is older than OTP 23 and did not say */
  readonly creation: number;
}

/** What we bring into a handshake. */
export interface Identity {
  /** our own full name */
  readonly self: string;
  readonly cookie: string;
  /** 32 bits, not 0 to 3: tells our incarnations apart */
  readonly creation: number;
  /** what we announce */
  readonly flags: bigint;
}

/** Why a handshake did not lead to a connection. */
export type Failure =
  /** it closed after our digest, or its own was wrong: its cookie is another one */
  | { readonly kind: 'refused' }
  /** it accepted our digest but does not know the cookie itself */
  | { readonly kind: 'impostor' }
  /** a connection under our name stands (`alive`) or is being made (`nok`) */
  | { readonly kind: 'name-in-use'; readonly status: string }
  | { readonly kind: 'not-allowed' }
  /** the node at this address is another one */
  | { readonly kind: 'other-name'; readonly name: string }
  /** it speaks an older version, or no Erlang at all */
  | { readonly kind: 'bad-answer'; readonly words: string }
  /** the stream ended before a digest was asked for; `code` is that of the stream's error */
  | { readonly kind: 'closed'; readonly words: string; readonly code?: string }
  | { readonly kind: 'aborted'; readonly reason: unknown };

/** How a handshake ended. */
export type HandshakeOutcome = { readonly kind: 'connected'; readonly peer: Peer } | Failure;

/** Ends a handshake from within; never leaves this folder. */
export class Stop extends Error {
  readonly outcome: Failure;
  constructor(outcome: Failure) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

/** The outcome behind what a handshake threw. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (error instanceof Stop) return error.outcome;
  if (signal.aborted) return { kind: 'aborted', reason: signal.reason };
  const words = error instanceof Error ? error.message : String(error);
  if (!(error instanceof StreamEnded)) return { kind: 'bad-answer', words };
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return { kind: 'closed', words, ...(typeof code === 'string' ? { code } : {}) };
}

/** A message that should not stand there. */
export function badAnswer(expected: string, frame: Buffer): Stop {
  const start = JSON.stringify(frame.toString('latin1', 0, 40));
  return new Stop({ kind: 'bad-answer', words: `expected ${expected}, got ${frame.length} bytes: ${start}` });
}

/** A name has at most 255 characters. */
const messageBytesMax = 65_535;

/** One side of a handshake. */
export class Dialogue {
  readonly #stream: Duplex;
  readonly #signal: AbortSignal;
  readonly #headBytes: 2 | 4;

  constructor(stream: Duplex, signal: AbortSignal) {
    this.#headBytes = stream instanceof TLSSocket ? 4 : 2;
    this.#stream = stream;
    this.#signal = signal;
  }

  send(message: Buffer): void {
    const head = Buffer.alloc(this.#headBytes);
    head.writeUIntBE(message.length, 0, this.#headBytes);
    this.#stream.write(Buffer.concat([head, message]));
  }

  async receive(): Promise<Buffer> {
    const head = await readExactly(this.#stream, this.#headBytes, this.#signal);
    const length = head.readUIntBE(0, this.#headBytes);
    if (length > messageBytesMax) throw new Error(`a handshake message of ${length} bytes`);
    return length === 0 ? Buffer.alloc(0) : readExactly(this.#stream, length, this.#signal);
  }
}
