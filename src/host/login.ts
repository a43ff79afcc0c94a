/** An account on a host and the keys that open it: another one is let in, then the one before is shut out. */
import { Fault } from '../base/fault.ts';
import type { Command, Shell } from '../base/shell.ts';
import { addKey, dropKey } from './commands/authorized-keys.ts';
import type { KeyChange } from './commands/authorized-keys.ts';

/** What is done as the account itself. Faults: unavailable, denied (the key, or the file), timeout, unknown. */
export interface HostLogin {
  /** Lets another key in, under the same options as the one before. Repeatable. */
  add(change: KeyChange, signal?: AbortSignal): Promise<void>;
  /** Takes the lines of a key away; lines of others stay as they are. Repeatable. */
  drop(change: KeyChange, signal?: AbortSignal): Promise<void>;
  /** Comes in, and does nothing there. */
  enter(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** An account behind a shell. */
export function openLogin(shell: Shell): HostLogin {
  const act = async (command: Command, signal?: AbortSignal) => {
    const { code, stderr } = await shell.run(command, signal);
    if (code === 0) return;
    throw new Fault(
      /permission denied|read-only/i.test(stderr) ? 'denied' : 'unknown',
      `${command.what} on ${shell.where} failed`,
      {
        object: `host ${shell.where}`,
        words: stderr.trim().slice(-1000),
        next: 'the account must be able to write its ~/.ssh/authorized_keys',
      },
    );
  };
  return {
    add: (change, signal) => act(addKey(change), signal),
    drop: (change, signal) => act(dropKey(change), signal),
    enter: (signal) => act({ script: ':', timeoutMs: 30_000, what: 'log in' }, signal),
    close: () => shell.close(),
  };
}
