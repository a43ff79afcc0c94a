import { expect, test } from 'vitest';
import type { Command, Shell } from '../base/shell.ts';
import { openLogin } from './login.ts';

const change = { former: 'ssh-ed25519 OLD a', fresh: 'ssh-ed25519 NEW b' };

/** A shell that answers everything so; what it was asked is kept. */
function answering(code: number, stderr = ''): { readonly shell: Shell; readonly asked: Command[] } {
  const asked: Command[] = [];
  const run = (command: Command) => {
    asked.push(command);
    return Promise.resolve({ code, stdout: '', stderr });
  };
  return { shell: { where: 'wombat@10.0.0.1', run } as unknown as Shell, asked };
}

test('an account changes its own file, root’s program those of all', async () => {
  const own = answering(0);
  await openLogin(own.shell, 'account').add(change);
  await openLogin(own.shell, 'account').drop(change);
  expect(own.asked.map(({ script }) => /act='(\w+)'/.exec(script)?.[1])).toEqual(['add', 'drop']);
  const all = answering(0);
  await openLogin(all.shell, 'program').add(change);
  await openLogin(all.shell, 'program').drop(change);
  expect(all.asked.map(({ script }) => script.split(' ')[1])).toEqual(['add-login-key', 'drop-login-key']);
});

test('whatever answers, somebody was let in', async () => {
  await openLogin(answering(64, 'wombat: no such act').shell, 'program').enter();
  await openLogin(answering(1).shell, 'account').enter();
});

test.each<[string, string, object]>([
  ['a file that may not be written', 'sh: .ssh/authorized_keys: Permission denied', { code: 'denied' }],
  ['a disk that is none any more', 'mv: Read-only file system', { code: 'denied' }],
  [
    'a machine of an earlier version',
    'wombat: no such act',
    {
      code: 'unknown',
      detail: { words: expect.stringContaining('an earlier version'), next: expect.stringContaining('delete it') },
    },
  ],
  ['anything else', 'awk: not found', { code: 'unknown', detail: { words: 'awk: not found' } }],
])('%s is told', async (_, stderr, fault) => {
  await expect(openLogin(answering(1, stderr).shell, 'program').add(change)).rejects.toMatchObject(fault);
});
