/**
 * One SSH connection: made, the host's identity verified before anything else, then the user's key offered. Keep-alive
 * requests find a dead host within keepAliveMs * (keepAliveCount + 1).
 */
import { connect } from 'node:net';
// A CommonJS package: Node finds its `Client` as a named export, but not its `utils`.
import ssh2, { Client } from 'ssh2';
import { connectionFault, refusedUserFault, unreadableKeyFault, wrongHostFault } from './faults.ts';
import type { SshTarget } from './faults.ts';
import { gathered } from './gathered.ts';
import { fingerprintOf, hostKeyAlgorithms, isPinned, withoutTypeOf } from './host-key.ts';
import type { HostKeyType } from './host-key.ts';

const keepAliveMs = 3500;
const keepAliveCount = 3;

/** What became of one attempt to connect. Everything else is a fault. */
type Attempt =
  | { readonly outcome: 'ready'; readonly client: Client }
  /** the host showed another key than the pinned one; nothing was sent to it */
  | { readonly outcome: 'other key'; readonly publicKey: Buffer }
  /** it has no key of the types that were asked for */
  | { readonly outcome: 'no such key' };

/** Connects. Faults: denied (host key, user key), invalid (unreadable private key), unavailable, timeout. */
export async function connectSsh(target: SshTarget, signal: AbortSignal): Promise<Client> {
  const key = ssh2.utils.parseKey(target.privateKey);
  if (key instanceof Error) throw unreadableKeyFault(target, key.message);
  const shown: string[] = [];
  let offered: HostKeyType[] = [...hostKeyAlgorithms];
  while (offered.length > 0) {
    const attempt = await connectOnce(target, offered, signal);
    if (attempt.outcome === 'ready') return attempt.client;
    if (attempt.outcome === 'no such key') break;
    shown.push(fingerprintOf(attempt.publicKey));
    offered = withoutTypeOf(attempt.publicKey, offered);
  }
  throw wrongHostFault(target, shown);
}

/** What ended a connection, by the connection. */
const broken = new WeakMap<Client, Error>();

/** What ended that connection; undefined while it stands, or when it ended without a word. */
export function causeOfEnd(client: Client): Error | undefined {
  return broken.get(client);
}

function connectOnce(target: SshTarget, offered: readonly HostKeyType[], signal: AbortSignal): Promise<Attempt> {
  signal.throwIfAborted();
  const client = new Client();
  const seen: Seen = { otherKey: null, accepts: [], offered: 0 };
  const stop = () => client.destroy();
  signal.addEventListener('abort', stop, { once: true });
  return new Promise<Attempt>((resolve, reject) => {
    client.once('ready', () => resolve({ outcome: 'ready', client }));
    client.once('close', () => reject(connectionFault(target, new Error('the connection was closed'))));
    // Stays for the connection's whole life: its end is told by `close`, and an error nobody listens to would end us.
    client.on('error', (error) => {
      broken.set(client, error);
      client.destroy();
      const attempt = judge(error, seen);
      if (attempt !== null) resolve(attempt);
      else reject(refusal(target, error, seen));
    });
    client.connect(options(target, offered, seen));
  }).finally(() => signal.removeEventListener('abort', stop));
}

/** What the server said before the attempt ended. */
interface Seen {
  otherKey: Buffer | null;
  /** the authentication methods that it would still take */
  accepts: readonly string[];
  /** how many keys it was offered */
  offered: number;
}

/** An error that is an answer to the question which host key the server has. */
function judge(error: Error, seen: Seen): Attempt | null {
  if (seen.otherKey !== null) return { outcome: 'other key', publicKey: seen.otherKey };
  return error.message.includes('no matching host key format') ? { outcome: 'no such key' } : null;
}

function refusal(target: SshTarget, error: Error & { readonly level?: string }, seen: Seen): Error {
  return error.level === 'client-authentication'
    ? refusedUserFault(target, seen.accepts)
    : connectionFault(target, error);
}

/** The settings of one attempt, its socket under way with them. The verifier runs within the key exchange: a `false` there ends it before user authentication begins. */
function options(target: SshTarget, offered: readonly HostKeyType[], seen: Seen): Parameters<Client['connect']>[0] {
  // as many listeners as there are channels
  const sock = gathered(connect({ host: target.address, port: target.port, noDelay: true })).setMaxListeners(0);
  return {
    sock,
    username: target.user,
    readyTimeout: 0,
    keepaliveInterval: keepAliveMs,
    keepaliveCountMax: keepAliveCount,
    algorithms: { serverHostKey: offered.flat() },
    hostVerifier: (publicKey: Buffer) => {
      if (isPinned(publicKey, target.hostKey)) return true;
      seen.otherKey = publicKey;
      return false;
    },
    // asked first with no list, and again with what the server still takes when a key was refused
    authHandler: (left: readonly string[] | null, _partial, next) => {
      seen.accepts = left ?? [];
      const key = [target.privateKey, target.formerKey][seen.offered++];
      if (key === undefined) next(false as never);
      else next({ type: 'publickey', username: target.user, key });
    },
  };
}
