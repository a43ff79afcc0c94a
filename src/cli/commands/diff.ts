/** `wombat diff`: how a blueprint file differs from the revision in force. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { readBlueprintFile } from '../blueprint-file.ts';
import { differenceLines, differences } from '../document-diff.ts';
import { orUndefined } from '../failure.ts';
import { withExamples, withFile, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { digestOf } from '../release-upload.ts';
import { outPage } from '../world.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import type { ReleaseReference } from '../../model/release.ts';
import type { BlueprintFile } from '../blueprint-file.ts';
import type { FileOptions, OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Sends nothing: compares the document, with the digests of its release files, to the stored one. */
export function diffCommand(world: World): Command {
  const command = withOutput(withFile(new Command('diff')))
    .summary('what differs from the revision in force')
    .description('compare a blueprint to the revision in force; exit 2 when they differ');
  withExamples(command, [
    ['wombat diff -f ants.yaml', 'what was edited since the last apply'],
    ['wombat diff -f ants.yaml -o json', 'the same for a program'],
  ]);
  return command.action(async ({ file, output }: FileOptions & OutputOptions) => {
    const blueprint = await readBlueprintFile(world, file);
    const client = await world.connect();
    const { name } = blueprint.document;
    const stored = await orUndefined(client.blueprints.show(name, world.signal));
    const found = differences(stored?.document, await withDigests(blueprint));
    const heading = stored === undefined ? 'not applied yet' : `revision ${stored.head.revision}`;
    showObject(world.terminal, output, found, {
      name,
      lines: () => differenceLines({ name, heading }, found, outPage(world)),
    });
    if (found.length > 0) world.finish(2);
  });
}

async function withDigests({ document, folder }: BlueprintFile): Promise<BlueprintDocument> {
  const releases: Record<string, ReleaseReference> = {};
  for (const [name, reference] of Object.entries(document.releases)) {
    const isFile = 'file' in reference && reference.digest === undefined;
    releases[name] = isFile ? { ...reference, digest: await digestOf(resolve(folder, reference.file)) } : reference;
  }
  return { ...document, releases };
}
