/** `wombat family create`: one family more, as the next revision of a blueprint. */
import { Command } from 'commander';
import { CliFailure } from '../failure.ts';
import { onlyBlueprint } from '../only-blueprint.ts';
import { wholeNumber, withExamples, withOutput, withWait, withYes } from '../options.ts';
import { revise } from '../revise.ts';
import { readSetting, withSettings } from '../settings.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import type { OutputOptions, WaitOptions, YesOptions } from '../options.ts';
import type { World } from '../world.ts';

interface CreateOptions extends OutputOptions, WaitOptions, YesOptions {
  readonly release: string;
  readonly nodes: number;
}

/** Exit codes as for `apply`. */
export function familyCreateCommand(world: World): Command {
  const command = withYes(withOutput(new Command('create')))
    .description('add a family to a blueprint, as its next revision')
    .argument('<family>', 'FAMILY, or BLUEPRINT/FAMILY')
    .argument('[settings...]', 'KEY=VALUE with the value as YAML')
    .requiredOption('-r, --release <name>', 'the release it runs: a name of the blueprint, or NAME@VERSION as uploaded')
    .option('-n, --nodes <number>', 'how many nodes', wholeNumber(0), 1);
  withWait(command, 'the cluster is proven again');
  withExamples(command, [
    ['wombat family create web -r shop -n 3', 'three nodes of a release that the blueprint names'],
    [
      'wombat family create ants/scout -r ants@1.0.0 \'demands=["country = SE"]\'',
      'of an uploaded release, with a demand',
    ],
    ['wombat family create web -r shop bootstrap.with.db.select=all', 'linked to another family'],
  ]);
  return command.action((reference: string, settings: string[], options: CreateOptions) =>
    create(world, reference, settings, options),
  );
}

async function create(world: World, reference: string, texts: string[], options: CreateOptions): Promise<void> {
  const settings = texts.map(readSetting);
  const client = await world.connect();
  const [name = '', blueprint = await onlyBlueprint(client, world.signal)] = reference.split('/').reverse();
  const change = (document: BlueprintDocument): BlueprintDocument => {
    if (document.families[name] !== undefined) throw taken(blueprint, name);
    const { releases, release } = withRelease(document, options.release);
    const family = withSettings({ release, nodes: options.nodes }, settings);
    return { ...document, releases, families: { ...document.families, [name]: family } };
  };
  await revise(world, client, { blueprint, cause: `family create ${name}`, change }, options);
}

function taken(blueprint: string, name: string): CliFailure {
  return new CliFailure('exists', 'there is a family of that name already', {
    object: `${blueprint}/${name}`,
    next: `wombat family set ${blueprint}/${name} KEY=VALUE`,
  });
}

/** A release by its name in the blueprint; one that is only uploaded is named there from now on. */
function withRelease(
  { releases }: BlueprintDocument,
  text: string,
): Pick<BlueprintDocument, 'releases'> & { release: string } {
  const [, name, version] = /^([^@]+)@(.+)$/.exec(text) ?? [];
  if (name === undefined || version === undefined) return { releases, release: text };
  return { releases: { ...releases, [name]: { name, version } }, release: name };
}
