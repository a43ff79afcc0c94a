/** Reads what a person put into a file. */
import { readFile } from 'node:fs/promises';
import { CliFailure } from './failure.ts';
import type { FailureDetail } from './failure.ts';

/** The text of a file. CliFailure invalid when it cannot be read: about the file itself, unless `detail` says otherwise. */
export async function readText(path: string, detail: FailureDetail = {}): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const words = error instanceof Error ? error.message : null;
    throw new CliFailure('invalid', `the file ${path} cannot be read`, { object: path, ...detail, words });
  }
}
