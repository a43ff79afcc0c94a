/** One run of the command line: arguments in, exit code out. Everything that goes wrong is told here and nowhere else. */
import { CommanderError } from 'commander';
import { CliFailure, exitCodeOf } from './failure.ts';
import { failureLines } from './failure-text.ts';
import { program } from './program.ts';
import type { Command } from 'commander';
import type { Source } from './failure-text.ts';
import type { World } from './world.ts';

/** The surroundings of a run, less what the run itself provides. */
export type Surroundings = Omit<World, 'finish' | 'reading'>;

/** Runs one command; `argv` without the program's own name. Never throws. */
export async function run(surroundings: Surroundings, argv: readonly string[]): Promise<number> {
  let code = 0;
  let source: Source | undefined;
  const world: World = { ...surroundings, finish: (with_) => (code = with_), reading: (one) => (source = one) };
  const tree = await program(world, argv);
  try {
    if (argv.length === 0) tree.outputHelp();
    else await tree.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = error instanceof CommanderError ? usageFailure(error, commandPath(tree, argv)) : error;
    const { width, notePaint } = world.terminal;
    world.terminal.note(...failureLines(failure, { width, paint: notePaint }, source));
    return exitCodeOf(failure);
  }
}

/** The leading words of the arguments that name a command. */
function commandPath(tree: Command, argv: readonly string[]): string[] {
  const [word, ...rest] = argv;
  const child = tree.commands.find((command) => command.name() === word);
  return word === undefined || child === undefined ? [] : [word, ...commandPath(child, rest)];
}

/** Commander's words as a failure of ours. */
function usageFailure(error: CommanderError, path: readonly string[]): CliFailure {
  const [sentence = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  const hint = more.join(' ').replace(/^\((.*)\)$/, '$1');
  const words = error.code === 'commander.help' ? 'a command is missing' : sentence;
  return new CliFailure('invalid', hint === '' ? words : `${words}. ${hint}`, {
    next: ['wombat', ...path, '--help'].join(' '),
  });
}
