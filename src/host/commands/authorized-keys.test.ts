/** The real scripts, run by the real shell over a home of the test's own. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addKey, dropKey } from './authorized-keys.ts';
import type { KeyChange } from './authorized-keys.ts';

const change: KeyChange = { former: 'ssh-ed25519 AAAAold+/= wombat', fresh: 'ssh-ed25519 AAAAnew+/= wombat' };
const other = 'ssh-ed25519 AAAAother somebody';
const restricted = 'restrict,command="/usr/local/lib/wombat/root \\"x\\""';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'wombat-keys-'));
  mkdirSync(join(home, '.ssh'));
});
afterEach(() => rmSync(home, { recursive: true }));

const file = () => join(home, '.ssh', 'authorized_keys');
const write = (...lines: string[]) => writeFileSync(file(), lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
const lines = () => readFileSync(file(), 'utf8').trimEnd().split('\n');
const run = ({ script }: { readonly script: string }) =>
  execFileSync('sh', ['-c', script], { env: { PATH: process.env['PATH'], HOME: home } });

describe('another key is let in', () => {
  const cases: readonly [string, string[], string[]][] = [
    ['beside the former one', [change.former, other], [change.former, other, change.fresh]],
    [
      'under its options',
      [`${restricted} ${change.former}`],
      [`${restricted} ${change.former}`, `${restricted} ${change.fresh}`],
    ],
    [
      'under those that count, which are the first',
      [`${restricted} ${change.former}`, change.former],
      [`${restricted} ${change.former}`, change.former, `${restricted} ${change.fresh}`],
    ],
    ['once', [change.former, change.fresh], [change.former, change.fresh]],
    [
      'where only a comment holds it',
      [change.former, `# ${change.fresh}`],
      [change.former, `# ${change.fresh}`, change.fresh],
    ],
    [
      'whatever its comment is',
      [change.former, 'ssh-ed25519 AAAAnew+/= else'],
      [change.former, 'ssh-ed25519 AAAAnew+/= else'],
    ],
    ['without options where the former one is not', [other], [other, change.fresh]],
  ];
  test.each(cases)('%s', (_name, before, after) => {
    write(...before);
    run(addKey(change));
    expect(lines()).toEqual(after);
    run(addKey(change));
    expect(lines()).toEqual(after);
  });

  test('where there was no file, for its owner only', () => {
    run(addKey(change));
    expect(lines()).toEqual([change.fresh]);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });
});

describe('a key is taken away', () => {
  test('with all of its lines; those of others and comments stay', () => {
    write(`${restricted} ${change.former}`, other, change.former, `# ${change.former}`, change.fresh);
    run(dropKey(change));
    expect(lines()).toEqual([other, `# ${change.former}`, change.fresh]);
  });

  test('also through a link, which stays one, and nothing is left beside', () => {
    const real = join(home, 'keys');
    writeFileSync(real, `${change.former}\n${change.fresh}\n`, { mode: 0o600 });
    symlinkSync(real, file());
    run(dropKey(change));
    expect(readFileSync(real, 'utf8')).toBe(`${change.fresh}\n`);
    expect(readdirSync(home).sort()).toEqual(['.ssh', 'keys']);
  });
});
