import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quote, quotePath } from './quote.ts';

test('any text is one word that the shell reads back as it was', () => {
  const texts = fc.sample(
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
    100,
  );
  const words = texts.map(quote).join(' ');
  const read = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8' });
  expect(read.split('\0').slice(0, -1)).toEqual(texts.map((text) => Buffer.from(text).toString()));
});

test.each([
  ['~/.wombat', '"$HOME"/\'.wombat\''],
  ['~', '"$HOME"'],
  ['/var/lib/a b', "'/var/lib/a b'"],
  ['~other/x', "'~other/x'"],
])('the path %s is the word %s', (path, word) => {
  expect(quotePath(path)).toBe(word);
});
