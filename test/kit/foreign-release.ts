/** The ants as if built for another machine: the same archive with the machine field of every ELF file changed to aarch64. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { antsArchive } from './deployment.ts';

const run = promisify(execFile);
/** e_machine of ELF, at byte 18, little endian */
const aarch64 = 183;

/** Makes the archive below `folder`; answers its path. */
export async function foreignRelease(folder: string): Promise<string> {
  const tree = join(folder, 'foreign');
  mkdirSync(tree, { recursive: true });
  await run('tar', ['xzf', await antsArchive(), '-C', tree]);
  for (const name of readdirSync(tree, { recursive: true, encoding: 'utf8' })) makeForeign(join(tree, name));
  const archive = join(folder, 'foreign.tar.gz');
  await run('tar', ['czf', archive, '-C', tree, ...readdirSync(tree)]);
  return archive;
}

function makeForeign(path: string): void {
  if (!statSync(path).isFile()) return;
  const bytes = readFileSync(path);
  if (bytes.subarray(0, 4).toString('latin1') !== '\x7fELF') return;
  bytes.writeUInt16LE(aarch64, 18);
  writeFileSync(path, bytes);
}
