/**
 * Moto, an emulator of Amazon's APIs (https://docs.getmoto.org, Apache-2.0), as the other side of EC2 in tests. It comes from PyPI
 * into a virtual environment of its own in the user's cache folder, once for a version.
 *
 *   node lab/moto.ts [--port 5000]
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withDeadline } from '../src/base/abort.ts';
import { systemClock } from '../src/base/clock.ts';
import { Fault, wordsOf } from '../src/base/fault.ts';
import { openLocalShell } from '../src/base/process.ts';
import { quote } from '../src/base/quote.ts';

const version = '5.2.5';
const home = join(homedir(), '.cache', 'wombat', `moto-${version}`);
const program = join(home, 'bin', 'moto_server');
/** The Python of that environment: it has boto3 too, which moto is built on. */
export const motoPython = join(home, 'bin', 'python3');
const installMs = 180_000;
const startMs = 60_000;

/**
 * The program with one thing of it made quick: to tell the tags of one resource, moto looks through those of all, and it does so for
 * every instance that it describes. Asked for one resource by its id, the same code is handed the tags of that one alone.
 */
const quickTags = `
import sys
from moto.ec2.models.tags import TagBackend
from moto.server import main

whole = TagBackend.describe_tags

def describe_tags(self, filters=None):
    ids = (filters or {}).get("resource-id", [])
    if list(filters or {}) != ["resource-id"] or len(ids) != 1 or any(one in ids[0] for one in "*?["):
        return whole(self, filters)
    alone = TagBackend()
    alone.tags = {ids[0]: self.tags.get(ids[0], {})}
    return whole(alone, filters)

TagBackend.describe_tags = describe_tags
sys.exit(main())
`;

/** Whether this machine can run moto; if not, why. */
export type MotoAbility = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** A moto that listens on the loopback. */
export interface Moto {
  readonly url: string;
  stop(): Promise<void>;
}

/** Installs moto unless it is there. Says why where that cannot be. */
export async function ensureMoto(): Promise<MotoAbility> {
  if (existsSync(program)) return { ok: true };
  const shell = openLocalShell({ clock: systemClock });
  await mkdir(join(home, '..'), { recursive: true });
  // a virtual environment cannot be moved: it is made where it stays, and marked as whole by its program
  const script = [
    `rm -rf ${quote(home)}`,
    `python3 -m venv ${quote(home)}`,
    `${quote(join(home, 'bin', 'pip'))} install --quiet --disable-pip-version-check 'moto[ec2,server]==${version}'`,
  ].join(' && ');
  const finished = await shell
    .run({ script, timeoutMs: installMs, what: 'install moto' })
    .catch((error: unknown) => ({ code: 1, stderr: wordsOf(error), stdout: '' }));
  if (finished.code === 0 && existsSync(program)) return { ok: true };
  await rm(home, { recursive: true, force: true });
  const words = `${finished.stdout}${finished.stderr}`.trim().split('\n').at(-1) ?? '';
  return { ok: false, why: `moto ${version} cannot be installed from PyPI with python3 -m venv: ${words}` };
}

/** Starts moto on that port, or on a free one. It must be installed. */
export async function startMoto(port = 0): Promise<Moto> {
  const child = spawn(motoPython, ['-c', quickTags, '-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const act = () => listening(child);
  try {
    const url = await withDeadline(systemClock, { ms: startMs, what: 'moto' }, act);
    return { url, stop: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const read = (text: Buffer) => {
      said = `${said}${text.toString()}`.slice(-4_000);
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.on('error', reject);
    child.on('exit', (code) =>
      reject(new Fault('unavailable', `moto ended with ${code ?? 'a signal'}`, { words: said })),
    );
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.on('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '5000' } } });
  const able = await ensureMoto();
  if (!able.ok) throw new Fault('unavailable', able.why);
  const { url } = await startMoto(Number(values.port));
  process.stdout.write(`moto listens at ${url}\n`);
}
