import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, test } from 'vitest';
import { stripArguments, stripFileProgram } from './vm-args.ts';

describe('arguments', () => {
  test.each([
    [['+K', 'true'], ['+K', 'true'], []],
    [['-name', 'a@b', '+K', 'true'], ['+K', 'true'], ['-name']],
    [['-setcookie', 'node', 'cookie', '-ants', 'x'], ['-ants', 'x'], ['-setcookie']],
    [['-heart', '-sname', 'x', '-detached'], [], ['-heart', '-sname', '-detached']],
    [['-name_of_mine', 'x'], ['-name_of_mine', 'x'], []],
  ])('%j', (list, kept, taken) => {
    expect(stripArguments(list)).toEqual({ kept, taken });
  });
});

describe('a vm.args file', () => {
  const folder = mkdtempSync(`${tmpdir()}/wombat-vm-args-`);
  afterAll(() => rmSync(folder, { recursive: true }));

  function strip(text: string, flags: readonly string[] = [], env: Record<string, string> = {}) {
    writeFileSync(`${folder}/in`, text);
    const variables = ['-v', `out=${folder}/out`, ...flags.flatMap((flag) => ['-v', flag])];
    const said = execFileSync('awk', [...variables, stripFileProgram, `${folder}/in`], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', ...env },
    });
    return { kept: readFileSync(`${folder}/out`, 'utf8'), said };
  }

  test('loses our flags with their values, over lines, and its comments', () => {
    const { kept, said } = strip(
      '## a name\n-name ants@10.0.0.1\n  # one more\n-setcookie\n  canary-331\n+K true +A 5\n-heart\n',
    );
    expect(kept).toBe('+K true +A 5\n');
    expect(said).toBe('stripped=-name\nstripped=-setcookie\nstripped=-heart\n');
  });

  test('keeps the rest of a line', () => {
    expect(strip('+P 100 -sname x -ants debug true\n').kept).toBe('+P 100 -ants debug true\n');
  });

  test('keeps lines as they are written where nothing is taken', () => {
    expect(strip('-env TITLE "two  words"\n').kept).toBe('-env TITLE "two  words"\n');
  });

  test('without anything left is an empty file', () => {
    expect(strip('-name x@y\n').kept).toBe('');
    expect(strip('').kept).toBe('');
  });

  test('that is a template is filled from the environment', () => {
    const { kept } = strip('+P ${LIMIT} ${MORE:-+K true}${NOTHING}\n', ['template=1'], { LIMIT: '7' });
    expect(kept).toBe('+P 7 +K true\n');
  });

  test('that is none is not', () => {
    expect(strip('-ants home ${HOME}\n').kept).toBe('-ants home ${HOME}\n');
  });

  test('a configuration template loses nothing', () => {
    const { kept } = strip('%% -name\n[{ants, [{port, ${PORT}}]}].\n# x\n', ['plain=1', 'template=1'], { PORT: '1' });
    expect(kept).toBe('%% -name\n[{ants, [{port, 1}]}].\n# x\n');
  });
});
