/**
 * A port mapper of ours, for tests and for hosts without Erlang's: names, lookup, registration. It asks for no more than a
 * stream per connection, and it neither stops nor kills on request, as Erlang's does.
 * https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html#epmd-protocol
 */
import type { Duplex } from 'node:stream';
import { epmdTags } from './epmd.ts';
import type { EpmdEntry, EpmdNode } from './epmd.ts';

const headBytes = 2;
/** A name has at most 255 characters; the rest of a request is short. */
const requestBytesMax = 2048;

interface Registered extends EpmdNode, EpmdEntry {
  /** the request from its versions on, as it is given back */
  readonly tail: Buffer;
}

/** The names of one host. */
export class EpmdServer {
  readonly #port: number;
  readonly #nodes = new Map<string, Registered>();
  #creation = 0;

  /** `port` is the one it listens on, which an answer to `names` repeats. */
  constructor(port: number) {
    this.#port = port;
  }

  get entries(): readonly EpmdEntry[] {
    return [...this.#nodes.values()].map(({ name, port }) => ({ name, port }));
  }

  /** Enters a node by hand, without a connection that keeps it. */
  enter(name: string, port: number): void {
    const head = Buffer.of(epmdTags.visible, 0, 0, 6, 0, 5, 0, Buffer.byteLength(name));
    const tail = Buffer.concat([head, Buffer.from(name), Buffer.alloc(2)]);
    this.#nodes.set(name, { name, port, isHidden: false, highestVersion: 6, lowestVersion: 5, tail });
  }

  /** Strikes a node out. */
  strike(name: string): void {
    this.#nodes.delete(name);
  }

  /** Serves one connection. */
  serve(stream: Duplex): void {
    let held = Buffer.alloc(0);
    const take = (chunk: Buffer): void => {
      held = Buffer.concat([held, chunk]);
      const length = held.length < headBytes ? 0 : held.readUInt16BE();
      if (length > requestBytesMax) stream.destroy();
      else if (held.length >= headBytes + length && held.length > headBytes) {
        stream.off('data', take).resume();
        this.#answer(stream, held.subarray(headBytes, headBytes + length));
      }
    };
    stream.on('error', () => stream.destroy()).on('data', take);
    stream.on('end', () => stream.end());
  }

  #answer(stream: Duplex, request: Buffer): void {
    switch (request[0]) {
      case epmdTags.names:
        stream.end(this.#names());
        return;
      case epmdTags.lookup:
        stream.end(this.#lookup(request.toString('utf8', 1)));
        return;
      case epmdTags.register:
        this.#register(stream, request);
        return;
      default:
        stream.destroy();
    }
  }

  #names(): Buffer {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(this.#port);
    const lines = this.entries.map(({ name, port }) => `name ${name} at port ${port}\n`);
    return Buffer.concat([head, Buffer.from(lines.join(''))]);
  }

  #lookup(name: string): Buffer {
    const node = this.#nodes.get(name);
    if (node === undefined) return Buffer.of(epmdTags.found, 1);
    return Buffer.concat([Buffer.of(epmdTags.found, 0, node.port >> 8, node.port & 255), node.tail]);
  }

  #register(stream: Duplex, request: Buffer): void {
    const node = readRegistration(request);
    const refused = node === undefined || this.#nodes.has(node.name);
    const answer = Buffer.alloc(6);
    answer.writeUInt8(epmdTags.registeredWide);
    answer.writeUInt8(refused ? 1 : 0, 1);
    answer.writeUInt32BE(refused ? 0 : ++this.#creation + 3, 2);
    if (refused) {
      stream.end(answer);
      return;
    }
    this.#nodes.set(node.name, node);
    stream.on('close', () => this.#nodes.delete(node.name));
    stream.write(answer);
  }
}

/** `ALIVE2_REQ`: port, type, protocol, versions, name, extra. */
function readRegistration(request: Buffer): Registered | undefined {
  if (request.length < 13) return undefined;
  const length = request.readUInt16BE(9);
  if (length === 0 || request.length < 13 + length) return undefined;
  return {
    name: request.toString('utf8', 11, 11 + length),
    port: request.readUInt16BE(1),
    isHidden: request[3] === epmdTags.hidden,
    highestVersion: request.readUInt16BE(5),
    lowestVersion: request.readUInt16BE(7),
    tail: Buffer.from(request.subarray(3)),
  };
}
