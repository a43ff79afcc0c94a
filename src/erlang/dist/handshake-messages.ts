/**
 * The messages of the distribution handshake, version 6 (OTP 23 and later), as the initiator meets them. Each is framed by
 * a two-byte length, which is not part of what is built and read here.
 * https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html#distribution-handshake
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ByteReader } from '../term/byte-reader.ts';
import { ByteWriter } from '../term/byte-writer.ts';

const letter = (text: string): number => text.charCodeAt(0);

/** Who we say we are. */
export interface Introduction {
  readonly name: string;
  readonly flags: bigint;
  readonly creation: number;
}

/** What the node says of itself, and what it asks. */
export interface Challenge {
  readonly name: string;
  readonly flags: bigint;
  readonly creation: number;
  /** 32 bits to be hashed with the cookie */
  readonly challenge: number;
}

/** `send_name`, first message of the initiator. */
export function buildName({ name, flags, creation }: Introduction): Buffer {
  const utf8 = Buffer.from(name);
  const writer = new ByteWriter();
  writer.u8(letter('N'));
  writer.u64(flags);
  writer.u32(creation);
  writer.u16(utf8.length);
  writer.bytes(utf8);
  return writer.done();
}

/** `send_status` of the node: the text behind the tag, or undefined when it is no status. */
export function readStatus(frame: Buffer): string | undefined {
  return frame[0] === letter('s') ? frame.toString('latin1', 1) : undefined;
}

/** `send_status` of the initiator, the answer to `alive`: whether our older connection is to be dropped. */
export function buildStatus(text: 'true' | 'false'): Buffer {
  return Buffer.from(`s${text}`);
}

/** `send_challenge`; undefined when it is none, `old` when the node speaks only version 5 (before OTP 23). DecodeError. */
export function readChallenge(frame: Buffer): Challenge | 'old' | undefined {
  if (frame[0] === letter('n')) return 'old';
  if (frame[0] !== letter('N')) return undefined;
  const reader = new ByteReader(frame, 1);
  const announced = reader.u64();
  const challenge = reader.u32();
  const creation = reader.u32();
  const length = reader.u16();
  const start = reader.claim(length);
  return { name: frame.toString('utf8', start, start + length), flags: announced, creation, challenge };
}

/** `send_challenge_reply`: our digest, and a challenge of ours. */
export function buildReply(challenge: number, digest: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(letter('r'));
  head.writeUInt32BE(challenge, 1);
  return Buffer.concat([head, digest]);
}

/** `send_challenge_ack`: the node's digest, or undefined when it is no such message. */
export function readAck(frame: Buffer): Buffer | undefined {
  return frame[0] === letter('a') && frame.length === 17 ? frame.subarray(1) : undefined;
}

/** What proves that one knows the cookie: MD5 of the cookie and the challenge in decimal. */
export function digestOf(cookie: string, challenge: number): Buffer {
  return createHash('md5').update(`${cookie}${challenge}`).digest();
}

/** Compares digests without telling by time how far they agree. */
export function sameDigest(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
