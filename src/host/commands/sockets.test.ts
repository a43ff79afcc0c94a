import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { holderFunction, procAddress, procPort, socketsFunction } from './sockets.ts';

const run = promisify(execFile);

test.each([
  ['127.0.0.1', '0100007F'],
  ['10.78.0.11', '0B004E0A'],
  ['0.0.0.0', '00000000'],
])('%s is written %s in /proc/net/tcp', (address, written) => {
  expect(procAddress(address)).toBe(written);
});

test.each(['::1', 'host-1', '1.2.3', '1.2.3.256', ''])('%j is refused', (address) => {
  expect(() => procAddress(address)).toThrow('IPv4');
});

async function listening<T>(host: string, use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

/** What `sockets` found, in the order of its head comment. */
async function look(address: string, port: number, epmd: number): Promise<string> {
  const say = 'echo "${taken:+taken} ${epmd_any:-0}${epmd_here:-0}${epmd_loop:-0}${epmd_seen:-0}"';
  const call = `sockets ${procAddress(address)} ${procPort(port)} ${procPort(epmd)}`;
  const { stdout } = await run('/bin/sh', ['-c', `set -u\n${socketsFunction}\n${call}; ${say}`]);
  return stdout.trim();
}

describe('a port', () => {
  test('is taken by a listener on the same address, or on all', async () => {
    await listening('127.0.0.1', async (port) => expect(await look('127.0.0.1', port, 1)).toBe('taken 0000'));
    await listening('0.0.0.0', async (port) => expect(await look('127.0.0.1', port, 1)).toBe('taken 0000'));
  });

  test('is not taken by a listener on another address, unless all are wanted', async () => {
    await listening('127.0.0.2', async (port) => {
      expect(await look('127.0.0.1', port, 1)).toBe('0000');
      expect(await look('0.0.0.0', port, 1)).toBe('taken 0000');
    });
  });

  test('has a holder that can be named', async () => {
    await listening('127.0.0.1', async (port) => {
      const script = `${socketsFunction}\n${holderFunction}\nsockets 0100007F ${procPort(port)} 0001; holder "$taken"`;
      const { stdout } = await run('/bin/sh', ['-c', script]);
      expect(stdout).toMatch(new RegExp(`^pid ${process.pid} \\(.+\\)\n$`));
    });
  });
});

describe('an epmd', () => {
  test('is found by where it listens', async () => {
    await listening('127.0.0.1', async (port) => expect(await look('10.0.0.1', 1, port)).toBe('0011'));
    await listening('127.0.0.2', async (port) => expect(await look('127.0.0.2', 1, port)).toBe('0101'));
    await listening('0.0.0.0', async (port) => expect(await look('127.0.0.1', 1, port)).toBe('1001'));
    expect(await look('127.0.0.1', 1, 2)).toBe('0000');
  });
});
