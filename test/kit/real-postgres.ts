/**
 * A PostgreSQL server of the test's own: a new cluster on a loopback port, run by the package's own account where we are
 * root (the server refuses to run as root), ended with the test.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './sockets.ts';

/** One server. */
export interface RealPostgres {
  /** the address of a new, empty database */
  newDatabase(): string;
  /** Makes a database of ours empty again: quicker than a new one. */
  empty(url: string): string;
  /** Runs statements in the database of that address; gives what it prints. */
  run(url: string, text: string): string;
  /** SIGKILL to the server and all that belongs to it. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const programs = '/usr/lib/postgresql';

/** Why no server can be had here; null when one can. */
export function noPostgres(): string | null {
  return bin() === undefined ? 'PostgreSQL is not installed: apt-get install postgresql' : null;
}

function bin(): string | undefined {
  if (!existsSync(programs)) return undefined;
  const [newest] = readdirSync(programs).sort((a, b) => Number(b) - Number(a));
  return newest === undefined ? undefined : join(programs, newest, 'bin');
}

/** Makes a server and starts it. */
export async function realPostgres(): Promise<RealPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'wombat-postgres-'));
  const [port, programsHere] = [await freePort(), bin() ?? ''];
  const isRoot = process.getuid?.() === 0;
  if (isRoot) execFileSync('chown', ['postgres', folder]);
  chmodSync(folder, 0o700);
  const as = (program: string, args: readonly string[]): [string, string[]] => {
    const path = join(programsHere, program);
    return isRoot
      ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', path, ...args]]
      : [path, [...args]];
  };
  const data = join(folder, 'data');
  const quiet = { stdio: 'pipe', cwd: folder } as const;
  execFileSync(...as('initdb', ['-D', data, '-A', 'trust', '-U', 'wombat', '--no-locale', '-E', 'UTF8']), quiet);
  let server: ChildProcess | undefined;
  let databases = 0;
  const run = (url: string, text: string): string =>
    execFileSync(join(programsHere, 'psql'), ['-At', '-v', 'ON_ERROR_STOP=1', '-c', text, url], {
      ...quiet,
      encoding: 'utf8',
    });
  const url = (name: string): string => `postgres://wombat@127.0.0.1:${port}/${name}`;
  const postgres: RealPostgres = {
    newDatabase() {
      const name = `store${++databases}`;
      run(url('postgres'), `CREATE DATABASE ${name}`);
      return url(name);
    },
    empty(address) {
      run(address, 'DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS graphile_worker CASCADE; CREATE SCHEMA public');
      return address;
    },
    run,
    async kill() {
      const ended = server === undefined ? undefined : once(server, 'exit');
      server?.kill('SIGKILL');
      await ended;
      server = undefined;
    },
    async start() {
      const settings = [
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        `port=${port}`,
        '-c',
        `unix_socket_directories=${folder}`,
      ];
      server = spawn(...as('postgres', ['-D', data, ...settings]), { stdio: 'ignore', cwd: folder });
      await answers(() => run(url('postgres'), 'SELECT 1'));
    },
    async stop() {
      const ended = server === undefined ? undefined : once(server, 'exit');
      server?.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await postgres.start();
  return postgres;
}

async function answers(ask: () => unknown): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      ask();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await wait(100);
    }
  }
}
