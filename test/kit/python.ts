/**
 * Python clients of other people, as witnesses that a scripted server speaks as the real one does. What pip brings lives
 * in an environment of its own in the cache folder, made once; what cannot be had is said, and the test skips with that.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A script and what it needs. */
export interface PythonRun {
  /** pip's names with versions; none where Debian's own packages do */
  readonly packages?: readonly string[];
  /** an interpreter that has them already */
  readonly python?: string;
  readonly script: string;
  readonly arguments: readonly string[];
  /** standard input: where a secret goes */
  readonly input?: string;
}

/** What came of it; `missing` says why it could not run. */
export interface PythonAnswer {
  readonly missing: string | null;
  /** 0 when the script came to its end */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'python');

/** Runs the script with Debian's Python, or with that of an environment that has these packages. */
export async function runPython({
  packages = [],
  python: given = '/usr/bin/python3',
  script,
  arguments: args,
  input = '',
}: PythonRun): Promise<PythonAnswer> {
  const nothing = { code: 1, stdout: '', stderr: '' };
  if (!existsSync(given)) return { ...nothing, missing: `there is no ${given}` };
  const python = packages.length === 0 ? given : await environmentOf(packages);
  if (typeof python !== 'string') return { ...nothing, missing: python.why };
  const ran = await execute(python, ['-c', script, ...args], input);
  const [, module] = /ModuleNotFoundError: No module named '([\w.]+)'/.exec(ran.stderr) ?? [];
  return {
    missing: module === undefined ? null : `Python has no module ${module}`,
    ...ran,
  };
}

async function environmentOf(packages: readonly string[]): Promise<string | { readonly why: string }> {
  const place = join(cache, packages.join('_').replace(/[^\w.=-]/g, '-'));
  const python = join(place, 'bin', 'python');
  if (existsSync(join(place, 'ready'))) return python;
  await rm(place, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  const made = await execute('/usr/bin/python3', ['-m', 'venv', place]);
  if (made.code !== 0) return { why: `no environment of Python can be made: ${made.stdout} ${made.stderr}` };
  const installed = await execute(python, ['-m', 'pip', 'install', '--quiet', ...packages]);
  if (installed.code !== 0) return { why: `pip brings no ${packages.join(', ')}: ${installed.stderr.slice(-300)}` };
  await mkdir(join(place, 'ready.new'));
  await rename(join(place, 'ready.new'), join(place, 'ready'));
  return python;
}

function execute(
  program: string,
  args: readonly string[],
  input = '',
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 200_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
