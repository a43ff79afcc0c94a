/**
 * A simulated host: its files, its processes and what listens on it, under a shell that runs our scripts. Programs are those
 * of `programs.ts`, and of the release those that are started: an emulator becomes an Erlang node.
 */
import { createHash } from 'node:crypto';
import { EpmdServer } from '../../src/erlang/dist/epmd-server.ts';
import { Files, file, folder } from './files.ts';
import type { Entry } from './files.ts';
import { programs } from './programs.ts';
import { Shell } from './shell/shell.ts';
import type { Call, System, Task } from './shell/shell.ts';
import { NotUnderstood } from './shell/syntax.ts';
import { nowhere, sink, source } from './streams.ts';
import type { Stream } from './streams.ts';

/** A process that has become what it is to be. */
export interface Process extends Task {
  /** path of its program */
  executable: string;
  /** Ends it. */
  end(): void;
}

/** An emulator as it was started. */
export interface EmulatorStart {
  readonly host: SimulatedHost;
  readonly pid: number;
  readonly args: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  /** Its process has ended by itself. */
  ended(): void;
}

/** An Erlang node that lives on a host. */
export interface Emulator {
  /** short name, as epmd knows it */
  readonly name: string;
  readonly port: number;
  end(): void;
}

/** Boots an emulator; throws with the words that it would leave in its log. */
export type Boot = (start: EmulatorStart) => Emulator;

const firstPid = 300;
const memoryBytes = 8 * 2 ** 30;

/** One machine. */
export class SimulatedHost implements System {
  readonly address: string;
  readonly user = 'wombat';
  readonly bootId: string;
  readonly files: Files;
  readonly processes = new Map<number, Process>();
  readonly emulators = new Map<number, Emulator>();
  epmd: { readonly port: number; readonly addresses: readonly string[]; readonly server: EpmdServer } | null = null;
  running: Shell | null = null;
  readonly #boot: Boot;
  #lastPid = firstPid;
  #clock = 1_000;

  constructor(address: string, boot: Boot) {
    this.address = address;
    this.#boot = boot;
    this.bootId = createHash('md5')
      .update(address)
      .digest('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    this.files = new Files((path) => this.#proc(path));
    for (const path of ['/home/wombat', '/root', '/tmp', '/etc']) this.files.makeAll(path);
  }

  /** Runs what an SSH session is asked for. */
  session(line: string, input: string): { readonly code: number; readonly stdout: string; readonly stderr: string } {
    const out = { stdout: '', stderr: '' };
    const streams = new Map<number, Stream>([
      [0, input === '' ? nowhere : source(input)],
      [1, sink((text) => void (out.stdout += text))],
      [2, sink((text) => void (out.stderr += text))],
    ]);
    const environment = new Map([
      ['HOME', `/home/${this.user}`],
      ['PATH', '/usr/bin:/bin'],
    ]);
    const code = new Shell(this, this.newTask(environment, `/home/${this.user}`), streams).runText(line);
    return { code, ...out };
  }

  newTask(environment: ReadonlyMap<string, string>, at: string): Task {
    this.#lastPid += 1;
    this.#clock += 1;
    return { pid: this.#lastPid, start: this.#clock, environment, folder: at };
  }

  program(name: string, call: Call, inPlace: boolean): number {
    const known = programs[name];
    if (known !== undefined) return known(this, call, inPlace);
    if (!name.includes('/')) throw new NotUnderstood(`the program ${name} ${call.args.join(' ')}`);
    const path = call.shell.path(name);
    const entry = this.files.find(path);
    if (entry?.kind !== 'file' || (entry.mode & 0o100) === 0) {
      call.streams.get(2)?.write(`sh: ${name}: not found\n`);
      return 127;
    }
    if (name.endsWith('/erlexec')) return this.#emulate(path, call);
    if (name.endsWith('/epmd') || name.endsWith('/exe')) return this.#runEpmd(path, call);
    throw new NotUnderstood(`the program ${name}`);
  }

  /** Ends a process; false where there is none. */
  kill(pid: number): boolean {
    const process = this.processes.get(pid);
    process?.end();
    return process !== undefined;
  }

  /** What listens, in the spelling of /proc/net/tcp. */
  get listening(): { readonly address: string; readonly port: number; readonly inode: number }[] {
    const ports = [...this.emulators].map(([pid, { port }]) => ({ address: this.address, port, inode: pid }));
    const { epmd } = this;
    const others = epmd === null ? [] : epmd.addresses.map((address) => ({ address, port: epmd.port, inode: 1 }));
    return [...ports, ...others, { address: '0.0.0.0', port: 22, inode: 2 }];
  }

  get memoryBytes(): number {
    return memoryBytes;
  }

  #enter(task: Task, executable: string, end: () => void): Process {
    const process: Process = {
      ...task,
      executable,
      end: () => {
        this.processes.delete(task.pid);
        end();
      },
    };
    this.processes.set(task.pid, process);
    return process;
  }

  /** The shell's process becomes an Erlang node, which lives on. */
  #emulate(path: string, { shell, args, environment }: Call): number {
    const { pid } = shell.task;
    const executable = path.replace(/erlexec$/, 'beam.smp');
    const process = this.#enter({ ...shell.task, environment }, executable, () => {
      const emulator = this.emulators.get(pid);
      this.emulators.delete(pid);
      if (emulator !== undefined) this.epmd?.server.strike(emulator.name);
      emulator?.end();
    });
    try {
      const emulator = this.#boot({ host: this, pid, args, environment, ended: () => process.end() });
      this.emulators.set(pid, emulator);
      this.epmd?.server.enter(emulator.name, emulator.port);
      return 0;
    } catch (error) {
      shell.stream(2).write(`${String(error)}\n`);
      process.end();
      return 1;
    }
  }

  #runEpmd(path: string, { args, shell }: Call): number {
    const [, port = '', option = '', addresses = ''] = args;
    if (option === '-names') {
      if (this.epmd === null) return 1;
      const names = this.epmd.server.entries.map((one) => `name ${one.name} at port ${one.port}\n`);
      shell.stream(1).write(`epmd: up and running on port ${port} with data:\n${names.join('')}`);
      return 0;
    }
    if (args[0] !== '-port' || option !== '-address') throw new NotUnderstood(`epmd ${args.join(' ')}`);
    const listens = [...new Set([...addresses.split(','), '127.0.0.1'])];
    this.epmd = { port: Number(port), addresses: listens, server: new EpmdServer(Number(port)) };
    this.#enter(shell.task, path, () => void (this.epmd = null));
    return 0;
  }

  #proc(path: string): Entry | undefined {
    const [first = '', second = '', third = ''] = path.split('/');
    const known = this.#procFile(path);
    if (known !== undefined) return file(known);
    const { running } = this;
    const pid = first === 'self' ? (running?.task.pid ?? 0) : Number(first);
    if (second === 'fd' && pid === running?.task.pid) return running.streams.get(Number(third))?.entry ?? undefined;
    const process = this.processes.get(pid);
    const task = process ?? (pid === running?.task.pid ? running.task : undefined);
    if (second === 'stat' && task !== undefined) return file(statOf(task));
    if (process === undefined) return first === '' ? this.#procFolder() : undefined;
    if (second === 'exe') return { kind: 'link', target: process.executable };
    if (second === 'comm') return file(`${process.executable.split('/').at(-1) ?? ''}\n`);
    if (second === 'environ')
      return file([...process.environment].map(([name, value]) => `${name}=${value}\0`).join(''));
    return second === '' ? { kind: 'folder', entries: new Map([['environ', file('')]]) } : undefined;
  }

  #procFolder(): Entry {
    const all = folder();
    for (const pid of this.processes.keys()) all.entries.set(String(pid), folder());
    return all;
  }

  #procFile(path: string): string | undefined {
    switch (path) {
      case 'sys/kernel/random/boot_id':
        return `${this.bootId}\n`;
      case 'loadavg':
        return `0.10 0.10 0.10 1/${this.processes.size + 50} ${this.#lastPid}\n`;
      case '1/comm':
        return 'init\n';
      case 'meminfo':
        return `MemTotal: ${memoryBytes / 1024} kB\nMemAvailable: ${memoryBytes / 2048} kB\n`;
      default:
        return undefined;
    }
  }
}

/** As proc(5) has it: the 22nd field is the start time. */
function statOf({ pid, start }: Task): string {
  return `${pid} (program) S 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 ${start} 0 0\n`;
}
