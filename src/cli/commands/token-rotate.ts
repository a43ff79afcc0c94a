/** `wombat token rotate`. */
import { Command, Option } from 'commander';
import { readSeconds, withExamples, withOutput } from '../options.ts';
import { isForPeople, showObject } from '../output.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

interface RotateOptions extends OutputOptions {
  /** seconds */
  readonly grace: number;
}

/** The value goes to standard output alone, as with `token create`. */
export function tokenRotateCommand(world: World): Command {
  const command = withOutput(new Command('rotate'))
    .description('give a token another value; it is shown this once')
    .argument('<name>', 'first is the one of the token file')
    .addOption(
      new Option('--grace <duration>', 'how long the value before is still good')
        .argParser(readSeconds)
        .default(600, '10m'),
    );
  withExamples(command, [
    ['wombat token rotate ci >ci.token', 'whoever has the old value has ten minutes to change over'],
    ['wombat token rotate first --grace 0s', 'the token file itself is written anew; the old value is refused at once'],
  ]);
  return command.action((name: string, options: RotateOptions) => rotate(world, name, options));
}

async function rotate(world: World, name: string, { grace, output }: RotateOptions): Promise<void> {
  const client = await world.connect();
  const made = await client.tokens.rotate(name, { graceSeconds: grace }, world.signal);
  showObject(world.terminal, output, made, { name, lines: () => [made.value] });
  if (isForPeople(output))
    world.terminal.note(
      `token ${name} has another value; the one before is good for ${grace} s, this one is not shown again`,
    );
}
