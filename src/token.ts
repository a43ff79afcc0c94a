/** The first token of the API: made at the first start, kept in a 0600 file for the command line beside it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newTokenValue } from './api/api.ts';

/** The token in `directory`, made when there is none yet. */
export function readOrMakeToken(directory: string): string {
  const path = join(directory, 'token');
  try {
    writeFileSync(path, `${newTokenValue()}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
