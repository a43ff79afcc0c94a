/** `wombat node spawn`: more nodes of a family, as the next revision of its blueprint. */
import { Command } from 'commander';
import { findFamily } from '../find-family.ts';
import { beginning, wholeNumber, withExamples, withOutput, withWait } from '../options.ts';
import { carryOut } from '../settle.ts';
import type { OutputOptions, WaitOptions } from '../options.ts';
import type { World } from '../world.ts';

interface SpawnOptions extends OutputOptions, WaitOptions {
  readonly nodes: number;
}

/** Exit codes as for `apply`. */
export function nodeSpawnCommand(world: World): Command {
  const command = withOutput(new Command('spawn'))
    .description('start more nodes of a family')
    .argument('<family>', 'FAMILY, or BLUEPRINT/FAMILY')
    .option('-n, --nodes <number>', 'how many more', wholeNumber(1), 1);
  withWait(command, 'the cluster is proven again');
  withExamples(command, [
    ['wombat node spawn colony', 'one more'],
    ['wombat node spawn ants/colony -n 3 --no-wait', 'three more, and return at once'],
  ]);
  return command.action((reference: string, options: SpawnOptions) => spawn(world, reference, options));
}

async function spawn(world: World, reference: string, options: SpawnOptions): Promise<void> {
  const client = await world.connect();
  const { blueprint, name, wanted } = await findFamily(client, reference, world.signal);
  const nodes = wanted + options.nodes;
  const adopt = () => client.families.scale({ blueprint, family: name }, nodes, beginning(world, options));
  const title = `spawning ${options.nodes} of ${blueprint}/${name}`;
  await carryOut(world, client, { title, adopt }, options);
}
