/** `wombat export`: the revision in force as a blueprint file, whoever or whatever wrote it. */
import { Command } from 'commander';
import { stringify } from 'yaml';
import { onlyBlueprint } from '../only-blueprint.ts';
import { withExamples, withOutput } from '../options.ts';
import { isForPeople, showObject } from '../output.ts';
import type { BlueprintView } from '../../model/exchange.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Writes the file to standard output. Secrets stay references; releases are named by the digests of what runs. */
export function exportCommand(world: World): Command {
  const command = withOutput(new Command('export'))
    .summary('what runs, as a blueprint file')
    .description('write the revision in force as a blueprint file; secrets stay references')
    .argument('[blueprint]', 'which; may be left out when there is one');
  withExamples(command, [
    ['wombat export ants > ants.yaml', 'live to file; `wombat diff -f ants.yaml` then finds no difference'],
    ['wombat export ants -o json', 'the same as JSON'],
  ]);
  return command.action(async (name: string | undefined, { output }: OutputOptions) => {
    const client = await world.connect();
    const view = await client.blueprints.show(name ?? (await onlyBlueprint(client, world.signal)), world.signal);
    const asFile = isForPeople(output) || output === 'yaml';
    if (asFile) world.terminal.print(fileText(view));
    else showObject(world.terminal, output, view.document, { name: view.head.name, lines: () => [] });
  });
}

function fileText({ head, document, createdAt }: BlueprintView): string {
  const heading = `# ${head.name}, revision ${head.revision} of ${createdAt}, as wombat export found it`;
  return `${heading}\n${stringify(document, { lineWidth: 0 }).trimEnd()}`;
}
