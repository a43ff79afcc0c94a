import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { version } from '../base/version.ts';

/** Runs the binary as a person would, in an environment with nothing in it. */
function wombat(...argv: readonly string[]): { code: number | null; out: string; err: string } {
  const binary = join(import.meta.dirname, '..', '..', 'bin', 'wombat');
  const env = { PATH: process.env['PATH'] ?? '', WOMBAT_DIRECTORY: '/nonexistent', HOME: '/nonexistent' };
  const { status, stdout, stderr } = spawnSync(binary, argv, { env, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

describe('the binary', () => {
  test('shows its help on standard output', () => {
    const { code, out, err } = wombat('--help');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Usage: wombat [options] [command]');
  });

  test('says which version it is', () => {
    expect(wombat('--version')).toEqual({ code: 0, out: `wombat ${version}\n`, err: '' });
  });

  test('refuses a command that it does not know', () => {
    expect(wombat('statsu')).toEqual({
      code: 3,
      out: '',
      err: "error: unknown command 'statsu'. Did you mean status?\nnext:  wombat --help\n",
    });
  });

  test('says how to start a control plane where there is none', () => {
    expect(wombat('status')).toEqual({
      code: 9,
      out: '',
      err: 'error: no control plane answers at /nonexistent; start one with: wombat up\n',
    });
  });
});
