/**
 * The node's side of a distribution connection, played by a test: it can say anything, in any pieces, or nothing. What it
 * says right it says by the protocol, with its own digest of the cookie.
 */
import { createHash } from 'node:crypto';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { decodePrefix } from '../../src/erlang/term/decode.ts';
import { encodeTerm } from '../../src/erlang/erlang.ts';
import type { Term } from '../../src/erlang/erlang.ts';

/** A message from the client: undecoded bytes are a tick when empty. */
export interface Heard {
  readonly control: Term | undefined;
  readonly payload: Term | undefined;
}

const usualFlags = 0xd_07df_7fbdn;

/** Both ends of a connection. */
export function scriptedNode(): { stream: Duplex; node: ScriptedNode } {
  const [stream, far] = duplexPair();
  return { stream, node: new ScriptedNode(far) };
}

export class ScriptedNode {
  readonly #stream: Duplex;
  #held = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  ended = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      this.#held = Buffer.concat([this.#held, chunk]);
      this.#wake?.();
    });
    stream.on('end', () => (this.ended = true));
    stream.on('error', () => undefined);
  }

  /** Writes bytes as they are, in pieces of `size`. What says gives the node itself. */
  say(bytes: Uint8Array, size = bytes.length): this {
    for (let at = 0; at < bytes.length; at += size) this.#stream.write(bytes.subarray(at, at + size));
    return this;
  }

  hangUp(): void {
    this.#stream.end();
  }

  break(words: string): void {
    this.#stream.destroy(new Error(words));
  }

  /** A handshake message with its two bytes of length. */
  sayFramed(message: Uint8Array, size?: number): this {
    return this.say(Buffer.concat([Buffer.of(message.length >> 8, message.length & 255), message]), size);
  }

  /** The client's next handshake message. */
  async hearFramed(): Promise<Buffer> {
    const head = await this.#take(2);
    return this.#take(head.readUInt16BE());
  }

  /** A message of the connected protocol. */
  sayMessage(control: Term, payload?: Term): this {
    const parts = [Buffer.of(112), encodeTerm(control), ...(payload === undefined ? [] : [encodeTerm(payload)])];
    return this.sayLong(Buffer.concat(parts));
  }

  /** Bytes framed by four bytes of length. */
  sayLong(bytes: Uint8Array): this {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(bytes.length);
    return this.say(Buffer.concat([head, bytes]));
  }

  /** The client's next message of the connected protocol. */
  async hear(): Promise<Heard> {
    const head = await this.#take(4);
    const bytes = await this.#take(head.readUInt32BE());
    if (bytes.length === 0) return { control: undefined, payload: undefined };
    const [control, end] = decodePrefix(bytes, 1);
    return { control, payload: end < bytes.length ? decodePrefix(bytes, end)[0] : undefined };
  }

  /** Plays the whole handshake rightly; gives what the client introduced itself with. */
  async greet(name: string, cookie: string, flags = usualFlags): Promise<Buffer> {
    const introduction = await this.hearFramed();
    this.sayFramed(Buffer.from('sok'));
    this.sayFramed(challenge(name, 12345, flags));
    const reply = await this.hearFramed();
    this.sayFramed(Buffer.concat([Buffer.from('a'), digest(cookie, reply.readUInt32BE(1))]));
    return introduction;
  }

  async #take(count: number): Promise<Buffer> {
    while (this.#held.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }
}

/** The challenge message of a node. */
export function challenge(name: string, value: number, flags = usualFlags): Buffer {
  const head = Buffer.alloc(19);
  head.write('N');
  head.writeBigUInt64BE(flags, 1);
  head.writeUInt32BE(value, 9);
  head.writeUInt32BE(77, 13);
  head.writeUInt16BE(Buffer.byteLength(name), 17);
  return Buffer.concat([head, Buffer.from(name)]);
}

/** The challenge message of a node before OTP 23. */
export function oldChallenge(name: string, value: number): Buffer {
  const head = Buffer.alloc(11, 'n');
  head.writeUInt16BE(5, 1);
  head.writeUInt32BE(Number(usualFlags & 0x7e_ffffn), 3);
  head.writeUInt32BE(value, 7);
  return Buffer.concat([head, Buffer.from(name)]);
}

/** What knowing the cookie looks like on the wire. */
export function digest(cookie: string, value: number): Buffer {
  return createHash('md5').update(`${cookie}${value}`).digest();
}
