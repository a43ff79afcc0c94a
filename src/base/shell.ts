/**
 * Shell: a place where commands can be run, near or far. Two things carry it: `process.ts` on this machine and
 * `ssh.ts` on another. What is run is data (a script and its input), so that the builders of commands are pure.
 */
import type { Duplex } from 'node:stream';

/**
 * A POSIX `sh` script and what it reads. The script is visible in the other machine's process list: secrets travel in
 * `input` only (I8).
 */
export interface Command {
  readonly script: string;
  /** bytes for the script's standard input; none when absent */
  readonly input?: Uint8Array | AsyncIterable<Uint8Array>;
  /** how long it may take before it is ended, milliseconds */
  readonly timeoutMs: number;
  /**
   * whether it may run in a shell that has run others: its input is text, and nothing that it leaves running writes to its
   * outputs. Saves a process of ours where the shell can
   */
  readonly shared?: true;
  /** what the command does, for errors: `start node ants-1` */
  readonly what: string;
}

/** What a finished command left. Output over 1 MiB is cut at its front. */
export interface Finished {
  /** the exit status; 128 + signal number where a signal ended it */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A place where commands run. */
export interface Shell {
  /** where this is, for people: `this machine`, `erl@10.78.0.11` */
  readonly where: string;
  /** Runs a command to its end. A status other than 0 is an answer, not an error. Faults: unavailable, denied, timeout. */
  run(command: Command, signal?: AbortSignal): Promise<Finished>;
  /** Runs a command and yields its standard output as it comes, until it ends or the signal aborts it. */
  follow(command: Command, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** A byte stream to a TCP port as seen from there. Faults: unavailable, timeout. */
  dial(host: string, port: number, signal?: AbortSignal): Promise<Duplex>;
  /** Ends what the shell holds open. Commands under way fail with `unavailable`. */
  close(): Promise<void>;
}
