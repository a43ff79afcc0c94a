/** A node of ours, and epmd, on a TCP port. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { ErlangNode } from '../connection.ts';
import { EpmdServer } from '../dist/epmd-server.ts';
import { secureAccept } from '../dist/tls-accept.ts';
import type { TlsIdentity } from '../dist/tls.ts';
import type { OwnNode } from './own-node.ts';

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0, or absent: any that is free */
  readonly port?: number;
  /** for the handshake of a node that dials us, milliseconds */
  readonly timeoutMs: number;
}

/** How a node listens. */
export interface ListenNodeOptions extends ListenOptions {
  /** over TLS, and only to nodes that show a certificate of theirs */
  readonly identity?: TlsIdentity;
  /** told of each node that was not let in: a Fault that says why */
  readonly refused?: (why: unknown) => void;
}

/** Something that listens. */
export interface Listening {
  readonly port: number;
  /** Listens no more, and ends what it accepted. */
  close(): Promise<void>;
}

/** Lets other nodes dial a node of ours. One that is refused is told so by the handshake. */
export function listenNode(node: OwnNode, options: ListenNodeOptions): Promise<Listening> {
  const { identity, refused = () => undefined } = options;
  return listen(options, (socket) => {
    socket.setNoDelay(true);
    const taken = identity === undefined ? node.accept(socket, options) : takeSecure(node, socket, options, identity);
    taken.catch(refused);
  });
}

async function takeSecure(
  node: OwnNode,
  socket: Socket,
  { timeoutMs }: ListenNodeOptions,
  identity: TlsIdentity,
): Promise<ErlangNode> {
  const { stream, isFor } = await secureAccept({ stream: socket, identity, clock: node.clock, timeoutMs });
  return node.accept(stream, { timeoutMs }, isFor);
}

/** Runs an epmd of ours. */
export async function listenEpmd(options: ListenOptions): Promise<Listening & { readonly epmd: EpmdServer }> {
  const made: { epmd?: EpmdServer } = {};
  const listening = await listen(options, (socket) => made.epmd?.serve(socket));
  const epmd = new EpmdServer(listening.port);
  made.epmd = epmd;
  return { ...listening, epmd };
}

async function listen({ host, port = 0 }: ListenOptions, take: (socket: Socket) => void): Promise<Listening> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on('close', () => open.delete(socket)));
    take(socket);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => closed(server, open) };
}

async function closed(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  const over = once(server, 'close');
  server.close();
  for (const socket of open) socket.destroy();
  await over;
}
