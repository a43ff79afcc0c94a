/**
 * The distribution handshake as the initiator, version 6 (OTP 23 and later) or, asked for, version 5.
 * https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html#distribution-handshake
 *
 *     us                                   the node
 *     N  name, flags, creation      ->
 *                                   <-     s  ok | ok_simultaneous | nok | not_allowed | alive
 *                                   <-     N  flags, challenge, creation, name
 *     r  challenge, digest          ->
 *                                   <-     a  digest          or it closes: it has another cookie
 *
 * In version 5 the first message is `n`; a node that knows version 6 still asks with `N`, and is told by `c` what `n` had no
 * room for. Outcomes are values, the promise never rejects. `refused` and `impostor` both mean that the cookies differ: in
 * the first the node found out, in the second we did. The node's own name comes with its challenge and is checked before
 * our digest leaves. To `alive` (a connection under our name is up) we answer `false` unless told otherwise: it may be
 * another control plane's, so the caller takes the next name of its pool. Nothing is read beyond the last message.
 */
import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { badAnswer, Dialogue, failureOf, Stop } from './dialogue.ts';
import type { HandshakeOutcome, Identity } from './dialogue.ts';
import { StreamEnded } from './exact-read.ts';
import * as messages from './handshake-messages.ts';
import type { Challenge } from './handshake-messages.ts';

/** What the initiator brings. */
export interface HandshakeOptions extends Identity {
  /** the full name of the node that should answer */
  readonly peer: string;
  /** 5 for nodes before OTP 23, as epmd tells of them; OTP 23 and 24 understand it too, OTP 25 no longer does */
  readonly version?: 5 | 6;
  /** whether a connection that stands under our name is to be dropped for this one */
  readonly replaces?: boolean;
}

/** Introduces us to a node and proves the cookie both ways. Never rejects; the stream is the caller's to destroy. */
export async function performHandshake(
  stream: Duplex,
  options: HandshakeOptions,
  signal: AbortSignal,
): Promise<HandshakeOutcome> {
  const dialogue = new Dialogue(stream, signal);
  const introduction = { ...options, name: options.self };
  const old = options.version === 5;
  try {
    dialogue.send(old ? messages.buildOldName(introduction) : messages.buildName(introduction));
    await awaitStatus(dialogue, options.replaces ?? false);
    const asked = await awaitChallenge(dialogue, options);
    if (old && !asked.isOld) dialogue.send(messages.buildComplement(introduction));
    return await proveCookie(dialogue, options.cookie, asked);
  } catch (error) {
    return failureOf(error, signal);
  }
}

async function awaitStatus(dialogue: Dialogue, replaces: boolean): Promise<void> {
  const frame = await dialogue.receive();
  const status = messages.readStatus(frame);
  if (status === 'ok' || status === 'ok_simultaneous') return;
  if (status === 'alive') dialogue.send(messages.buildStatus(String(replaces)));
  if (status === 'alive' && replaces) return;
  if (status === 'alive' || status === 'nok') throw new Stop({ kind: 'name-in-use', status });
  if (status === 'not_allowed') throw new Stop({ kind: 'not-allowed' });
  throw badAnswer('a status', frame);
}

async function awaitChallenge(dialogue: Dialogue, { peer, version }: HandshakeOptions): Promise<Challenge> {
  const frame = await dialogue.receive();
  const asked = messages.readChallenge(frame);
  if (asked === undefined) throw badAnswer('a challenge', frame);
  if (asked.isOld && version !== 5)
    throw new Stop({ kind: 'bad-answer', words: 'the node runs OTP 22 or older: greet it by version 5' });
  if (asked.name !== peer) throw new Stop({ kind: 'other-name', name: asked.name });
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
