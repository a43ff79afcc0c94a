/**
 * Distribution over TLS from the side that is dialled: see tls.ts. A node that shows no certificate, or one that we do not
 * trust, is let go before a byte of the distribution is read. Whose the certificate is can be judged only once the node has
 * said its name, within the handshake.
 */
import type { Duplex } from 'node:stream';
import { createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { withDeadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { hostFault, hostOf } from './tls.ts';
import type { TlsIdentity } from './tls.ts';

/** How to take TLS from whoever dials. */
export interface SecureAcceptOptions {
  /** the stream that was accepted; ours from now on */
  readonly stream: Duplex;
  readonly identity: TlsIdentity;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A stream within TLS, and what its other end has proved. */
export interface SecuredStream {
  readonly stream: Duplex;
  /** whether the certificate carries the host part of that node's name */
  isFor(peer: string): boolean;
}

/** Takes TLS. Faults: denied (no certificate, or one that we do not trust), unavailable, timeout. */
export async function secureAccept(options: SecureAcceptOptions): Promise<SecuredStream> {
  const { stream, clock, timeoutMs, signal } = options;
  stream.on('error', () => undefined);
  try {
    const deadline = { ms: timeoutMs, what: 'TLS with a node that dials' };
    const socket = await withDeadline(clock, deadline, () => secured(options), signal);
    return trusted(socket);
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

function secured({ stream, identity }: SecureAcceptOptions): Promise<TLSSocket> {
  const { authority: ca, certificate: cert, key } = identity;
  // Not refused by the library, which would not say why.
  const asked = {
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  } as const;
  const server = createServer({ ca, cert, key, ...asked });
  return new Promise((resolve, reject) => {
    const over = (words: string, cause?: Error): void =>
      reject(new Fault('unavailable', 'a node that dialled ended the TLS handshake', { words, cause }));
    server.once('secureConnection', resolve);
    server.once('tlsClientError', (error) => over(error.message, error));
    stream.once('close', () => over('the connection was closed'));
    server.emit('connection', stream);
  });
}

function trusted(socket: TLSSocket): SecuredStream {
  socket.on('error', () => undefined);
  const certificate = socket.getPeerCertificate();
  const shown = Object.keys(certificate).length > 0;
  if (shown && socket.authorized)
    return {
      stream: socket,
      isFor: (peer) => hostFault(hostOf(peer), certificate) === undefined,
    };
  socket.destroy();
  const words = shown ? String(socket.authorizationError) : 'it shows no certificate';
  throw new Fault('denied', 'TLS with a node that dialled is refused', {
    words,
  });
}
