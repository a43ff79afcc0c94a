/** `wombat provider remove`. */
import { Command } from 'commander';
import { confirmed } from '../apply-blueprint.ts';
import { withExamples, withYes } from '../options.ts';
import { hanging } from '../text.ts';
import { outPage } from '../world.ts';
import type { YesOptions } from '../options.ts';
import type { World } from '../world.ts';

interface RemoveOptions extends YesOptions {
  readonly forget?: true;
}

/** Refused by the control plane while machines of it are in use, unless it is to be forgotten. */
export function providerRemoveCommand(world: World): Command {
  const command = withYes(new Command('remove'))
    .description('forget a provider')
    .argument('<name>')
    .option(
      '--forget',
      'the last resort, where it is gone: also while it is in use, asking nobody; tells what may be left',
    );
  withExamples(command, [
    ['wombat provider remove lab -y', 'without asking'],
    ['wombat provider remove lab --forget', 'it is gone for good: its nodes are placed elsewhere where they may be'],
  ]);
  return command.action(async (name: string, { yes, forget }: RemoveOptions) => {
    const client = await world.connect();
    const question = forget === true ? `Forget provider ${name}, and all that is there?` : `Remove provider ${name}?`;
    if (!(await confirmed(world, question, yes === true))) return;
    const { left } = await client.providers.remove(name, world.signal, { forget: forget === true });
    world.terminal.print(`provider ${name} is removed`);
    if (left.length > 0) world.terminal.print('what may be left, and nobody looks after any more:');
    const { width } = outPage(world);
    world.terminal.print(...left.flatMap((line) => hanging('  ', line, width)));
  });
}
