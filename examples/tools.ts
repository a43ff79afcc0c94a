/** What the builds of the examples share: a copy of the sources to work in, and other people's tools with their words when they fail. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);
/** Results of earlier builds are no sources. */
const leftAside: ReadonlySet<string> = new Set(['_build', 'deps']);

/** What one build makes. */
export interface Build {
  /** where the archive is put; made when it is not there */
  readonly folder: string;
  readonly version: string;
}

/** Has `make` work in a copy of the sources, which is removed afterwards; `target` is the folder for the archive. */
export async function buildIn(
  sources: string,
  { folder, version }: Build,
  make: (work: string, target: string) => Promise<string>,
): Promise<string> {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`a version is three numbers, not ${version}`);
  const target = resolve(folder);
  await mkdir(target, { recursive: true });
  const work = await mkdtemp(join(target, 'work-'));
  try {
    await cp(sources, work, { recursive: true, filter: (path) => !leftAside.has(basename(path)) });
    return await make(work, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Runs a program; what it writes is shown when it fails. */
export async function tool(
  { program, package: debian }: { readonly program: string; readonly package: string },
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<void> {
  try {
    await run(program, args, {
      cwd,
      timeout: 300_000,
      env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', ...env },
    });
  } catch (error) {
    const failure = error as NodeJS.ErrnoException & { stdout?: string; stderr?: string };
    if (failure.code === 'ENOENT')
      throw new Error(`${program} is not installed; on Debian: apt-get install -y --no-install-recommends ${debian}`, {
        cause: error,
      });
    throw new Error(`${program}: ${failure.stdout ?? ''}${failure.stderr ?? failure.message}`, { cause: error });
  }
}

/** Folder and version from the command line. */
export function buildOptions(sources: string, usual = '1.0.0'): Build {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { version: { type: 'string', default: usual } },
  });
  return { folder: positionals[0] ?? join(sources, '_build'), version: values.version };
}
