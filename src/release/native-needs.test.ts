import { describe, expect, test } from 'vitest';
import { compareVersions, nativeNeeds } from './native-needs.ts';
import { otpOf } from './otp-version.ts';
import type { ElfFacts } from './elf.ts';

const facts: ElfFacts = { arch: 'x86_64', bits: 64, interpreter: null, needed: [], versions: [] };

describe('what machine code asks of a host', () => {
  test('nothing where there is none', () => expect(nativeNeeds([], new Set())).toBeNull());

  test('the emulator decides the architecture', () => {
    const files = [
      { path: 'bin/helper', facts: { ...facts, arch: 'aarch64', needed: ['liba.so'] } },
      { path: 'erts-13.1.5/bin/beam.smp', facts: { ...facts, needed: ['libb.so'] } },
    ];
    expect(nativeNeeds(files, new Set())).toMatchObject({ arch: 'x86_64', libraries: ['libb.so'] });
  });

  test.each([
    ['its loader', { interpreter: '/lib/ld-musl-x86_64.so.1' }],
    ['its library on Alpine', { needed: ['libc.musl-x86_64.so.1'] }],
    ['its library elsewhere', { needed: ['libc.so'] }],
  ])('musl is known by %s', (_, change) => {
    const found = nativeNeeds([{ path: 'x', facts: { ...facts, ...change, versions: ['GLIBC_2.1'] } }], new Set());
    expect(found).toMatchObject({ libc: 'musl', glibc: null });
  });

  test('versions are ordered by their numbers', () => {
    expect(['2.34', '2.4', '2.2.5', '2.14'].sort(compareVersions)).toEqual(['2.2.5', '2.4', '2.14', '2.34']);
  });
});

test.each([
  ['13.1.5', '25'],
  ['16.0', '28'],
  ['11.2', '23'],
  ['10.7', '22'],
  ['10.3.5', '21'],
  ['9.3', '20'],
  ['5.10', null],
  ['x', null],
])('erts %s is of OTP %s', (erts, otp) => expect(otpOf(erts)).toBe(otp));
