import { describe, expect, test } from 'vitest';
import { fingerprintOf, hostKeyAlgorithms, isPinned, withoutTypeOf } from './host-key.ts';

/** GitHub's published key, and the fingerprint that it publishes beside it. */
const publicKey = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl', 'base64');
const fingerprint = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';

/** A key blob of a type: its name, length first, and some bytes. */
function blobOf(type: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from('rest')]);
}

test('a fingerprint is as ssh-keygen prints it', () => {
  expect(fingerprintOf(publicKey)).toBe(fingerprint);
});

test('a pin fits with and without padding, and no other does', () => {
  expect(isPinned(publicKey, fingerprint)).toBe(true);
  expect(isPinned(publicKey, `${fingerprint}=`)).toBe(true);
  expect(isPinned(publicKey, fingerprint.replace('DiY3', 'DiY4'))).toBe(false);
});

describe('once a key of a type was shown, the others are left:', () => {
  test.each([
    ['ssh-ed25519', ['ecdsa-sha2-nistp256', 'rsa-sha2-512']],
    ['ecdsa-sha2-nistp384', ['ssh-ed25519', 'rsa-sha2-512']],
    ['ssh-rsa', ['ssh-ed25519', 'ecdsa-sha2-nistp256']],
  ])('%s', (type, left) => {
    expect(withoutTypeOf(blobOf(type), hostKeyAlgorithms).map(([first]) => first)).toEqual(left);
  });
});
