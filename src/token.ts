/** The first token of the API: made at the first start, kept in a 0600 file for the command line beside it. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { newTokenValue, tokenDigest } from './api/api.ts';
import type { FirstToken } from './api/api.ts';
import { tokenFile } from './model/endpoint.ts';

/** The token in `directory`, made when there is none yet. */
export function openFirstToken(directory: string): FirstToken {
  const path = join(directory, tokenFile);
  let digest = tokenDigest(readOrMake(path));
  return {
    digest: () => digest,
    replace() {
      const value = newTokenValue();
      writeWhole(path, `${value}\n`);
      digest = tokenDigest(value);
      return value;
    },
  };
}

function readOrMake(path: string): string {
  try {
    writeFileSync(path, `${newTokenValue()}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}

/** All of it or nothing, on disk when it returns: a file cut short would lock everybody out. */
function writeWhole(path: string, text: string): void {
  rmSync(`${path}.new`, { force: true });
  const file = openSync(`${path}.new`, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}
