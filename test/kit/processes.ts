/** The processes of this machine, as /proc tells them. */
import { readFileSync, readdirSync } from 'node:fs';

/** Command lines of running processes by pid, as this machine sees them. */
export function processes(): Map<number, readonly string[]> {
  const found = new Map<number, readonly string[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      found.set(Number(entry), readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0'));
    } catch {
      // it has ended
    }
  }
  return found;
}

/** The processes that run as this Erlang node out of a release below `folder`. */
export function processesOf(name: string, folder: string): number[] {
  const isIt = (args: readonly string[]) => args.includes(name) && args.some((arg) => arg.includes(folder));
  return [...processes()].filter(([, args]) => isIt(args)).map(([pid]) => pid);
}

/** The Erlang nodes that run out of releases below `folder`: their process ids by name; a name that runs twice has two. */
export function nodesBelow(folder: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [pid, args] of processes()) {
    const isOurs = args.some((arg) => arg.includes('beam.smp')) && args.some((arg) => arg.includes(folder));
    const name = args[args.indexOf('-name') + 1] ?? '?';
    if (isOurs) found.set(name, [...(found.get(name) ?? []), pid]);
  }
  return found;
}

/** SIGKILL to a process that was looked up. An error when none was found: 0 would be everybody of our own group. */
export function killFound(pid: number | undefined): void {
  if (pid === undefined || pid <= 0) throw new Error('the process that is to be killed was not found');
  process.kill(pid, 'SIGKILL');
}
