/** The rivals of our Erlang client, made from the sources in `rivals/` in a folder of their own; each prints one JSON object. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const sources = join(import.meta.dirname, 'rivals');
const execute = promisify(execFile);

/** What a rival measured. */
export type Figures = Readonly<Record<string, number>>;

/** How a hidden BEAM node of ours reaches the nodes of a benchmark. */
export interface World {
  readonly epmdPort: number;
  readonly cookie: string;
}

/** The rivals that can be had on this machine. */
export class Rivals {
  readonly folder = mkdtempSync(join(tmpdir(), 'wombat-rivals-'));

  constructor() {
    execFileSync('erlc', ['-o', this.folder, join(sources, 'rival.erl')]);
  }

  /** The file with the term that all codecs work on. */
  async fixture(): Promise<string> {
    const file = join(this.folder, 'sample.etf');
    await execute('erl', ['-noinput', '-boot', 'no_dot_erlang', '-pa', this.folder, '-run', 'rival', 'fixture', file]);
    return file;
  }

  /** Runs a function of `rival.erl` in a BEAM, as a hidden node when a world is given. */
  async beam(words: readonly string[], world?: World): Promise<Figures> {
    const home = join(this.folder, 'home');
    mkdirSync(home, { recursive: true, mode: 0o700 });
    if (world !== undefined) writeFileSync(join(home, '.erlang.cookie'), world.cookie, { mode: 0o600 });
    const kernel = [
      '-connect_all',
      'false',
      '-kernel',
      'inet_dist_use_interface',
      '{127,0,0,1}',
      'logger_level',
      'error',
    ];
    const node =
      world === undefined ? [] : ['-hidden', '-start_epmd', 'false', '-name', 'wombat-beam@127.0.0.1', ...kernel];
    const flags = ['-noinput', '-boot', 'no_dot_erlang', ...node, '-pa', this.folder, '-run', 'rival', ...words];
    const env = { PATH: process.env['PATH'], HOME: home, ERL_EPMD_PORT: String(world?.epmdPort ?? 4369) };
    return figures((await execute('erl', flags, { env, maxBuffer: 1 << 24 })).stdout);
  }

  /** Runs the C client; undefined where there is no compiler or no `ei`. */
  async c(words: readonly string[], world?: World): Promise<Figures | undefined> {
    const program = join(this.folder, 'ei_rival');
    if (!existsSync(program) && !this.#compile(program)) return undefined;
    const env = { PATH: process.env['PATH'], ERL_EPMD_PORT: String(world?.epmdPort ?? 4369) };
    return figures((await execute(program, words, { env })).stdout);
  }

  /** Runs the Java client; undefined where there is no JDK or no Jinterface. */
  async java(words: readonly string[]): Promise<Figures | undefined> {
    try {
      const jar = join(libraryOf('jinterface'), 'priv', 'OtpErlang.jar');
      if (!existsSync(jar)) return undefined;
      return figures((await execute('java', ['-cp', jar, join(sources, 'JavaRival.java'), ...words])).stdout);
    } catch {
      return undefined;
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #compile(program: string): boolean {
    try {
      const library = libraryOf('erl_interface');
      const paths = ['-I', join(library, 'include'), '-L', join(library, 'lib')];
      execFileSync('cc', ['-O2', '-o', program, join(sources, 'ei_rival.c'), ...paths, '-lei', '-lpthread'], {
        stdio: 'pipe',
      });
      return true;
    } catch {
      return false;
    }
  }
}

function libraryOf(application: string): string {
  const text = `io:format("~s", [code:lib_dir(${application})]), halt().`;
  return execFileSync('erl', ['-noinput', '-boot', 'no_dot_erlang', '-eval', text], {
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString();
}

function figures(output: string): Figures {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Figures;
}

/** CPU time of this process, user and system, all threads, microseconds. */
export function ownCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** CPU time of another process so far, all threads, microseconds (/proc/PID/stat counts in ticks of 10 ms, schedstat in nanoseconds). */
export function cpuUs(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  let ns = 0;
  for (const task of readdirSync(tasks)) ns += Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]);
  return ns / 1000;
}

/** The middle one of several values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
