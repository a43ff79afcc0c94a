/** The command line: the entry that `bin/wombat` starts, and the only place that touches the process. */
import { systemClock } from '../base/clock.ts';
import { readEnvironment } from './environment.ts';
import { findServer } from './find-server.ts';
import { run } from './run.ts';
import { openTerminal } from './terminal.ts';

/** What a person who presses Ctrl-C twice means. */
const interrupted = 130;

/** Aborted by the first Ctrl-C, so that the command can say what goes on; the second one ends us at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    controller.abort(new Error('interrupted'));
    process.once('SIGINT', () => process.exit(interrupted));
  });
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.once(name, () => controller.abort(new Error(name)));
  return controller.signal;
}

/** A reader that has gone (`wombat events | head`) is no error. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', leaveQuietly);
  const environment = readEnvironment();
  const signal = interruption();
  process.exitCode = await run(
    {
      terminal: openTerminal(environment, !argv.includes('--no-color')),
      clock: systemClock,
      environment,
      signal,
      connect: () => findServer(environment, signal),
    },
    argv,
  );
}

await main(process.argv.slice(2));
