/** `wombat secret put`. */
import { Command } from 'commander';
import { resolve } from 'node:path';
import { withExamples } from '../options.ts';
import { readText } from '../read-text.ts';
import type { World } from '../world.ts';

interface PutOptions {
  readonly from: string;
}

/** The value comes from a file: an argument would be seen by everybody on the machine. */
export function secretPutCommand(world: World): Command {
  const command = new Command('put')
    .description('keep a value under a name, in place of the one there')
    .argument('<name>', 'as `wombat secret list` shows it: SCOPE secret://…')
    .requiredOption('--from <file>', 'where the value stands');
  withExamples(command, [
    ["wombat secret put 'ants secret://file/lab.key' --from lab.key", 'a value that was lost, or has changed'],
  ]);
  return command.action(async (name: string, { from }: PutOptions) => {
    const value = await readText(resolve(world.environment.workingDirectory, from));
    const client = await world.connect();
    await client.secrets.put(name, value, world.signal);
    world.terminal.print(`secret ${name} is kept`);
  });
}
