/** `wombat release delete`. */
import { Command } from 'commander';
import { confirmed } from '../apply-blueprint.ts';
import { fatesOf, showFates } from '../bulk.ts';
import { withExamples, withOutput, withYes } from '../options.ts';
import type { OutputOptions, YesOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Those that a blueprint uses are refused by the control plane, and keep none of the others from going. */
export function releaseDeleteCommand(world: World): Command {
  const command = withOutput(withYes(new Command('delete')))
    .description('delete releases that no blueprint uses')
    .argument('<releases...>', 'digests, or name@version');
  withExamples(command, [['wombat release delete ants@1.0.0 ants@1.1.0 -y', 'without asking']]);
  return command.action(async (references: readonly string[], { yes, output }: YesOptions & OutputOptions) => {
    const client = await world.connect();
    if (!(await confirmed(world, `Delete ${references.join(', ')}?`, yes === true))) return;
    const answer = await client.releases.removeEach(references, world.signal);
    showFates(world, output, 'release', fatesOf(answer, 'is deleted'));
  });
}
