/** What the scripts of the first boot say; what they do is in first-boot.real.ts. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { addKeyAsRoot, dropKeyAsRoot, firstBootScript } from './first-boot.ts';

const preparation = { user: 'wombat', publicKey: 'ssh-ed25519 AAAA wombat', hostKey: 'HOST KEY\n' };
const script = firstBootScript(preparation);

/** Whether sh can read it; its words when not. */
function unread(text: string): string {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' });
  return status === 0 ? '' : stderr;
}

/** What the script writes into a file. */
function written(path: string): string {
  const [, text = ''] = script.split(`cat >${path} <<'END-OF-PROGRAM'\n`);
  return text.split('\nEND-OF-PROGRAM')[0] ?? '';
}

describe('the first boot', () => {
  test('is a script that sh reads, and so are the programs that it leaves', () => {
    const programs = ['root', 'change-keys'].map((name) => written(`/usr/local/lib/wombat/${name}`));
    for (const text of [script, ...programs]) expect([text.length > 100, unread(text)]).toEqual([true, '']);
  });

  test('is the same whenever it is asked for (I2), and knows one machine from another', () => {
    expect(firstBootScript(preparation)).toBe(script);
    const madeOf = (text: string) => /^made=(\w+)/m.exec(text)?.[1];
    expect(madeOf(script)).toMatch(/^[0-9a-f]{64}$/);
    expect(madeOf(firstBootScript({ ...preparation, hostKey: 'ANOTHER\n' }))).not.toBe(madeOf(script));
  });

  test('keys are handed to root’s program on standard input, in no argv', () => {
    const change = { former: 'ssh-ed25519 OLD a', fresh: 'ssh-ed25519 NEW b' };
    for (const [command, act] of [
      [addKeyAsRoot(change), 'add-login-key'],
      [dropKeyAsRoot(change), 'drop-login-key'],
    ] as const) {
      expect(command.script).toBe(`/usr/local/lib/wombat/root ${act}`);
      expect(command.input).toEqual(new TextEncoder().encode(`${change.former}\n${change.fresh}\n`));
    }
  });
});
