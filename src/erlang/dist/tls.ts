/**
 * Distribution over TLS (`-proto_dist inet_tls`): the handshake and all that follows run inside; nothing of them changes.
 * Both sides show certificates. The node's must carry the host part of its name, as a DNS name or an address; OTP itself
 * wants it as a DNS name even when it is an address, so ours is lenient where OTP's certificates are odd.
 * https://www.erlang.org/doc/apps/ssl/ssl_distribution.html
 */
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { checkServerIdentity, connect } from 'node:tls';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { withDeadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';

/** What we are known by, and whom we trust; PEM texts. */
export interface TlsIdentity {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** How to secure a stream to a node. */
export interface SecureOptions {
  /** a stream to the node's distribution port, of any kind; ours from now on */
  readonly stream: Duplex;
  /** the full name of the node */
  readonly peer: string;
  readonly identity: TlsIdentity;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts TLS over a stream. Faults: denied (we do not trust the certificate, with OpenSSL's own words), unavailable,
 * timeout. That the node does not trust ours shows in the handshake of the distribution.
 */
export async function secureStream(options: SecureOptions): Promise<Duplex> {
  const { stream, peer, clock, timeoutMs, signal } = options;
  stream.on('error', () => undefined);
  const socket = start(options);
  try {
    await withDeadline(clock, { ms: timeoutMs, what: `TLS with ${peer}` }, () => secured(socket, peer), signal);
    return socket;
  } catch (error) {
    socket.destroy();
    stream.destroy();
    throw error;
  }
}

function start({ stream, peer, identity }: SecureOptions): TLSSocket {
  const host = hostOf(peer);
  return connect({
    socket: stream,
    ca: identity.authority,
    cert: identity.certificate,
    key: identity.key,
    minVersion: 'TLSv1.2',
    // an address is no server name (RFC 6066, section 3)
    ...(isIP(host) === 0 ? { servername: host } : {}),
    checkServerIdentity: (_, certificate) => hostFault(host, certificate),
  });
}

/** The host part of a node's name. */
export function hostOf(peer: string): string {
  return peer.slice(peer.indexOf('@') + 1);
}

/** What speaks against a certificate being for a host; undefined when nothing. */
export function hostFault(host: string, certificate: PeerCertificate): Error | undefined {
  const names = (certificate.subjectaltname ?? '').split(', ');
  return names.includes(`DNS:${host}`) ? undefined : checkServerIdentity(host, certificate);
}

function secured(socket: TLSSocket, peer: string): Promise<void> {
  const object = `node ${peer}`;
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const trusted = error.code === undefined || /^E(CONN|PIPE|TIMEDOUT)/.test(error.code);
      const detail = { object, words: error.message, cause: error };
      if (trusted) reject(new Fault('unavailable', `${peer} ended the TLS handshake`, detail));
      else reject(new Fault('denied', `TLS with ${peer} is refused`, detail));
    });
    socket.once('close', () => reject(new Fault('unavailable', `${peer} ended the TLS handshake`, { object })));
  });
}
