/** `wombat family remove`: its nodes go, and the family with them, as the next revision of the blueprint. */
import { Command } from 'commander';
import { findFamily } from '../find-family.ts';
import { withExamples, withOutput, withWait, withYes } from '../options.ts';
import { revise } from '../revise.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import type { OutputOptions, WaitOptions, YesOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Exit codes as for `apply`; 3 while other families are linked to it. */
export function familyRemoveCommand(world: World): Command {
  const command = withYes(withOutput(new Command('remove')))
    .description('take a family out of its blueprint; its nodes leave and go')
    .argument('<family>', 'FAMILY, or BLUEPRINT/FAMILY');
  withWait(command, 'the cluster is proven again');
  withExamples(command, [['wombat family remove ants/scout', 'shows what goes, asks, and waits until it is gone']]);
  return command.action((reference: string, options: OutputOptions & WaitOptions & YesOptions) =>
    remove(world, reference, options),
  );
}

async function remove(
  world: World,
  reference: string,
  options: OutputOptions & WaitOptions & YesOptions,
): Promise<void> {
  const client = await world.connect();
  const { blueprint, name } = await findFamily(client, reference, world.signal);
  const change = (document: BlueprintDocument): BlueprintDocument => {
    const { [name]: _, ...families } = document.families;
    return { ...document, families };
  };
  await revise(world, client, { blueprint, cause: `family remove ${name}`, change }, options);
}
