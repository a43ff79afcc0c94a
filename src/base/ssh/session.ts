/** A command on an SSH connection, as something that runs. */
import type { Client, ClientChannel } from 'ssh2';
import { constants } from 'node:os';
import { quote } from '../quote.ts';
import type { Running } from '../running.ts';
import type { Command } from '../shell.ts';
import { causeOfEnd } from './connection.ts';
import { channelFault, connectionFault } from './faults.ts';
import type { SshTarget } from './faults.ts';

/** How long after its deadline the far side ends a command by itself, seconds: ours must come first. */
const watchdogMarginS = 5;

/**
 * The line that is handed to the user's login shell, whichever that is. A command without input keeps its channel's
 * input open, because a signal can only be sent while it is (ssh2 drops it after the end of input); one with input is
 * watched by `timeout` on the far side instead.
 */
export function remoteLine(command: Command): string {
  if (command.input === undefined) return `exec sh -c ${quote(command.script)} </dev/null`;
  const seconds = Math.ceil(command.timeoutMs / 1000) + watchdogMarginS;
  const watch = `command -v timeout >/dev/null && exec timeout -s KILL ${seconds} sh -c "$1"; exec sh -c "$1"`;
  return `exec sh -c ${quote(watch)} sh ${quote(command.script)}`;
}

/** A command that was started, and the end of the channel that carries it. */
export interface Session {
  readonly running: Running;
  readonly closed: Promise<void>;
}

/**
 * Starts a command. Faults: unavailable, denied. The channel is listened to in the very call that brings it: the end of a
 * quick command comes in the same packet as the word that it has started.
 */
export async function startSession(client: Client, target: SshTarget, command: Command): Promise<Session> {
  return new Promise((resolve, reject) => {
    const answered = (error: Error | undefined, channel: ClientChannel) => {
      if (error === undefined) {
        const closed = new Promise<void>((gone) => void channel.once('close', () => gone()));
        resolve({ running: runningOn(client, channel, target, command), closed });
        return;
      }
      const cause = causeOfEnd(client);
      reject(cause === undefined ? channelFault(target, command.what, error) : connectionFault(target, cause));
    };
    try {
      client.exec(remoteLine(command), answered);
    } catch (error) {
      reject(connectionFault(target, error as Error));
    }
  });
}

/** What runs on a channel that a command was started on. */
function runningOn(client: Client, channel: ClientChannel, target: SshTarget, command: Command): Running {
  const ended = new Promise<number>((resolve, reject) => {
    channel.once('exit', (code: number | null, signal?: string) => resolve(code ?? 128 + numberOf(signal)));
    channel.once('close', () => {
      const unknown = new Error(`the connection ended before the command did (${command.what})`);
      reject(connectionFault(target, causeOfEnd(client) ?? unknown));
    });
  });
  ended.catch(() => undefined);
  const kill = () => {
    if (channel.writable) channel.signal('KILL');
    channel.close();
  };
  const stdin = command.input === undefined ? null : channel;
  return { stdin, stdout: channel, stderr: channel.stderr, ended, kill };
}

/** The number of a signal that the server named; KILL's for one that this machine does not know. */
function numberOf(signal: string | undefined): number {
  const known: Partial<Record<string, number>> = constants.signals;
  return known[signal ?? ''] ?? constants.signals.SIGKILL;
}
