/**
 * The messages of the distribution handshake, of version 6 (OTP 23 and later) and of version 5 before it. Each is framed by
 * a two-byte length, which is not part of what is built and read here.
 * https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html#distribution-handshake
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ByteReader } from '../term/byte-reader.ts';

const letter = (text: string): number => text.charCodeAt(0);
const lowHalf = 0xffff_ffffn;
const oldVersion = 5;

/** Who a node says it is. */
export interface Introduction {
  readonly name: string;
  readonly flags: bigint;
  readonly creation: number;
}

/** An introduction received, and in which version. */
export interface Greeting extends Introduction {
  /** version 5: it has no creation, and only the lower half of the flags; the rest may follow as a complement */
  readonly isOld: boolean;
}

/** What a node says of itself, and what it asks. */
export interface Challenge extends Greeting {
  /** 32 bits to be hashed with the cookie */
  readonly challenge: number;
}

/** The lower half of flags, which is all that version 5 knows. */
export function lowFlags(flags: bigint): number {
  return Number(flags & lowHalf);
}

/** `send_name` of version 6, first message of the initiator. */
export function buildName({ name, flags, creation }: Introduction): Buffer {
  const head = Buffer.alloc(15, 'N');
  head.writeBigUInt64BE(flags, 1);
  head.writeUInt32BE(creation, 9);
  head.writeUInt16BE(Buffer.byteLength(name), 13);
  return Buffer.concat([head, Buffer.from(name)]);
}

/** `send_name` of version 5. */
export function buildOldName({ name, flags }: Introduction): Buffer {
  const head = Buffer.alloc(7, 'n');
  head.writeUInt16BE(oldVersion, 1);
  head.writeUInt32BE(lowFlags(flags), 3);
  return Buffer.concat([head, Buffer.from(name)]);
}

/** `send_name` of either version; undefined when it is none. DecodeError. */
export function readName(frame: Buffer): Greeting | undefined {
  const reader = new ByteReader(frame, 1);
  if (frame[0] === letter('n')) {
    reader.u16();
    return { isOld: true, flags: BigInt(reader.u32()), creation: 0, name: frame.toString('utf8', reader.at) };
  }
  if (frame[0] !== letter('N')) return undefined;
  const flags = reader.u64();
  const creation = reader.u32();
  return { isOld: false, flags, creation, name: readText(reader, frame) };
}

function readText(reader: ByteReader, frame: Buffer): string {
  const length = reader.u16();
  const start = reader.claim(length);
  return frame.toString('utf8', start, start + length);
}

/** `send_status`: the text behind the tag, or undefined when it is no status. */
export function readStatus(frame: Buffer): string | undefined {
  return frame[0] === letter('s') ? frame.toString('latin1', 1) : undefined;
}

/** `send_status`: of the acceptor, or the initiator's `true` or `false` to `alive`. */
export function buildStatus(text: string): Buffer {
  return Buffer.from(`s${text}`);
}

/** `send_challenge` of either version; undefined when it is none. DecodeError. */
export function readChallenge(frame: Buffer): Challenge | undefined {
  const reader = new ByteReader(frame, 1);
  if (frame[0] === letter('n')) return readOldChallenge(reader, frame);
  if (frame[0] !== letter('N')) return undefined;
  const flags = reader.u64();
  const challenge = reader.u32();
  const creation = reader.u32();
  return { isOld: false, name: readText(reader, frame), flags, creation, challenge };
}

function readOldChallenge(reader: ByteReader, frame: Buffer): Challenge {
  reader.u16();
  const flags = BigInt(reader.u32());
  const challenge = reader.u32();
  return { isOld: true, name: frame.toString('utf8', reader.at), flags, creation: 0, challenge };
}

/** `send_challenge` of version 6. */
export function buildChallenge({ name, flags, creation }: Introduction, challenge: number): Buffer {
  const head = Buffer.alloc(19, 'N');
  head.writeBigUInt64BE(flags, 1);
  head.writeUInt32BE(challenge, 9);
  head.writeUInt32BE(creation, 13);
  head.writeUInt16BE(Buffer.byteLength(name), 17);
  return Buffer.concat([head, Buffer.from(name)]);
}

/** `send_challenge` of version 5. */
export function buildOldChallenge({ name, flags }: Introduction, challenge: number): Buffer {
  const head = Buffer.alloc(11, 'n');
  head.writeUInt16BE(oldVersion, 1);
  head.writeUInt32BE(lowFlags(flags), 3);
  head.writeUInt32BE(challenge, 7);
  return Buffer.concat([head, Buffer.from(name)]);
}

/** `send_complement`: what a name of version 5 had no room for, once the other side turns out to know version 6. */
export function buildComplement({ flags, creation }: Introduction): Buffer {
  const message = Buffer.alloc(9, 'c');
  message.writeUInt32BE(Number(flags >> 32n), 1);
  message.writeUInt32BE(creation, 5);
  return message;
}

/** `send_complement`: the upper half of the flags and the creation; undefined when it is none. DecodeError. */
export function readComplement(frame: Buffer): { readonly flags: bigint; readonly creation: number } | undefined {
  if (frame[0] !== letter('c')) return undefined;
  const reader = new ByteReader(frame, 1);
  return { flags: BigInt(reader.u32()) << 32n, creation: reader.u32() };
}

/** `send_challenge_reply`: our digest, and a challenge of ours. */
export function buildReply(challenge: number, digest: Buffer): Buffer {
  const head = Buffer.alloc(5, 'r');
  head.writeUInt32BE(challenge, 1);
  return Buffer.concat([head, digest]);
}

/** `send_challenge_reply`; undefined when it is none. */
export function readReply(frame: Buffer): { readonly challenge: number; readonly digest: Buffer } | undefined {
  if (frame[0] !== letter('r') || frame.length !== 21) return undefined;
  return { challenge: frame.readUInt32BE(1), digest: frame.subarray(5) };
}

/** `send_challenge_ack`: the acceptor's digest. */
export function buildAck(digest: Buffer): Buffer {
  return Buffer.concat([Buffer.from('a'), digest]);
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
