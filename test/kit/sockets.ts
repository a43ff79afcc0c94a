/** TCP ports of this machine: those that are taken, one that is free, and servers of a test's own on such ones. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Ports on which something listens, IPv4, as the kernel lists them (proc(5)). */
export function listening(): number[] {
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  const sockets = lines.map((line) => line.trim().split(/\s+/)).filter(([, , , state]) => state === '0A');
  return sockets.map(([, local = '']) => parseInt(local.split(':')[1] ?? '0', 16));
}

/** A TCP port of 127.0.0.1 on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** An HTTP server that listens. */
export interface Served {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Ends it with all its connections. */
  close(): Promise<void>;
}

/** Has a server listen on a free port of the loopback. */
export async function serve(server: Server): Promise<Served> {
  // on a busy machine, a client that comes back late must not meet a connection that ends at this moment
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `http://127.0.0.1:${port}`, close };
}
