/**
 * As much of an AMQP 0-9-1 client as a test needs: one channel, quorum queues, confirmed publishing, `basic.get`. Frames and
 * methods as in the specification's XML; one request at a time.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { ByteSource } from '../../src/release/byte-source.ts';

/** Where and as whom. */
export interface AmqpAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** A broker that says nothing for so long is given up: a queue without a leader leaves a question unanswered. */
const silentMs = 20_000;

interface Frame {
  readonly type: number;
  readonly payload: Buffer;
}

/** Connects and opens the channel. */
export async function connectAmqp({ host, port, user, password }: AmqpAddress): Promise<AmqpChannel> {
  const socket = connect({ host, port, noDelay: true });
  socket.on('error', () => undefined);
  socket.setTimeout(silentMs, () => socket.destroy(new Error(`AMQP: no answer for ${silentMs / 1000} s`)));
  const channel = new AmqpChannel(socket);
  socket.write(Buffer.from('AMQP\x00\x00\x09\x01', 'latin1'));
  await channel.expect(10, 10);
  channel.send(0, [10, 11], [u32(0), short('PLAIN'), long(`\0${user}\0${password}`), short('en_US')]);
  const limits = (await channel.expect(10, 30)).subarray(0, 6);
  channel.send(0, [10, 31], [limits, u16(0)]);
  channel.send(0, [10, 40], [short('/'), short(''), u8(0)]);
  await channel.expect(10, 41);
  channel.send(1, [20, 10], [short('')]);
  await channel.expect(20, 11);
  channel.send(1, [85, 10], [u8(0)]);
  await channel.expect(85, 11);
  return channel;
}

/** One open channel, with confirms. */
export class AmqpChannel {
  readonly #socket: Socket;
  readonly #source: ByteSource;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#source = new ByteSource(socket);
  }

  /** Declares a durable quorum queue, or finds it as it is; answers how many messages are ready in it. */
  async declare(queue: string): Promise<number> {
    const kind = Buffer.concat([short('x-queue-type'), Buffer.from('S'), long('quorum')]);
    this.send(1, [50, 10], [u16(0), short(queue), u8(2), u32(kind.length), kind]);
    const answer = await this.expect(50, 11);
    return answer.readUInt32BE(1 + answer.readUInt8(0));
  }

  /** Publishes a persistent message and waits until the broker has confirmed it. */
  async publish(queue: string, text: string): Promise<void> {
    const body = Buffer.from(text);
    this.send(1, [60, 40], [u16(0), short(''), short(queue), u8(0)]);
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(BigInt(body.length));
    this.#write(2, 1, Buffer.concat([u16(60), u16(0), size, u16(0x1000), u8(2)]));
    this.#write(3, 1, body);
    await this.expect(60, 80);
  }

  /** The next message, acknowledged; null when there is none. */
  async get(queue: string): Promise<string | null> {
    this.send(1, [60, 70], [u16(0), short(queue), u8(0)]);
    const { payload } = await this.#read();
    if (payload.readUInt16BE(2) === 72) return null;
    const tag = payload.subarray(4, 12);
    const header = await this.#read();
    const size = Number(header.payload.readBigUInt64BE(4));
    const body = size === 0 ? Buffer.alloc(0) : (await this.#read()).payload;
    this.send(1, [60, 80], [tag, u8(0)]);
    return body.toString();
  }

  close(): void {
    this.#socket.destroy();
  }

  send(channel: number, [kind, method]: readonly [number, number], fields: readonly Buffer[]): void {
    this.#write(1, channel, Buffer.concat([u16(kind), u16(method), ...fields]));
  }

  /** The fields of the next method, which must be that one. */
  async expect(kind: number, method: number): Promise<Buffer> {
    const { type, payload } = await this.#read();
    const found = [type, payload.readUInt16BE(0), payload.readUInt16BE(2)].join(' ');
    if (found !== `1 ${kind} ${method}`)
      throw new Error(`AMQP: ${kind}.${method} was expected, there came ${found}: ${payload.toString('latin1')}`);
    return payload.subarray(4);
  }

  async #read(): Promise<Frame> {
    const head = await this.#source.exactly(7);
    if (head.length < 7) throw new Error('AMQP: the connection has ended');
    const payload = (await this.#source.exactly(head.readUInt32BE(3) + 1)).subarray(0, -1);
    const type = head.readUInt8(0);
    if (type === 1 && isClose(payload)) throw new Error(`AMQP: the broker closes: ${payload.toString('latin1', 7)}`);
    return { type, payload };
  }

  #write(type: number, channel: number, payload: Buffer): void {
    this.#socket.write(Buffer.concat([u8(type), u16(channel), u32(payload.length), payload, u8(0xce)]));
  }
}

/** `connection.close` or `channel.close`. */
function isClose(method: Buffer): boolean {
  return [0x000a0032, 0x00140028].includes(method.readUInt32BE(0));
}

function u8(value: number): Buffer {
  return Buffer.from([value]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function short(text: string): Buffer {
  return Buffer.concat([u8(Buffer.byteLength(text)), Buffer.from(text)]);
}

function long(text: string): Buffer {
  return Buffer.concat([u32(Buffer.byteLength(text)), Buffer.from(text)]);
}
