/** What every command is handed: where to write, what time it is, how to reach the control plane, when to let go. */
import type { Clock } from '../base/clock.ts';
import type { Client } from '../client/client.ts';
import type { Environment } from './environment.ts';
import type { Page, Source } from './failure-text.ts';
import type { Terminal } from './terminal.ts';

/** The surroundings of one run of the command line. */
export interface World {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly environment: Environment;
  /** aborted when the person presses Ctrl-C */
  readonly signal: AbortSignal;
  /** Finds the control plane and makes sure that it answers. CliFailure unavailable (exit 9) when none does. */
  connect(): Promise<Client>;
  /** Ends the command with another code than 0, without a failure: `plan` found changes. */
  finish(code: number): void;
  /** Remembers the input in hand, so that faults found on the server can show its lines. */
  reading(source: Source): void;
}

/** Standard output as a page for text. */
export function outPage({ terminal }: World): Page {
  return { width: terminal.width, paint: terminal.paint };
}

/** Standard error as a page for text. */
export function notePage({ terminal }: World): Page {
  return { width: terminal.width, paint: terminal.notePaint };
}
