/** `wombat provider remove`. */
import { Command } from 'commander';
import { confirmed } from '../apply-blueprint.ts';
import { withExamples, withYes } from '../options.ts';
import type { YesOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Refused by the control plane while machines of it are in use. */
export function providerRemoveCommand(world: World): Command {
  const command = withYes(new Command('remove')).description('forget a provider').argument('<name>');
  withExamples(command, [['wombat provider remove lab -y', 'without asking']]);
  return command.action(async (name: string, { yes }: YesOptions) => {
    const client = await world.connect();
    if (!(await confirmed(world, `Remove provider ${name}?`, yes === true))) return;
    await client.providers.remove(name, world.signal);
    world.terminal.print(`provider ${name} is removed`);
  });
}
