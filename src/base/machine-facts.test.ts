import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { machineFactsScript, parseMachineFacts } from './machine-facts.ts';

const answer = `os=linux
arch=aarch64
hostname=host-1
cores=4
memory=2147483648
disk=1073741824
libc=glibc 2.36
lib=libc.so.6
lib=libtinfo.so.6
addr=127.0.0.1/8
addr=fe80::1/64
port=0100007F:1F90
port=00000000000000000000000000000000:0016
port=00000000:0016
boot=b
systemd=no
clock=1777636800
`;

describe('the answer of a machine', () => {
  test('is read', () => {
    expect(parseMachineFacts(answer)).toEqual({
      os: 'linux',
      arch: 'aarch64',
      hostname: 'host-1',
      cores: 4,
      memoryBytes: 2 ** 31,
      diskFreeBytes: 2 ** 30,
      libc: { kind: 'glibc', version: '2.36' },
      libraries: ['libc.so.6', 'libtinfo.so.6'],
      addresses: [
        { address: '127.0.0.1', prefix: 8 },
        { address: 'fe80::1', prefix: 64 },
      ],
      listening: [8080, 22],
      bootId: 'b',
      systemd: false,
      clockSeconds: 1_777_636_800,
    });
  });

  test('that lacks something is refused with what it said', () => {
    const without = answer.replace(/^memory=.*$/m, '');
    expect(() => parseMachineFacts(without)).toThrow('did not say its memory');
  });
});

test.runIf(process.platform === 'linux').each(['/tmp', '/tmp/not there/yet', '~/.wombat'])(
  'this machine, asked about %s, answers',
  (directory) => {
    const script = machineFactsScript(directory);
    const env = { PATH: '/usr/bin:/bin', HOME: '/root' };
    const facts = parseMachineFacts(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env }));
    expect(facts.hostname).toBe(hostname());
    expect(facts.cores).toBeGreaterThanOrEqual(availableParallelism());
    expect(facts.diskFreeBytes).toBeGreaterThan(0);
    expect(facts.bootId).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  },
);
