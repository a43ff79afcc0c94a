import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { openLocalShell } from './process.ts';
import type { Command } from './shell.ts';

const shell = openLocalShell({ clock: systemClock });
const command = (script: string, more: Partial<Command> = {}): Command => ({
  script,
  timeoutMs: 5000,
  what: 'the test command',
  ...more,
});

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

describe('a command on this machine', () => {
  test('answers its status and both outputs', async () => {
    const finished = await shell.run(command('echo out; echo err >&2; exit 3'));
    expect(finished).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  test('that a signal ended answers 128 and its number', async () => {
    expect((await shell.run(command('kill -TERM $$'))).code).toBe(143);
  });

  test.each([
    ['bytes', Buffer.from('abc')],
    ['a stream', pieces('a', 'b', 'c')],
  ])('reads %s as its input', async (_, input) => {
    expect((await shell.run(command('cat', { input }))).stdout).toBe('abc');
  });

  test('need not read what it is given', async () => {
    const endless = (async function* () {
      for (;;) yield await Promise.resolve(Buffer.alloc(64 * 1024));
    })();
    expect((await shell.run(command('head -c 3 >/dev/null', { input: endless }))).code).toBe(0);
  });

  test('is ended when the source of its input fails, with that failure', async () => {
    const broken = (async function* () {
      yield await Promise.resolve(Buffer.from('a'));
      throw new Error('the disk is gone');
    })();
    await expect(shell.run(command('cat', { input: broken }))).rejects.toThrow('the disk is gone');
  });

  test('sees nothing of our environment', async () => {
    process.env['WOMBAT_TEST_CANARY'] = 'canary-7781';
    const { stdout } = await shell.run(command('env'));
    delete process.env['WOMBAT_TEST_CANARY'];
    expect(stdout).not.toContain('canary-7781');
    expect(stdout).toMatch(/^PATH=/m);
    expect(stdout).toMatch(/^HOME=/m);
  });

  test('keeps the end of a long output', async () => {
    const { stdout } = await shell.run(command('head -c 3000000 /dev/zero | tr "\\0" a; echo end'));
    expect(stdout.length).toBe(1024 * 1024);
    expect(stdout.endsWith('aend\n')).toBe(true);
  });

  test('that leaves something running behind ends all the same', async () => {
    const { stdout } = await shell.run(command('sleep 60 & echo $!'));
    process.kill(Number(stdout), 'SIGKILL');
    expect(Number(stdout)).toBeGreaterThan(1);
  });

  test('is ended whole at its deadline', async () => {
    const late = command('sleep 7781 & sleep 7782', { timeoutMs: 200, what: 'sleep' });
    await expect(shell.run(late)).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining('sleep') });
    const left = await shell.run(command('sleep 0.2; grep -lz "^778[12]$" /proc/[0-9]*/cmdline 2>/dev/null; true'));
    expect(left.stdout).toBe('');
  });

  test('is ended when aborted, with the reason', async () => {
    const controller = new AbortController();
    const running = shell.run(command('sleep 60'), controller.signal);
    controller.abort(new Error('no longer wanted'));
    await expect(running).rejects.toThrow('no longer wanted');
  });

  test('fails as unavailable when the shell is closed under it', async () => {
    const closing = openLocalShell({ clock: systemClock });
    const running = closing.run(command('sleep 60'));
    await closing.close();
    await expect(running).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('following', () => {
  test('yields output as it comes, until aborted', async () => {
    const controller = new AbortController();
    let seen = '';
    for await (const chunk of shell.follow(command('while :; do echo tick; sleep 0.02; done'), controller.signal)) {
      seen += Buffer.from(chunk).toString();
      if (seen.length > 20) controller.abort();
    }
    expect(seen).toMatch(/^(tick\n){4,}/);
  });

  test('ends with the command', async () => {
    let seen = '';
    const signal = new AbortController().signal;
    for await (const chunk of shell.follow(command('echo one; echo two'), signal))
      seen += Buffer.from(chunk).toString();
    expect(seen).toBe('one\ntwo\n');
  });

  test('fails with the words of a command that fails', async () => {
    const all = async () => {
      for await (const _ of shell.follow(command('echo no such log >&2; exit 1'), new AbortController().signal));
    };
    await expect(all()).rejects.toMatchObject({ code: 'unknown', detail: { words: 'no such log\n' } });
  });
});

describe('dialling', () => {
  test('reaches a port', async () => {
    const server = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const stream = await shell.dial('127.0.0.1', port);
    expect(String((await stream.toArray())[0])).toBe('hello');
    server.close();
  });

  test('a closed port is unavailable, in the words of the system', async () => {
    await expect(shell.dial('127.0.0.1', 1)).rejects.toMatchObject({
      code: 'unavailable',
      detail: { words: expect.stringContaining('ECONNREFUSED') },
    });
  });
});
