/** The tree of commands, and how commander is to behave: our words, our exit codes. */
import { Command } from 'commander';
import { version } from '../base/version.ts';
import { blueprintCommands, objectCommands } from './command-table.ts';
import type { Entry, Group } from './command-table.ts';
import { withExamples } from './options.ts';
import type { Argument } from 'commander';
import type { World } from './world.ts';

const exitCodes = `
Exit codes:
  0 done, or nothing to do   1 error                  2 plan or diff: changes
  3 invalid input            4 no place satisfies     5 did not converge
  6 rolled back              7 stale plan, or locked  8 denied
  9 provider out of reach    124 not in time          130 detached by Ctrl-C

The control plane is found by WOMBAT_URL and WOMBAT_TOKEN_FILE, else in
WOMBAT_DIRECTORY (~/.local/share/wombat).`;

/**
 * The command line, with of all commands the one that the arguments name, and with all of them where they name none: for
 * help, and to say what may have been meant. Parse errors are thrown as commander's own; see run.ts.
 */
export async function program(world: World, argv: readonly string[]): Promise<Command> {
  const root = new Command('wombat')
    .description('Runs an Erlang or Elixir release as one proven cluster on any mix of clouds.')
    .version(`wombat ${version}`, '--version', 'the version of this program')
    .option('--no-color', 'no colours; NO_COLOR does the same')
    .helpCommand(false);
  const [blueprints, groups] = meant(argv);
  root.commandsGroup('Blueprints:');
  for (const [, load] of blueprints) root.addCommand((await load())(world));
  root.commandsGroup('Objects:');
  for (const one of groups) root.addCommand(await group(world, one));
  withExamples(root, [
    ['wombat up --detach', 'start the control plane'],
    ['wombat apply -f ants.yaml', 'run a cluster, and see it proven'],
    ['wombat status', 'how things stand'],
  ]).addHelpText('after', exitCodes);
  return withManners(root, world);
}

/** The commands that arguments may mean: one, those of a group, or all. */
function meant(argv: readonly string[]): readonly [readonly Entry[], readonly Group[]] {
  const [first, second] = argv.filter((word) => !word.startsWith('-'));
  const alone = blueprintCommands.filter(([name]) => name === first);
  if (alone.length > 0) return [alone, []];
  const found = objectCommands.find(({ name }) => name === first);
  if (found === undefined) return [blueprintCommands, objectCommands];
  const entries = found.entries.filter(([name]) => name === second);
  return [[], [entries.length > 0 ? { ...found, entries } : found]];
}

async function group(world: World, { name, description, entries }: Group): Promise<Command> {
  const command = new Command(name).description(description).helpCommand(false);
  for (const [, load] of entries) command.addCommand((await load())(world));
  return command.summary(command.commands.map((child) => child.name()).join(', '));
}

/** Nothing is written or ended behind our back: errors are thrown, help goes to standard output, 80 columns or more. */
function withManners(command: Command, world: World): Command {
  const { terminal } = world;
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => terminal.paint.strong(title),
      subcommandTerm: (child) => [child.name(), ...child.registeredArguments.map(argumentTerm)].join(' '),
    })
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.width,
    });
  for (const child of command.commands) withManners(child, world);
  return command;
}

function argumentTerm(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}
