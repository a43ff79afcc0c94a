/** `wombat node exec`: a command beside a node, on its host. */
import { Command } from 'commander';
import { quote } from '../../base/quote.ts';
import { findNode, nodeArgument } from '../find-node.ts';
import { withBlueprint, withExamples } from '../options.ts';
import type { BlueprintOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Prints what it wrote and ends with its status. */
export function nodeExecCommand(world: World): Command {
  const command = withBlueprint(new Command('exec'), 'the blueprint that the node is of')
    .description("run a command in a node's folder on its host, with its release's environment")
    .argument(...nodeArgument)
    .argument('<command...>', 'what to run; behind -- where it has options of its own');
  withExamples(command, [
    ['wombat node exec colony-3 -- ls -l', 'what lies in its folder'],
    ["wombat node exec colony-3 'du -sh . && uptime'", 'a line of shell'],
  ]);
  return command.action(async (reference: string, words: string[], options: BlueprintOptions) => {
    const client = await world.connect();
    const node = await findNode(client, reference, options, world.signal);
    const line = words.length === 1 ? (words[0] ?? '') : words.map(quoted).join(' ');
    const { code, output } = await client.nodes.execute(node.id, line, world.signal);
    world.terminal.write(new TextEncoder().encode(output));
    if (code !== 0) world.finish(code);
  });
}

/** One word for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : quote(word);
}
