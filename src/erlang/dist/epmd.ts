/**
 * Asks the port mapper of a host for its nodes. A request is framed by two bytes of length, an answer by the end of the
 * connection, so each question takes a stream of its own.
 * https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html#epmd-protocol
 *
 * Names here are short: epmd serves one host and knows only what stands before the `@`.
 */
import type { Duplex } from 'node:stream';
import { withDeadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';

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

const namesRequest = 110;
const portRequest = 122;
const portResponse = 119;
const portOffset = 2;
/** No host has so many nodes that their names take more. */
const answerBytesMax = 1024 * 1024;

/** The nodes registered on the host. Faults: unavailable, timeout. */
export async function epmdNames(options: EpmdOptions): Promise<readonly EpmdEntry[]> {
  const answer = await ask(options, Buffer.from([namesRequest]));
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
  const answer = await ask(options, Buffer.concat([Buffer.from([portRequest]), Buffer.from(name)]));
  if (answer[0] !== portResponse || answer.length < 2) throw notEpmd(answer);
  if (answer[1] !== 0) throw new Fault('not-found', `epmd knows no node ${name}`, { object: `node ${name}` });
  if (answer.length < portOffset + 2) throw notEpmd(answer);
  return answer.readUInt16BE(portOffset);
}

function notEpmd(answer: Buffer): Fault {
  return new Fault('unavailable', 'what answers there is no epmd', { words: answer.toString('latin1', 0, 80) });
}

async function ask({ stream, clock, timeoutMs, signal }: EpmdOptions, request: Buffer): Promise<Buffer> {
  try {
    const head = Buffer.alloc(2);
    head.writeUInt16BE(request.length);
    stream.write(Buffer.concat([head, request]));
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
