/** `wombat node logs`: what a node wrote. */
import { Command } from 'commander';
import { Interrupted } from '../failure.ts';
import { findNode, nodeArgument } from '../find-node.ts';
import { wholeNumber, withBlueprint, withExamples } from '../options.ts';
import type { BlueprintOptions } from '../options.ts';
import type { World } from '../world.ts';

interface LogOptions extends BlueprintOptions {
  readonly lines: number;
  readonly follow?: true;
}

/** The node's own output, as it is. */
export function nodeLogsCommand(world: World): Command {
  const command = withBlueprint(new Command('logs'), 'the blueprint that the node is of')
    .description('what a node wrote')
    .argument(...nodeArgument)
    .option('-n, --lines <number>', 'how many of the last lines', wholeNumber(1), 100)
    .option('-f, --follow', 'stay, and show what it writes');
  withExamples(command, [
    ['wombat node logs colony-3', 'the last 100 lines'],
    ['wombat node logs colony-3 -n 20 -f', 'the last 20, then what comes'],
  ]);
  return command.action(async (reference: string, options: LogOptions) => {
    const client = await world.connect();
    const node = await findNode(client, reference, options, world.signal);
    if (options.follow !== true) {
      const text = await client.nodes.logs(node.id, options.lines, world.signal);
      world.terminal.write(new TextEncoder().encode(text === '' || text.endsWith('\n') ? text : `${text}\n`));
      return;
    }
    const chunks = client.nodes.followLog(node.id, options.lines, world.signal);
    for await (const chunk of chunks) world.terminal.write(chunk);
    if (world.signal.aborted) throw new Interrupted('stopped watching; the node goes on');
  });
}
