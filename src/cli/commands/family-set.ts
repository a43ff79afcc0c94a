/** `wombat family set`: changes a family that runs, as the next revision of its blueprint. */
import { Command } from 'commander';
import { findFamily } from '../find-family.ts';
import { withExamples, withOutput, withWait, withYes } from '../options.ts';
import { revise } from '../revise.ts';
import { readSetting, settingsArgument, withSettings } from '../settings.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import type { OutputOptions, WaitOptions, YesOptions } from '../options.ts';
import type { Setting } from '../settings.ts';
import type { World } from '../world.ts';

/** Exit codes as for `apply`; 7 when somebody changed the blueprint meanwhile. */
export function familySetCommand(world: World): Command {
  const command = withYes(withOutput(new Command('set')))
    .summary('change a family: size, demands, bootstrap strategies, configuration')
    .description('change settings of a family, as the next revision of its blueprint')
    .argument('<family>', 'FAMILY, or BLUEPRINT/FAMILY')
    .argument(...settingsArgument);
  withWait(command, 'the cluster is proven again');
  withExamples(command, [
    ['wombat family set colony nodes=8 update.parallel=2', 'two settings at once'],
    ['wombat family set colony bootstrap.within.select=all', 'another bootstrap strategy, on a family that runs'],
    ['wombat family set ants/colony \'demands=["memory >= 1G"]\'', 'a list, as YAML'],
    ['wombat family set colony hooks.beforeStop- -y', 'take a setting out, without asking'],
  ]);
  return command.action((reference: string, settings: string[], options: OutputOptions & WaitOptions & YesOptions) =>
    set(world, reference, settings.map(readSetting), options),
  );
}

async function set(
  world: World,
  reference: string,
  settings: readonly Setting[],
  options: OutputOptions & WaitOptions & YesOptions,
): Promise<void> {
  const client = await world.connect();
  const { blueprint, name } = await findFamily(client, reference, world.signal);
  const change = (document: BlueprintDocument): BlueprintDocument => {
    const family = document.families[name];
    if (family === undefined) return document;
    return { ...document, families: { ...document.families, [name]: withSettings(family, settings) } };
  };
  const keys = settings.map(({ path }) => path.join('.')).join(' ');
  await revise(world, client, { blueprint, cause: `family set ${name} ${keys}`.slice(0, 200), change }, options);
}
