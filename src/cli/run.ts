/** One run of the command line: arguments in, exit code out. Everything that goes wrong is told here and nowhere else. */
import { CommanderError } from 'commander';
import { CliFailure, exitCodeOf } from './failure.ts';
import { failureLines } from './failure-text.ts';
import { program } from './program.ts';
import type { Source } from './failure-text.ts';
import type { World } from './world.ts';

/** The surroundings of a run, less what the run itself provides. */
export type Surroundings = Omit<World, 'finish' | 'reading'>;

/** Runs one command; `argv` without the program's own name. Never throws. */
export async function run(surroundings: Surroundings, argv: readonly string[]): Promise<number> {
  let code = 0;
  let source: Source | undefined;
  const world: World = { ...surroundings, finish: (with_) => (code = with_), reading: (one) => (source = one) };
  try {
    await program(world).parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = error instanceof CommanderError ? usageFailure(error, argv) : error;
    const { width, notePaint } = world.terminal;
    if (failure !== undefined) world.terminal.note(...failureLines(failure, { width, paint: notePaint }, source));
    return exitCodeOf(failure ?? usage);
  }
}

const usage = new CliFailure('invalid', 'usage');

/** Commander's words as a failure of ours; undefined where it has shown the help instead. */
function usageFailure(error: CommanderError, argv: readonly string[]): CliFailure | undefined {
  if (error.code === 'commander.help') return undefined;
  const [sentence = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  const command = argv.filter((word) => !word.startsWith('-')).slice(0, 2);
  const known = error.code === 'commander.unknownCommand' ? command.slice(0, -1) : command;
  const hint = more.join(' ').replace(/^\((.*)\)$/, '$1');
  return new CliFailure('invalid', hint === '' ? sentence : `${sentence}. ${hint}`, {
    next: ['wombat', ...known, '--help'].join(' '),
  });
}
