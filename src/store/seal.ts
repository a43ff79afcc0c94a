/**
 * Sealing: how secret values look at rest (I8). AES-256-GCM with a fresh random nonce for every value (NIST SP 800-38D,
 * section 8.2.2) and the secret's name as additional authenticated data, so that a sealed value opens under its own
 * name only.
 *
 *   version (1 byte) | nonce (12) | tag (16) | ciphertext
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { Fault } from '../base/fault.ts';

const format = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes + tagBytes;

/** Length of a key, bytes. */
export const keyBytes = 32;

/** Seals a value under a key of 32 bytes. */
export function seal(key: Uint8Array, name: string, value: string): Uint8Array {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name));
  const ciphertext = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(format), nonce, cipher.getAuthTag(), ciphertext]);
}

/** Opens what `seal` made. Fault denied when key, name or bytes are not those of then. */
export function unseal(key: Uint8Array, name: string, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed);
  if (bytes.length < headBytes || bytes[0] !== format) throw unreadable(name);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + nonceBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(name))
    .setAuthTag(bytes.subarray(1 + nonceBytes, headBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(headBytes)), decipher.final()]).toString('utf8');
  } catch {
    throw unreadable(name);
  }
}

/** What tells whether a key is the one of a store, and nothing else about it. */
export function keyCheck(key: Uint8Array): string {
  return createHmac('sha256', key).update('wombat secret key').digest('hex').slice(0, 32);
}

function unreadable(name: string): Fault {
  return new Fault('denied', `the stored value of secret ${name} does not open with this store's key`, {
    object: `secret ${name}`,
    next: `write it again: wombat secret put '${name}' --from FILE`,
  });
}
