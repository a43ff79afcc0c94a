import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { openLocalShell } from './process.ts';
import type { Command } from './shell.ts';

const shell = openLocalShell({ clock: systemClock });
const run = (script: string, more: Partial<Command> = {}, signal?: AbortSignal) =>
  shell.run({ script, timeoutMs: 5_000, what: 'the test command', shared: true, ...more }, signal);

test('scripts one after another share a shell and nothing else', async () => {
  const [first, second] = [
    await run('echo $$; x=1; cd /tmp; set -u; umask 0'),
    await run('echo $$; echo "${x-unset} $PWD"; umask'),
  ];
  const lines = second.stdout.split('\n');
  expect(lines[0]).toBe(first.stdout.trim());
  expect(lines.slice(1)).toEqual(['unset /', '0022', '']);
});

test('answers status and both outputs, to the letter', async () => {
  expect(await run("printf 'a\\n\\nb'; printf err >&2; exit 3")).toEqual({ code: 3, stdout: 'a\n\nb', stderr: 'err' });
  expect(await run('kill -TERM $(exec sh -c "echo \\$PPID")')).toMatchObject({ code: 143 });
});

test('reads its input, whatever stands in it, and more of it than a pipe holds', async () => {
  const text = `$HOME 'x' \`y\` \\ ${'long '.repeat(40_000)}`;
  expect((await run('cat', { input: Buffer.from(text) })).stdout).toBe(`${text}\n`);
  expect((await run('cat')).stdout).toBe('');
});

test('keeps the last mebibyte of its output', async () => {
  const { stdout } = await run("head -c 5000000 /dev/zero | tr '\\0' x; echo end");
  expect(stdout.length).toBe(1024 * 1024);
  expect(stdout.endsWith('xend\n')).toBe(true);
});

test('many at once have shells of their own', async () => {
  const pids = await Promise.all(Array.from({ length: 5 }, () => run('echo $$; sleep 0.1')));
  expect(new Set(pids.map(({ stdout }) => stdout)).size).toBe(5);
});

test('one that takes too long, or is given up, is ended with all that it started', async () => {
  await expect(run('sleep 71.25', { timeoutMs: 100 })).rejects.toMatchObject({ code: 'timeout' });
  await expect(run('sleep 71.25', {}, AbortSignal.timeout(100))).rejects.toThrow();
  await expect.poll(async () => (await run("grep -lz '^71[.]25$' /proc/[0-9]*/cmdline 2>/dev/null")).stdout).toBe('');
});

test('a script that is no shell text, or that ends its shell, fails, and others go on', async () => {
  await expect(run('if (')).rejects.toMatchObject({ code: 'unavailable' });
  await expect(run('kill -KILL $$')).rejects.toMatchObject({ code: 'unavailable' });
  expect((await run('echo fine')).stdout).toBe('fine\n');
});
