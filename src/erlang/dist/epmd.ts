/**
 * Asks the port mapper of a host for its nodes, and registers ours there. A request is framed by two bytes of length, an
 * answer to a question by the end of the connection, so each question takes a stream of its own. A registration lives as
 * long as its connection.
 * https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html#epmd-protocol
 *
 * Names here are short: epmd serves one host and knows only what stands before the `@`.
 */
import type { Duplex } from 'node:stream';
import { withDeadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { readExactly, StreamEnded } from './exact-read.ts';

/** Where to ask and how long to wait. */
export interface EpmdOptions {
  /** a byte stream to epmd (port 4369 unless configured); used up by one question */
  readonly stream: Duplex;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A node as epmd knows it. */
export interface EpmdEntry {
  /** what stands before the `@` */
  readonly name: string;
  /** its distribution port */
  readonly port: number;
}

/** What epmd knows of one node. */
export interface EpmdNode {
  readonly port: number;
  readonly isHidden: boolean;
  /** handshake versions it speaks: 6 since OTP 23, 5 before */
  readonly lowestVersion: number;
  readonly highestVersion: number;
}

/** A node of ours that is registered. */
export interface EpmdRegistration {
  /** epmd's own count of the incarnations of that name */
  readonly creation: number;
  /** Ends the registration. */
  close(): void;
}

/** The first byte of each message. */
export const epmdTags = {
  names: 110,
  lookup: 122,
  found: 119,
  register: 120,
  registered: 121,
  registeredWide: 118,
  visible: 77,
  hidden: 72,
} as const;

const portOffset = 2;
/** No host has so many nodes that their names take more. */
const answerBytesMax = 1024 * 1024;

/** The nodes registered on the host. Faults: unavailable, timeout. */
export async function epmdNames(options: EpmdOptions): Promise<readonly EpmdEntry[]> {
  const answer = await ask(options, Buffer.of(epmdTags.names));
  if (answer.length < 4) throw notEpmd(answer);
  const lines = answer.toString('utf8', 4).split('\n').filter(Boolean);
  return lines.map((line) => {
    const [, name, port] = /^name (.+) at port (\d+)$/.exec(line) ?? [];
    if (name === undefined) throw notEpmd(answer);
    return { name, port: Number(port) };
  });
}

/** The distribution port of a node. Faults: not-found when no such node is registered, unavailable, timeout. */
export async function epmdPort(options: EpmdOptions, name: string): Promise<number> {
  return (await epmdLookup(options, name)).port;
}

/** Looks a node up. Faults: not-found when no such node is registered, unavailable, timeout. */
export async function epmdLookup(options: EpmdOptions, name: string): Promise<EpmdNode> {
  const answer = await ask(options, Buffer.concat([Buffer.of(epmdTags.lookup), Buffer.from(name)]));
  if (answer[0] !== epmdTags.found || answer.length < 2) throw notEpmd(answer);
  if (answer[1] !== 0) throw new Fault('not-found', `epmd knows no node ${name}`, { object: `node ${name}` });
  if (answer.length < portOffset + 8) throw notEpmd(answer);
  return {
    port: answer.readUInt16BE(portOffset),
    isHidden: answer[portOffset + 2] === epmdTags.hidden,
    highestVersion: answer.readUInt16BE(portOffset + 4),
    lowestVersion: answer.readUInt16BE(portOffset + 6),
  };
}

/** Registers a node of ours. The stream is kept until `close`. Faults: exists (the name is taken), unavailable, timeout. */
export async function epmdRegister(
  { stream, clock, timeoutMs, signal }: EpmdOptions,
  { name, port, isHidden }: EpmdEntry & { readonly isHidden: boolean },
): Promise<EpmdRegistration> {
  stream.on('error', () => undefined);
  try {
    stream.write(framed(registration(name, port, isHidden)));
    const read = (within: AbortSignal): Promise<Buffer> => readAnswer(stream, within);
    const answer = await withDeadline(clock, { ms: timeoutMs, what: 'epmd' }, read, signal);
    if (answer[1] !== 0) throw new Fault('exists', `epmd knows another node ${name}`, { object: `node ${name}` });
    stream.resume();
    const creation = answer.length === 4 ? answer.readUInt16BE(2) : answer.readUInt32BE(2);
    return { creation, close: () => void stream.destroy() };
  } catch (error) {
    stream.destroy();
    if (error instanceof StreamEnded) throw new Fault('unavailable', 'epmd does not answer', { words: error.message });
    throw error;
  }
}

function registration(name: string, port: number, isHidden: boolean): Buffer {
  const utf8 = Buffer.from(name);
  const head = Buffer.alloc(11, 0);
  head.writeUInt8(epmdTags.register);
  head.writeUInt16BE(port, 1);
  head.writeUInt8(isHidden ? epmdTags.hidden : epmdTags.visible, 3);
  head.writeUInt16BE(6, 5);
  head.writeUInt16BE(5, 7);
  head.writeUInt16BE(utf8.length, 9);
  return Buffer.concat([head, utf8, Buffer.alloc(2)]);
}

/** Tag and result, then a creation of two or four bytes. */
async function readAnswer(stream: Duplex, signal: AbortSignal): Promise<Buffer> {
  const head = await readExactly(stream, 2, signal);
  const wide = head[0] === epmdTags.registeredWide;
  if (!wide && head[0] !== epmdTags.registered) throw notEpmd(head);
  return Buffer.concat([head, await readExactly(stream, wide ? 4 : 2, signal)]);
}

function notEpmd(answer: Buffer): Fault {
  return new Fault('unavailable', 'what answers there is no epmd', { words: answer.toString('latin1', 0, 80) });
}

function framed(request: Buffer): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(request.length);
  return Buffer.concat([head, request]);
}

async function ask({ stream, clock, timeoutMs, signal }: EpmdOptions, request: Buffer): Promise<Buffer> {
  try {
    stream.write(framed(request));
    return await withDeadline(clock, { ms: timeoutMs, what: 'epmd' }, () => readAll(stream), signal);
  } finally {
    stream.destroy();
  }
}

function readAll(stream: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let held = 0;
    const fail = (words: string): void => reject(new Fault('unavailable', 'epmd does not answer', { words }));
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      held += chunk.length;
      if (held > answerBytesMax) fail(`more than ${answerBytesMax} bytes`);
    });
    stream.on('end', () => resolve(Buffer.concat(chunks)));
    stream.on('error', (error) => fail(error.message));
    stream.on('close', () => fail('the connection was closed'));
  });
}
