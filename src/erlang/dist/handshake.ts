/**
 * The distribution handshake as the initiator and a hidden node, version 6 (OTP 23 and later).
 * https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html#distribution-handshake
 *
 *     us                                   the node
 *     N  name, flags, creation      ->
 *                                   <-     s  ok | ok_simultaneous | nok | not_allowed | alive
 *                                   <-     N  flags, challenge, creation, name
 *     r  challenge, digest          ->
 *                                   <-     a  digest          or it closes: it has another cookie
 *
 * Outcomes are values, the promise never rejects. `refused` and `impostor` both mean that the cookies differ: in the first
 * the node found out, in the second we did. The node's own name comes with its challenge and is checked before our digest
 * leaves. To `alive` (a connection under our name is up) we answer `false`: it may be another control plane's, so the
 * caller takes the next name of its pool. Nothing is read beyond the last message.
 */
import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { readExactly, StreamEnded } from './exact-read.ts';
import { ourFlags } from './flags.ts';
import * as messages from './handshake-messages.ts';
import type { Challenge } from './handshake-messages.ts';

/** What the initiator brings. */
export interface HandshakeOptions {
  /** the full name of the node that should answer */
  readonly peer: string;
  /** our own full name */
  readonly self: string;
  readonly cookie: string;
  /** 32 bits, not 0 to 3: tells our incarnations apart */
  readonly creation: number;
}

/** The node at the other end. */
export interface Peer {
  readonly name: string;
  readonly flags: bigint;
  readonly creation: number;
}

/** How a handshake ended. */
export type HandshakeOutcome =
  | { readonly kind: 'connected'; readonly peer: Peer }
  /** it closed after our digest: its cookie is another one */
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
  /** the stream ended before a digest was asked for */
  | { readonly kind: 'closed'; readonly words: string }
  | { readonly kind: 'aborted'; readonly reason: unknown };

type Failure = Exclude<HandshakeOutcome, { kind: 'connected' }>;

/** Ends a handshake from within; never leaves this file. */
class Stop extends Error {
  readonly outcome: Failure;
  constructor(outcome: Failure) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

/** Introduces us to a node and proves the cookie both ways. Never rejects; the stream is the caller's to destroy. */
export async function performHandshake(
  stream: Duplex,
  options: HandshakeOptions,
  signal: AbortSignal,
): Promise<HandshakeOutcome> {
  const dialogue = new Dialogue(stream, signal);
  try {
    dialogue.send(messages.buildName({ name: options.self, flags: ourFlags, creation: options.creation }));
    await awaitStatus(dialogue);
    const asked = await awaitChallenge(dialogue, options.peer);
    return await proveCookie(dialogue, options.cookie, asked);
  } catch (error) {
    return failureOf(error, signal);
  }
}

function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (error instanceof Stop) return error.outcome;
  if (signal.aborted) return { kind: 'aborted', reason: signal.reason };
  const words = error instanceof Error ? error.message : String(error);
  return error instanceof StreamEnded ? { kind: 'closed', words } : { kind: 'bad-answer', words };
}

async function awaitStatus(dialogue: Dialogue): Promise<void> {
  const frame = await dialogue.receive();
  const status = messages.readStatus(frame);
  if (status === 'ok' || status === 'ok_simultaneous') return;
  if (status === 'alive') dialogue.send(messages.buildStatus('false'));
  if (status === 'alive' || status === 'nok') throw new Stop({ kind: 'name-in-use', status });
  if (status === 'not_allowed') throw new Stop({ kind: 'not-allowed' });
  throw badAnswer('a status', frame);
}

async function awaitChallenge(dialogue: Dialogue, expected: string): Promise<Challenge> {
  const frame = await dialogue.receive();
  const asked = messages.readChallenge(frame);
  if (asked === 'old') throw new Stop({ kind: 'bad-answer', words: 'the node runs OTP 22 or older' });
  if (asked === undefined) throw badAnswer('a challenge', frame);
  if (asked.name !== expected) throw new Stop({ kind: 'other-name', name: asked.name });
  return asked;
}

async function proveCookie(dialogue: Dialogue, cookie: string, asked: Challenge): Promise<HandshakeOutcome> {
  const ours = randomInt(2 ** 32);
  dialogue.send(messages.buildReply(ours, messages.digestOf(cookie, asked.challenge)));
  const frame = await dialogue.receive().catch((error: unknown) => {
    throw error instanceof StreamEnded ? new Stop({ kind: 'refused' }) : error;
  });
  const digest = messages.readAck(frame);
  if (digest === undefined) throw badAnswer('an acknowledgement', frame);
  if (!messages.sameDigest(digest, messages.digestOf(cookie, ours))) return { kind: 'impostor' };
  return { kind: 'connected', peer: { name: asked.name, flags: asked.flags, creation: asked.creation } };
}

function badAnswer(expected: string, frame: Buffer): Stop {
  const start = JSON.stringify(frame.toString('latin1', 0, 40));
  return new Stop({ kind: 'bad-answer', words: `expected ${expected}, got ${frame.length} bytes: ${start}` });
}

/** Messages framed by two bytes of length. */
class Dialogue {
  readonly #stream: Duplex;
  readonly #signal: AbortSignal;

  constructor(stream: Duplex, signal: AbortSignal) {
    this.#stream = stream;
    this.#signal = signal;
  }

  send(message: Buffer): void {
    const head = Buffer.alloc(2);
    head.writeUInt16BE(message.length);
    this.#stream.write(Buffer.concat([head, message]));
  }

  async receive(): Promise<Buffer> {
    const head = await readExactly(this.#stream, 2, this.#signal);
    const length = head.readUInt16BE();
    return length === 0 ? head.subarray(2) : readExactly(this.#stream, length, this.#signal);
  }
}
