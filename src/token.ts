/** The bearer token of the API: made at the first start, kept in a 0600 file for the command line beside it. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The token in `directory`, made when there is none yet. */
export function readOrMakeToken(directory: string): string {
  const path = join(directory, 'token');
  try {
    writeFileSync(path, `wombat_${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
