/** The planted faults fit the code as it is; that they are caught is shown by `npm run simulate -- --mutants`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mutants } from './mutants.ts';

const root = join(import.meta.dirname, '..', '..');

it('there are sixty or more, and each applies exactly once', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(60);
  const stale = mutants.filter(({ file, from }) => readFileSync(join(root, file), 'utf8').split(from).length !== 2);
  expect(stale).toEqual([]);
});

it('no two of them are the same, and each changes something', () => {
  const texts = mutants.map(({ file, from, to }) => JSON.stringify([file, from, to]));
  expect(new Set(texts).size).toBe(texts.length);
  expect(mutants.filter(({ from, to }) => from === to)).toEqual([]);
});
