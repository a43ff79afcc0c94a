/**
 * Real Erlang nodes on the loopback interface, with their own epmd, HOME and cookie, for tests that need the real peer.
 * They load all modules when they start (`-mode embedded`), as a release does, and end with the test that started them.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './sockets.ts';

/** What a node says of itself on its standard output: nobody has to connect to it for that. */
export interface Inside {
  readonly processes: number;
  readonly modules: number;
  readonly atoms: number;
  readonly visible: readonly string[];
  readonly hidden: readonly string[];
}

/** One running Erlang node. */
export interface RealNode {
  readonly name: string;
  /** its distribution port on 127.0.0.1 */
  readonly port: number;
  readonly pid: number;
  inside(): Promise<Inside>;
  /** SIGKILL; resolves when it is gone */
  kill(): Promise<void>;
}

/** What may differ about a node. */
export interface RealNodeOptions {
  readonly cookie?: string;
  readonly flags?: readonly string[];
  /** `interactive` loads a module when it is first called, and finds all of OTP */
  readonly mode?: 'embedded' | 'interactive';
}

/** Nodes of one test, and the epmd that they share. */
export interface RealNodes {
  readonly cookie: string;
  readonly epmdPort: number;
  start(name: string, options?: RealNodeOptions): Promise<RealNode>;
  stop(): Promise<void>;
}

type Process = ChildProcessByStdio<Writable, Readable, Readable>;

const report = `
  io:format("~s~n", [lists:join(" ", [io_lib:format("~w", [X]) || X <- [erlang:system_info(process_count),
    length(code:all_loaded()), erlang:system_info(atom_count)]] ++ [["v=", lists:join(",", [atom_to_list(N) || N <- nodes(visible)])],
    ["h=", lists:join(",", [atom_to_list(N) || N <- nodes(hidden)])]])])`;
// in a process of its own: a node has not booted before its `-eval` has returned
const loop = `Loop = fun Loop() -> case io:get_line("") of eof -> halt(); _ -> ${report}, Loop() end end, spawn(fun() -> Loop() end).`;

/** Starts an epmd on a port of its own; nodes follow with `start`. */
export async function realNodes(cookie = `kit-${process.pid}`): Promise<RealNodes> {
  const root = mkdtempSync(join(tmpdir(), 'wombat-real-'));
  const epmdPort = await freePort();
  const epmd = spawn('epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], { stdio: 'ignore' });
  await listening(epmdPort);
  const running: Process[] = [];
  return {
    cookie,
    epmdPort,
    async start(name, options = {}) {
      const home = join(root, name);
      giveHome(home, options.cookie ?? cookie);
      const port = await freePort();
      const flags = [
        '-mode',
        options.mode ?? 'embedded',
        ...nodeFlags(name, port),
        ...(options.flags ?? []),
        '-eval',
        loop,
      ];
      const env = { PATH: process.env['PATH'], HOME: home, ERL_EPMD_PORT: String(epmdPort), ERL_CRASH_DUMP_BYTES: '0' };
      const child = spawn('erl', flags, { env, stdio: ['pipe', 'pipe', 'pipe'] });
      running.push(child);
      return started(child, name, port);
    },
    async stop() {
      await Promise.all(running.map(ended));
      epmd.kill('SIGKILL');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function giveHome(home: string, cookie: string): void {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home);
  writeFileSync(join(home, '.erlang.cookie'), cookie);
  chmodSync(join(home, '.erlang.cookie'), 0o400);
}

function nodeFlags(name: string, port: number): string[] {
  const range = ['inet_dist_listen_min', String(port), 'inet_dist_listen_max', String(port)];
  const kernel = ['-kernel', 'inet_dist_use_interface', '{127,0,0,1}', ...range, 'logger_level', 'error'];
  return ['-noshell', '-start_epmd', 'false', '-name', name, ...kernel, '+S', '1', '+sbwt', 'none'];
}

async function started(child: Process, name: string, port: number): Promise<RealNode> {
  const lines = createInterface({ input: child.stdout });
  let words = '';
  child.stderr.on('data', (bytes: Buffer) => (words += bytes.toString()));
  const gone = once(child, 'exit').then(() => Promise.reject(new Error(`${name} has ended: ${words}`)));
  gone.catch(() => undefined);
  const inside = async (): Promise<Inside> => {
    child.stdin.write('report\n');
    const [line] = (await Promise.race([once(lines, 'line'), gone])) as [string];
    return readReport(line);
  };
  await inside();
  return { name, port, pid: child.pid ?? 0, inside, kill: () => ended(child) };
}

function readReport(line: string): Inside {
  const [processes, modules, atoms, visible = '', hidden = ''] = line.split(' ');
  const names = (text: string) => text.slice(2).split(',').filter((name) => name !== ''); // prettier-ignore
  return {
    processes: Number(processes),
    modules: Number(modules),
    atoms: Number(atoms),
    visible: names(visible),
    hidden: names(hidden),
  };
}

async function ended(child: Process): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1');
    const [up] = await Promise.race([once(socket, 'connect').then(() => [true]), once(socket, 'error').then(() => [false])]).catch(() => [false]); // prettier-ignore
    socket.destroy();
    if (up === true) return;
    await wait(50);
  }
  throw new Error(`nothing listens on port ${port}`);
}
