/** What a broken SSH connection means, in our codes and with the other side's own words. */
import { Fault } from '../fault.ts';

/** By what an account is entered. */
export interface SshKeys {
  /** private key in OpenSSH or PEM form; never in an error */
  readonly privateKey: string;
  /** another one, offered where the server refuses the first: while a key is being replaced */
  readonly formerKey?: string | undefined;
}

/** Where a connection goes, and as whom. */
export interface SshTarget extends SshKeys {
  readonly address: string;
  /** TCP port of the SSH server */
  readonly port: number;
  readonly user: string;
  /** fingerprint that the host must show: `SHA256:…` */
  readonly hostKey: string;
}

/** What ssh2 puts on its errors beside the message. */
interface SshError extends Error {
  readonly level?: string;
  readonly code?: string;
  readonly reason?: unknown;
}

/** `user@address`, with the port where it is not 22. */
export function whereOf(target: SshTarget): string {
  return `${target.user}@${target.address}${target.port === 22 ? '' : `:${target.port}`}`;
}

/** Codes of `connect(2)` that mean that nobody answered, rather than that somebody refused. */
const silent = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT']);

/** The fault of a connection that could not be made or has ended. */
export function connectionFault(target: SshTarget, error: SshError): Fault {
  if (error.level === 'client-timeout' || silent.has(error.code ?? '')) return silenceFault(target, error.message);
  return new Fault('unavailable', `no SSH connection to ${whereOf(target)}`, {
    object: `host ${target.address}`,
    words: error.message,
    cause: error,
    next: `try: ssh -p ${target.port} ${target.user}@${target.address} true`,
  });
}

/** Nobody answers there. */
export function silenceFault(target: SshTarget, words: string): Fault {
  return new Fault('timeout', `${whereOf(target)} does not answer`, {
    object: `host ${target.address}`,
    words,
    next: `check that the machine runs and that its port ${target.port} is open to this one`,
  });
}

/** The host is not the one that was pinned: nothing has been sent to it. */
export function wrongHostFault(target: SshTarget, shown: readonly string[]): Fault {
  const keys = shown.length === 0 ? 'none of a type that we know' : shown.join(', ');
  const message = `${target.address} is not the host that was pinned: expected host key ${target.hostKey}, it shows ${keys}`;
  return new Fault('denied', message, {
    object: `host ${target.address}`,
    next: `nothing was sent to it. If its key was changed on purpose, compare with ssh-keygen -l on the host and put the new fingerprint into hostKey`,
  });
}

/** The host is the right one and does not let us in. */
export function refusedUserFault(target: SshTarget, accepts: readonly string[]): Fault {
  const methods = accepts.length === 0 ? 'no other method' : accepts.join(', ');
  return new Fault('denied', `${whereOf(target)} refuses the key of user ${target.user}`, {
    object: `host ${target.address}`,
    words: `the server answers that authentication can continue with ${methods}`,
    next: `put the public key into ~${target.user}/.ssh/authorized_keys on ${target.address}`,
  });
}

/** The private key is none that can be read. The reader's words name the format, not the key. */
export function unreadableKeyFault(target: SshTarget, words: string): Fault {
  return new Fault('invalid', `the private key for ${whereOf(target)} cannot be read`, {
    object: `host ${target.address}`,
    words,
    next: 'give an OpenSSH private key without a passphrase (ssh-keygen -t ed25519 -N "")',
  });
}

/** Why a channel was not opened (RFC 4254 section 5.1): 1 means that the server's configuration forbids it. */
export function channelFault(target: SshTarget, what: string, error: SshError): Fault {
  const forbidden = error.reason === 1 || error.reason === 'ADMINISTRATIVELY_PROHIBITED';
  const detail = { object: `host ${target.address}`, words: error.message, cause: error };
  if (!forbidden) return new Fault('unavailable', `${what} failed on ${whereOf(target)}`, detail);
  return new Fault('denied', `${what} is forbidden by the SSH server of ${target.address}`, {
    ...detail,
    next: 'allow it in sshd_config: AllowTcpForwarding local',
  });
}

/** Whether the server had no room for one more session (CONNECT_FAILED or RESOURCE_SHORTAGE; sshd's MaxSessions says the first). */
export function isCrowded(error: unknown): boolean {
  const cause = error instanceof Fault ? (error.detail.cause as SshError | undefined) : undefined;
  const crowded: readonly unknown[] = [2, 4, 'CONNECT_FAILED', 'RESOURCE_SHORTAGE'];
  return crowded.includes(cause?.reason);
}
