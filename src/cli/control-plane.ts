/**
 * The control plane as a child process: started in a session of its own, so that a terminal's Ctrl-C reaches it only
 * through us, and waited for until it answers. No secret stands in its argv (I8).
 */
import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { sleep } from '../base/clock.ts';
import { forControlPlane } from './environment.ts';
import { CliFailure } from './failure.ts';
import { findServer, readEndpoint } from './find-server.ts';
import { harmless } from './text.ts';
import type { ChildProcess } from 'node:child_process';
import type { Endpoint } from '../model/endpoint.ts';
import type { World } from './world.ts';

/** How to start it. */
export interface ControlPlaneOptions {
  readonly directory: string;
  readonly host: string;
  /** 0 takes a free one */
  readonly port: number;
  /** it goes on without us, its log in a file */
  readonly detach: boolean;
  /** a PostgreSQL database instead of the embedded one */
  readonly database?: string | undefined;
}

/** A control plane that answers. */
export interface RunningControlPlane {
  readonly endpoint: Endpoint;
  /** Asks it to end. */
  readonly stop: () => void;
  readonly ended: Promise<Ending>;
}

/** How the process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

/** How long it may take to answer: it opens its store and recovers from whatever happened before. */
const startMs = 30_000;
const logFile = 'control-plane.log';

/** Starts a control plane and waits until it answers. CliFailure with the last lines of its log when it does not. */
export async function startControlPlane(world: World, options: ControlPlaneOptions): Promise<RunningControlPlane> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const child = await launch(options);
  const ended = endingOf(child);
  const stop = () => void child.kill('SIGTERM');
  try {
    const endpoint = await answers(world, options, { child, ended });
    if (options.detach) child.unref();
    return { endpoint, stop, ended };
  } catch (error) {
    stop();
    throw error;
  }
}

async function launch({ directory, host, port, detach, database }: ControlPlaneOptions): Promise<ChildProcess> {
  const main = join(import.meta.dirname, '..', `main${extname(import.meta.filename)}`);
  const log = detach ? await open(join(directory, logFile), 'a', 0o600) : undefined;
  const stdio = log === undefined ? 'inherit' : log.fd;
  const shared = database === undefined ? [] : ['--database', database];
  const place = ['--directory', directory, '--host', host, '--port', String(port)];
  const child = spawn(process.execPath, [main, ...place, ...shared], {
    detached: true,
    stdio: ['ignore', stdio, stdio],
    cwd: directory,
    env: forControlPlane(),
  });
  await log?.close();
  return child;
}

function endingOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: 1, signal: null }));
  });
}

/** Waits for the endpoint file of this very process, and for an answer there. */
async function answers(
  world: World,
  options: ControlPlaneOptions,
  { child, ended }: { readonly child: ChildProcess; readonly ended: Promise<Ending> },
): Promise<Endpoint> {
  const { directory } = options;
  const deadline = world.clock.monotonic() + startMs;
  let over: Ending | undefined;
  void ended.then((ending) => (over = ending));
  while (world.clock.monotonic() < deadline) {
    if (over !== undefined)
      throw await didNotStart(options, `it ended at once (${over.signal ?? `code ${over.code}`})`);
    const endpoint = await readEndpoint(directory);
    if (endpoint?.pid === child.pid && endpoint !== undefined && (await answersAt(world, directory, endpoint))) {
      return endpoint;
    }
    await sleep(world.clock, 50, world.signal);
  }
  throw await didNotStart(options, `it did not answer within ${startMs / 1000} s`);
}

async function answersAt(world: World, directory: string, { url }: Endpoint): Promise<boolean> {
  try {
    await findServer({ ...world.environment, directory, url, tokenFile: undefined }, world.signal);
    return true;
  } catch {
    return false;
  }
}

async function didNotStart({ directory, detach }: ControlPlaneOptions, why: string): Promise<CliFailure> {
  const log = detach ? await readFile(join(directory, logFile), 'utf8').catch(() => '') : '';
  const lines = log
    .trimEnd()
    .split('\n')
    .slice(-8)
    .filter((line) => line !== '');
  return new CliFailure('unavailable', `the control plane did not start: ${why}`, {
    object: directory,
    lines: lines.map((line) => `  | ${harmless(line)}`),
    next: detach ? `read ${join(directory, logFile)}` : 'see its words above',
  });
}
