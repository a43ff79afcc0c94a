/**
 * An account on a host and the keys that open it: another one is let in, then the one before is shut out. The account does
 * that itself, or root's program does it for all accounts of the machine where first boot left one.
 */
import { Fault } from '../base/fault.ts';
import type { Command, Shell } from '../base/shell.ts';
import { addKey, dropKey } from './commands/authorized-keys.ts';
import type { KeyChange } from './commands/authorized-keys.ts';
import { addKeyAsRoot, dropKeyAsRoot } from './commands/first-boot.ts';

/** Faults: unavailable, denied (the key, or the file), timeout, unknown. */
export interface HostLogin {
  /** Lets another key in, under the same options as the one before. Repeatable. */
  add(change: KeyChange, signal?: AbortSignal): Promise<void>;
  /** Takes the lines of a key away; lines of others stay as they are. Repeatable. */
  drop(change: KeyChange, signal?: AbortSignal): Promise<void>;
  /** Comes in, and does nothing there. */
  enter(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Who changes the keys: the account that is entered for itself, or root's program for every account of the machine. */
export type KeyChanger = 'account' | 'program';

/** An account behind a shell. */
export function openLogin(shell: Shell, by: KeyChanger): HostLogin {
  const act = async (command: Command, signal?: AbortSignal) => {
    const { code, stderr } = await shell.run(command, signal);
    if (code !== 0) throw refusal(shell, command, stderr);
  };
  const [add, drop] = by === 'program' ? [addKeyAsRoot, dropKeyAsRoot] : [addKey, dropKey];
  return {
    add: (change, signal) => act(add(change), signal),
    drop: (change, signal) => act(drop(change), signal),
    // whatever is answered there, somebody was let in
    async enter(signal) {
      await shell.run({ script: ':', timeoutMs: 30_000, what: 'log in' }, signal);
    },
    close: () => shell.close(),
  };
}

function refusal({ where }: Shell, { what }: Command, stderr: string): Fault {
  const words = stderr.trim().slice(-1000);
  const isOlder = words.includes('wombat: no such act');
  return new Fault(/permission denied|read-only/i.test(words) ? 'denied' : 'unknown', `${what} on ${where} failed`, {
    object: `host ${where}`,
    words: isOlder ? `${words}: it was made by an earlier version, whose program there cannot do this` : words,
    next: isOlder
      ? 'delete it at its provider: another one is made in its place, with the new key'
      : 'the account must be able to write its ~/.ssh/authorized_keys',
  });
}
