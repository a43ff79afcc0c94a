/** `wombat node remsh`: the node's own shell, here. Nothing is left on the node when it is left. */
import { Command, Option } from 'commander';
import { findNode, nodeArgument } from '../find-node.ts';
import { withBlueprint, withExamples } from '../options.ts';
import { shellLanguages } from '../../model/exchange.ts';
import type { OpenShell } from '../../client/client.ts';
import type { ShellLanguage } from '../../model/exchange.ts';
import type { BlueprintOptions } from '../options.ts';
import type { World } from '../world.ts';

interface RemshOptions extends BlueprintOptions {
  readonly language?: ShellLanguage;
}

/** Lines come from the terminal or a pipe. Ctrl-C ends what is evaluated, Ctrl-D the shell; the node goes on. */
export function nodeRemshCommand(world: World): Command {
  const command = withBlueprint(new Command('remsh'), 'the blueprint that the node is of')
    .description("open a node's own shell; Ctrl-C interrupts, Ctrl-D leaves")
    .argument(...nodeArgument)
    .addOption(new Option('-l, --language <language>', 'which shell').choices(shellLanguages).default('erlang'));
  withExamples(command, [
    ['wombat node remsh colony-3', 'an Erlang shell'],
    ['wombat node remsh shop-1 -l elixir', 'IEx'],
    ["echo 'nodes().' | wombat node remsh colony-3", 'one expression'],
  ]);
  return command.action(async (reference: string, options: RemshOptions) => {
    const client = await world.connect();
    const node = await findNode(client, reference, options, world.signal);
    const { width } = world.terminal;
    const leave = new AbortController();
    const settings = { columns: Math.max(20, width), ...(options.language && { language: options.language }) };
    const shell = await client.nodes.shell(node.id, settings, leave.signal);
    await converse(world, shell).finally(() => leave.abort());
  });
}

/** Shows what the shell says, and hands it a line whenever it asks for one, until either has enough. */
async function converse({ terminal }: World, shell: OpenShell): Promise<void> {
  const person = terminal.lines(() => shell.interrupt());
  try {
    for await (const piece of shell.pieces()) {
      if (piece.kind === 'print') terminal.write(new TextEncoder().encode(piece.text));
      if (piece.kind === 'end') terminal.note(piece.why);
      if (piece.kind !== 'prompt') continue;
      const line = await person.next(piece.text);
      if (line === null) return;
      shell.type(line);
    }
  } finally {
    person.close();
  }
}
