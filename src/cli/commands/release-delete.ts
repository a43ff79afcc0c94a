/** `wombat release delete`. */
import { Command } from 'commander';
import { confirmed } from '../apply-blueprint.ts';
import { withExamples, withYes } from '../options.ts';
import type { YesOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Refused by the control plane while a blueprint uses it. */
export function releaseDeleteCommand(world: World): Command {
  const command = withYes(new Command('delete'))
    .description('delete a release that no blueprint uses')
    .argument('<release>', 'a digest, or name@version');
  withExamples(command, [['wombat release delete ants@1.0.0 -y', 'without asking']]);
  return command.action(async (reference: string, { yes }: YesOptions) => {
    const client = await world.connect();
    const release = await client.releases.show(reference, world.signal);
    if (!(await confirmed(world, `Delete ${release.name} ${release.version}?`, yes === true))) {
      world.terminal.note('Nothing was changed.');
      return;
    }
    await client.releases.remove(release.digest, world.signal);
    world.terminal.print(`release ${release.name} ${release.version} is deleted`);
  });
}
