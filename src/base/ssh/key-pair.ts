/** Key pairs for SSH: Ed25519, in OpenSSH's own formats. */
import ssh2 from 'ssh2';
import type { ParsedKey } from 'ssh2';
import { Fault } from '../fault.ts';
import { fingerprintOf } from './host-key.ts';

/** A key pair. The private half is a secret. */
export interface SshKeyPair {
  /** OpenSSH private key format, without a passphrase */
  readonly privateKey: string;
  /** one line as in `authorized_keys` */
  readonly publicKey: string;
  /** of the public half: `SHA256:…` */
  readonly fingerprint: string;
}

/** Makes a key pair. About one in 170 of those that ssh2 makes cannot be read, by itself either: such a one is drawn again. */
export function makeSshKeyPair(comment: string): SshKeyPair {
  let made: string;
  do made = ssh2.utils.generateKeyPairSync('ed25519', { comment }).private;
  while (ssh2.utils.parseKey(made) instanceof Error);
  return sshKeyPairOf(made, comment);
}

/** The pair of a private key. Fault invalid, without the key's text, when it cannot be read. */
export function sshKeyPairOf(privateKey: string, comment: string): SshKeyPair {
  const key: ParsedKey | Error = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error)
    throw new Fault('invalid', `the private key for ${comment} cannot be read`, {
      next: 'give an OpenSSH private key without a passphrase (ssh-keygen -t ed25519 -N "")',
    });
  const blob = key.getPublicSSH();
  return {
    privateKey,
    publicKey: `${key.type} ${blob.toString('base64')} ${comment.replaceAll(/[^\w.-]+/g, '-')}`,
    fingerprint: fingerprintOf(blob),
  };
}
