import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elf } from '../../test/kit/elf.ts';
import { parseElf } from './elf.ts';
import { ElfWindow } from './elf-window.ts';

function windowOn(bytes: Uint8Array, limit = 1 << 20, chunk = 1000): ElfWindow {
  const window = new ElfWindow(limit);
  window.begin(bytes.length);
  for (let at = 0; at < bytes.length; at += chunk) window.add(bytes.subarray(at, at + chunk));
  return window;
}

const asked = { needed: ['libm.so.6', 'libc.so.6'], versions: ['GLIBC_2.2.5', 'GLIBC_2.36'] };

describe('ELF files', () => {
  test.each([
    ['x86-64', { machine: 62 }, 'x86_64'],
    ['ARM, 64 bits', { machine: 183 }, 'aarch64'],
    ['ARM, 32 bits', { machine: 40, bits: 32 as const }, 'armv7l'],
    ['POWER, little end first', { machine: 21 }, 'ppc64le'],
    ['S/390, big end first', { machine: 22, big: true }, 's390x'],
    ['PowerPC, 32 bits, big end first', { machine: 20, bits: 32 as const, big: true }, 'ppc'],
    ['RISC-V', { machine: 243 }, 'riscv64'],
    ['something new', { machine: 9999 }, 'machine-9999'],
  ])('%s', (_, kind, arch) => {
    const bytes = elf({ ...asked, ...kind, interpreter: '/lib/ld.so' });
    const bits = 'bits' in kind ? 32 : 64;
    expect(parseElf(windowOn(bytes))).toEqual({ arch, bits, interpreter: '/lib/ld.so', ...asked });
  });

  test('a static program asks for nothing', () => {
    expect(parseElf(windowOn(elf({ type: 2 })))).toMatchObject({ needed: [], versions: [], interpreter: null });
  });

  test('an object file is none of our business', () => {
    expect(parseElf(windowOn(elf({ type: 1 })))).toBeNull();
  });

  test('a dynamic segment behind the window is found', () => {
    const bytes = elf({ ...asked, gap: 100_000 });
    expect(parseElf(windowOn(bytes, 4096, 999))).toMatchObject(asked);
  });

  test('a window serves one file after another', () => {
    const window = windowOn(elf({ ...asked, gap: 100_000 }), 4096);
    const next = elf({ needed: ['libz.so.1'] });
    window.begin(next.length);
    window.add(next);
    expect(parseElf(window)).toMatchObject({ needed: ['libz.so.1'], versions: [] });
  });

  test('damage anywhere is an answer, never an exception', () => {
    const whole = elf({ ...asked, interpreter: '/lib/ld.so' });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, length) => {
        const damaged = Buffer.from(whole);
        damaged.writeUInt8(byte, at);
        parseElf(windowOn(damaged.subarray(0, length)));
      }),
    );
  });
});
