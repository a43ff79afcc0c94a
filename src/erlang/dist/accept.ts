/**
 * The distribution handshake as the node that is dialled; see handshake.ts for the messages and for version 5.
 * https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html#distribution-handshake
 */
import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { badAnswer, Dialogue, failureOf, Stop } from './dialogue.ts';
import type { HandshakeOutcome, Identity, Peer } from './dialogue.ts';
import { flags, has } from './flags.ts';
import * as messages from './handshake-messages.ts';
import type { Greeting } from './handshake-messages.ts';

/** What is said to a node that introduces itself. `alive`: a connection to it stands, and it may ask to replace that one. */
export type Admission = 'ok' | 'ok_simultaneous' | 'nok' | 'not_allowed' | 'alive';

/** What the acceptor brings. */
export interface AcceptOptions extends Identity {
  admit(name: string): Admission;
}

/** Answers a node that dials us. Never rejects; the stream is the caller's to destroy. */
export async function acceptHandshake(
  stream: Duplex,
  options: AcceptOptions,
  signal: AbortSignal,
): Promise<HandshakeOutcome> {
  const dialogue = new Dialogue(stream, signal);
  try {
    const greeting = await awaitName(dialogue);
    await admit(dialogue, options.admit(greeting.name));
    return await askForCookie(dialogue, options, greeting);
  } catch (error) {
    return failureOf(error, signal);
  }
}

async function awaitName(dialogue: Dialogue): Promise<Greeting> {
  const frame = await dialogue.receive();
  return messages.readName(frame) ?? Promise.reject(badAnswer('a name', frame));
}

async function admit(dialogue: Dialogue, admission: Admission): Promise<void> {
  dialogue.send(messages.buildStatus(admission));
  if (admission === 'not_allowed') throw new Stop({ kind: 'not-allowed' });
  if (admission === 'nok') throw new Stop({ kind: 'name-in-use', status: admission });
  if (admission !== 'alive') return;
  const frame = await dialogue.receive();
  if (messages.readStatus(frame) !== 'true') throw new Stop({ kind: 'name-in-use', status: admission });
}

async function askForCookie(dialogue: Dialogue, options: AcceptOptions, greeting: Greeting): Promise<HandshakeOutcome> {
  const { self: name, cookie } = options;
  const challenge = randomInt(2 ** 32);
  const knows6 = has(greeting.flags, flags.handshake23);
  const build = knows6 ? messages.buildChallenge : messages.buildOldChallenge;
  dialogue.send(build({ ...options, name }, challenge));
  const peer = greeting.isOld && knows6 ? await complemented(dialogue, greeting) : greeting;
  const frame = await dialogue.receive();
  const reply = messages.readReply(frame);
  if (reply === undefined) throw badAnswer('a digest', frame);
  if (!messages.sameDigest(reply.digest, messages.digestOf(cookie, challenge))) return { kind: 'refused' };
  dialogue.send(messages.buildAck(messages.digestOf(cookie, reply.challenge)));
  return { kind: 'connected', peer: { name: peer.name, flags: peer.flags, creation: peer.creation } };
}

async function complemented(dialogue: Dialogue, greeting: Greeting): Promise<Peer> {
  const frame = await dialogue.receive();
  const rest = messages.readComplement(frame);
  if (rest === undefined) throw badAnswer('a complement', frame);
  return { name: greeting.name, flags: greeting.flags | rest.flags, creation: rest.creation };
}
