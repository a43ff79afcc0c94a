import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSecrets, secretReferences } from './secret-references.ts';
import type { Environment } from './environment.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wombat-secrets-'));
  await writeFile(join(folder, 'lab.key'), 'the key\n');
});
afterAll(() => rm(folder, { recursive: true }));

const environment: Environment = {
  directory: '/nonexistent',
  url: undefined,
  tokenFile: undefined,
  noColor: true,
  columns: 80,
  workingDirectory: '/nonexistent',
  variable: (name) => (name === 'TOKEN' ? 'the token' : undefined),
};

test('finds each reference once, wherever it stands', () => {
  const value = { a: { key: 'secret://env/A' }, b: [{ key: 'secret://file/x' }, 'secret://env/A'], c: 'plain' };
  expect(secretReferences(value)).toEqual(['secret://env/A', 'secret://file/x']);
  expect(secretReferences(undefined)).toEqual([]);
});

test('reads files beside the blueprint word for word, and variables, under the scope’s name', async () => {
  const value = ['secret://file/lab.key', 'secret://env/TOKEN'];
  expect(await readSecrets(value, 'ants', folder, environment)).toEqual([
    { name: 'ants secret://file/lab.key', value: 'the key\n' },
    { name: 'ants secret://env/TOKEN', value: 'the token' },
  ]);
});

test('what cannot be read is named, with what to do', async () => {
  await expect(readSecrets(['secret://env/NOPE'], 'ants', folder, environment)).rejects.toThrow('NOPE is not set');
  await expect(readSecrets(['secret://file/nope'], 'ants', folder, environment)).rejects.toThrow('cannot be read');
});
