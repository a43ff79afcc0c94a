/**
 * The identity of a host. It is pinned as OpenSSH prints it: `SHA256:` and the unpadded base64 of the SHA-256 of the
 * public key blob (`ssh-keygen -l`, RFC 4253 section 6.6 for the blob). A host may own keys of several types and shows
 * one of them, as negotiated: a pin that does not fit the first shown is tried against the other types, each on a
 * connection that ends before any credential is sent.
 */
import { createHash } from 'node:crypto';

/** Host key algorithms by key type, in the order in which they are asked for (RFC 8709, 5656, 8332). */
export const hostKeyAlgorithms = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
] as const;

/** One type of host key. */
export type HostKeyType = (typeof hostKeyAlgorithms)[number];

/** The fingerprint of a public key blob, e.g. `SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU`. */
export function fingerprintOf(publicKey: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`;
}

/** Whether a public key is the pinned one; the pin may carry base64 padding. */
export function isPinned(publicKey: Uint8Array, pin: string): boolean {
  return fingerprintOf(publicKey) === pin.replace(/=+$/, '');
}

/** The types that are left when the one of `publicKey` (whose blob starts with its name, length first) is taken out. */
export function withoutTypeOf(publicKey: Uint8Array, types: readonly HostKeyType[]): HostKeyType[] {
  const blob = Buffer.from(publicKey);
  const name = blob.toString('latin1', 4, 4 + blob.readUInt32BE(0));
  // RSA keys are named ssh-rsa in their blob and by their signature's hash in the negotiation (RFC 8332 section 3).
  const negotiated: string = name === 'ssh-rsa' ? 'rsa-sha2-512' : name;
  return types.filter((type) => !type.some((algorithm) => algorithm === negotiated));
}
