import { expect, test } from 'vitest';
import { Fault } from '../fault.ts';
import { makeSshKeyPair, sshKeyPairOf } from './key-pair.ts';

test('a pair is Ed25519, its public half one line, and read back from its private half', () => {
  const pair = makeSshKeyPair('the login key of lab');
  expect(pair.privateKey).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
  expect(pair.publicKey).toMatch(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5[A-Za-z0-9+/=]+ the-login-key-of-lab$/);
  expect(pair.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  expect(sshKeyPairOf(pair.privateKey, 'the login key of lab')).toEqual(pair);
  expect(makeSshKeyPair('x').privateKey).not.toBe(pair.privateKey);
});

test('a thousand pairs can be read again, those with zeroes at an end too', () => {
  for (let made = 0; made < 1_000; made += 1) expect(makeSshKeyPair('x').fingerprint).toMatch(/^SHA256:/);
});

test('what is no key is refused without being shown (I8)', () => {
  const act = () => sshKeyPairOf('correct horse battery staple', 'lab');
  expect(act).toThrow(Fault);
  expect(act).not.toThrow(/horse/);
});
