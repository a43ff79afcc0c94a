/**
 * Shell on this machine. Every command is a `/bin/sh` in a session and process group of its own, or the present script of
 * a lasting one that is, so that it can be ended whole, with a clean environment: what our own process was started with
 * must not reach a node (I8).
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { constants, homedir, userInfo } from 'node:os';
import type { Duplex, Readable, Writable } from 'node:stream';
import { withDeadline } from './abort.ts';
import type { Clock } from './clock.ts';
import { Fault } from './fault.ts';
import { LastingShell } from './lasting-shell.ts';
import { followToEnd, runToEnd } from './running.ts';
import type { Running } from './running.ts';
import type { Command, Finished, Shell } from './shell.ts';

/** Connecting within one machine is answered at once, or not at all. */
const dialMs = 10_000;

/** A Shell on this machine, as the user that we run as. */
export function openLocalShell(options: { readonly clock: Clock }): Shell {
  return new LocalShell(options.clock);
}

class LocalShell implements Shell {
  readonly where = 'this machine';
  readonly #clock: Clock;
  readonly #running = new Set<Running>();
  readonly #lasting = new Set<LastingShell>();
  readonly #idle: LastingShell[] = [];
  readonly #env = cleanEnvironment();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  run(command: Command, signal?: AbortSignal): Promise<Finished> {
    if (command.shared === true && isText(command.input)) return this.#runShared(command, command.input, signal);
    return runToEnd(this.#clock, command, () => Promise.resolve(this.#launch(command)), signal);
  }

  follow(command: Command, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return followToEnd(command, () => Promise.resolve(this.#launch(command)), signal);
  }

  async dial(host: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    const socket = connect({ host, port, noDelay: true });
    const what = `connecting to ${host}:${port}`;
    try {
      const connected = (inner: AbortSignal) => once(socket, 'connect', { signal: inner });
      await withDeadline(this.#clock, { ms: dialMs, what }, connected, signal);
      return socket;
    } catch (error) {
      socket.destroy();
      if (error instanceof Fault || signal?.aborted) throw error;
      throw new Fault('unavailable', `${what} failed`, { words: (error as Error).message, cause: error });
    }
  }

  close(): Promise<void> {
    for (const running of this.#running) running.kill();
    for (const shell of this.#lasting) shell.kill();
    return Promise.resolve();
  }

  /** In an idle shell, or a new one. One whose script was given up is ended with it. */
  #runShared(command: Command, input: Uint8Array | undefined, outer?: AbortSignal): Promise<Finished> {
    const act = async (signal: AbortSignal) => {
      const shell = this.#idleShell();
      const kill = () => shell.kill();
      signal.addEventListener('abort', kill, { once: true });
      try {
        return await shell.run(command.script, input);
      } catch (error) {
        throw new Fault('unavailable', `${command.what}: ${(error as Error).message}`, { cause: error });
      } finally {
        signal.removeEventListener('abort', kill);
        if (shell.alive) this.#idle.push(shell);
        else this.#lasting.delete(shell);
      }
    };
    return withDeadline(this.#clock, { ms: command.timeoutMs, what: command.what }, act, outer);
  }

  #idleShell(): LastingShell {
    for (let shell = this.#idle.pop(); shell !== undefined; shell = this.#idle.pop()) {
      if (shell.alive) return shell;
      this.#lasting.delete(shell);
    }
    const made = new LastingShell(this.#env);
    this.#lasting.add(made);
    return made;
  }

  #launch(command: Command): Running {
    const running = spawnScript(command, this.#env);
    this.#running.add(running);
    const forget = () => void this.#running.delete(running);
    running.ended.then(forget, forget);
    return running;
  }
}

function isText(input: Command['input']): input is Uint8Array | undefined {
  return input === undefined || input instanceof Uint8Array;
}

/** What a command finds in its environment: nothing of ours but where programs and the home directory are. */
function cleanEnvironment(): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: accountHome(),
    LANG: 'C.UTF-8',
  };
}

/** The account's own home, whatever HOME a caller was given; that one where the account is a bare number, as in some containers. */
function accountHome(): string {
  try {
    return userInfo().homedir;
  } catch {
    return homedir();
  }
}

function spawnScript(command: Command, env: Record<string, string>): Running {
  const stdin = command.input === undefined ? 'ignore' : 'pipe';
  const child = spawn('/bin/sh', ['-c', command.script], {
    env,
    cwd: '/',
    detached: true,
    stdio: [stdin, 'pipe', 'pipe'],
  }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
  let killed = false;
  const ended = new Promise<number>((resolve, reject) => {
    const cannot = (words: string) => reject(new Fault('unavailable', `${command.what}: ${words}`));
    child.once('error', (error) => cannot(`/bin/sh could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      if (killed) {
        cannot('the command was ended from our side');
        return;
      }
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  const kill = () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    killed = true;
    endGroup(child.pid);
  };
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended, kill };
}

/** Ends a process group that we made; one that is gone already is no matter. */
function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // ended by itself just now
  }
}
