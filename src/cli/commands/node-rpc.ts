/** `wombat node rpc`: an Erlang call on a node. */
import { Command } from 'commander';
import { CliFailure } from '../failure.ts';
import { findNode, nodeArgument } from '../find-node.ts';
import { withBlueprint, withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import type { BlueprintOptions, OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Prints what it returns, as Erlang text; exit 1 when it raises. */
export function nodeRpcCommand(world: World): Command {
  const command = withOutput(withBlueprint(new Command('rpc'), 'the blueprint that the node is of'))
    .description('make an Erlang call on a node, and print what it returns')
    .argument(...nodeArgument)
    .argument('<call>', 'module:function(arguments), the arguments as Erlang literals');
  withExamples(command, [
    ["wombat node rpc colony-3 'erlang:nodes()'", 'which nodes it sees'],
    ['wombat node rpc shop-1 "\'Elixir.Shop\':total()"', 'a function of an Elixir module'],
  ]);
  return command.action(async (reference: string, text: string, options: BlueprintOptions & OutputOptions) => {
    const client = await world.connect();
    const node = await findNode(client, reference, options, world.signal);
    const answer = await client.nodes.call(node.id, text, world.signal);
    if (!answer.ok) throw new CliFailure('unknown', 'the call failed', { object: node.name, words: answer.text });
    showObject(world.terminal, options.output, answer, { name: node.name, lines: () => [answer.text] });
  });
}
