/** `wombat family scale`: another number of nodes, as the next revision of the blueprint. */
import { Command } from 'commander';
import { findFamily } from '../find-family.ts';
import { beginning, wholeNumber, withExamples, withOutput, withWait } from '../options.ts';
import { carryOut } from '../settle.ts';
import type { OutputOptions, WaitOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Exit codes as for `apply`. */
export function familyScaleCommand(world: World): Command {
  const command = withOutput(new Command('scale'))
    .description('change how many nodes a family has')
    .argument('<family>', 'FAMILY, or BLUEPRINT/FAMILY')
    .argument('<nodes>', 'how many', wholeNumber(0));
  withWait(command, 'the cluster is proven again');
  withExamples(command, [
    ['wombat family scale ants/colony 8', 'up or down, and wait for the proof'],
    ['wombat family scale colony 0 --no-wait', 'return at once'],
  ]);
  return command.action((reference: string, nodes: number, options: OutputOptions & WaitOptions) =>
    scale(world, reference, nodes, options),
  );
}

async function scale(
  world: World,
  reference: string,
  nodes: number,
  options: OutputOptions & WaitOptions,
): Promise<void> {
  const client = await world.connect();
  const { blueprint, name, wanted } = await findFamily(client, reference, world.signal);
  const adopt = () => client.families.scale({ blueprint, family: name }, nodes, beginning(world, options));
  const title = `scaling ${blueprint}/${name} from ${wanted} to ${nodes}`;
  await carryOut(world, client, { title, adopt }, options);
}
