/** The other processes of the benchmark: what they have used so far, and the one that plays the world. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Counted, Opened } from './fakes.ts';

const ticksPerSecond = 100;

/** CPU time of a process so far, seconds (fields 14 and 15 of /proc/PID/stat, proc(5)). */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Memory of a process that is in RAM, MiB. */
export function residentMiB(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}

/** The simulated providers, hosts and nodes, as a process of their own. */
export class Fakes {
  readonly opened: Opened;
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  private constructor(child: ChildProcess, opened: Opened, ended: Promise<never>) {
    this.#child = child;
    this.#ended = ended;
    this.opened = opened;
  }

  static async open(): Promise<Fakes> {
    const child = fork(join(import.meta.dirname, 'fakes.ts'), { stdio: 'inherit' });
    const ended = endOf(child);
    ended.catch(() => undefined);
    const [opened] = (await Promise.race([once(child, 'message'), ended])) as [Opened];
    return new Fakes(child, opened, ended);
  }

  /** What there is now. Throws when some host was asked what it does not understand. */
  async counted(): Promise<Counted> {
    const answer = once(this.#child, 'message');
    this.#child.send('count');
    const [counted] = (await Promise.race([answer, this.#ended])) as [Counted];
    if (counted.failures.length > 0) throw new Error(`a host did not understand: ${counted.failures.join('\n')}`);
    return counted;
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

async function endOf(child: ChildProcess): Promise<never> {
  await once(child, 'exit');
  throw new Error('the process of the simulated world has ended');
}
