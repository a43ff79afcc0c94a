/** A control plane as a process of its own, as users run it: to be killed, started again and asked through its API. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fewArenas } from '../../src/base/memory-arenas.ts';
import { openClient } from '../../src/client/client.ts';
import type { Client } from '../../src/client/client.ts';
import { processes } from './processes.ts';

const mainFile = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const startMs = 45_000;

/** One control plane and the folder in which it and its local nodes live. */
export class ControlPlane {
  readonly directory: string;
  #child: ChildProcess | undefined;
  #client: Client | undefined;
  #url = '';

  readonly #settings: readonly string[];
  readonly #program: string;

  /** @param settings further arguments of the control plane */
  constructor(
    directory = mkdtempSync(join(tmpdir(), 'wombat-flow-')),
    settings: readonly string[] = [],
    program = mainFile,
  ) {
    this.directory = directory;
    this.#settings = settings;
    this.#program = program;
  }

  /** Asks it. A fresh one after every start: its port is another. */
  get client(): Client {
    if (this.#client === undefined) throw new Error('the control plane has not been started');
    return this.#client;
  }

  /** Where it listens. */
  get url(): string {
    return this.#url;
  }

  get token(): string {
    return readFileSync(join(this.directory, 'token'), 'utf8').trim();
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it and waits until it listens; `variables` are added to its environment. */
  async start(nodeOptions: readonly string[] = [], variables: NodeJS.ProcessEnv = {}): Promise<this> {
    this.launch(nodeOptions, variables);
    return this.listening();
  }

  /** Starts it, and does not wait. */
  launch(nodeOptions: readonly string[] = [], variables: NodeJS.ProcessEnv = {}): void {
    const log = openSync(join(this.directory, 'control-plane.log'), 'a');
    const args = [
      ...nodeOptions,
      this.#program,
      '--directory',
      this.directory,
      '--log-level',
      'info',
      ...this.#settings,
    ];
    const child = spawn(process.execPath, args, {
      env: { ...fewArenas, ...process.env, ...variables },
      stdio: ['ignore', log, log],
    });
    this.#child = child;
  }

  /** Waits until it listens. */
  async listening(): Promise<this> {
    if (this.#child === undefined) throw new Error('the control plane has not been started');
    this.#url = await this.#listening(this.#child);
    this.#client = openClient({ url: this.#url, token: this.token });
    return this;
  }

  /** What it has logged so far. */
  get log(): string {
    return readFileSync(join(this.directory, 'control-plane.log'), 'utf8');
  }

  /** Ends it at once, as a crash would; running nodes go on. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops it as a debugger does (SIGSTOP), or lets it go on (SIGCONT). */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  /** Waits for its end; the exit code. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => child.once('exit', resolve));
    return child?.exitCode ?? null;
  }

  /** Stops it in order. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Removes its folder, and ends what a failed test left running out of it. */
  remove(): void {
    for (const [pid, args] of processes()) {
      if (pid !== process.pid && args.some((arg) => arg.includes(this.directory))) process.kill(pid, 'SIGKILL');
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async #listening(child: ChildProcess): Promise<string> {
    const until = Date.now() + startMs;
    while (Date.now() < until && child.exitCode === null) {
      try {
        const endpoint = JSON.parse(readFileSync(join(this.directory, 'endpoint.json'), 'utf8')) as {
          url: string;
          pid: number;
        };
        if (endpoint.pid === child.pid) return endpoint.url;
      } catch {
        // not written yet
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the control plane did not start:\n${this.log}`);
  }
}
