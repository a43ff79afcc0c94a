/** `wombat family list`. */
import { Command } from 'commander';
import { ofBlueprint, withBlueprint, withExamples, withOutput } from '../options.ts';
import { showList } from '../output.ts';
import { phasesText } from '../phases-text.ts';
import type { FamilyView } from '../../model/exchange.ts';
import type { BlueprintOptions, OutputOptions } from '../options.ts';
import type { ListView } from '../output.ts';
import type { World } from '../world.ts';

/** Every node family, counted. */
export function familyListCommand(world: World): Command {
  const command = withBlueprint(withOutput(new Command('list')), 'only those of this blueprint').description(
    'the node families, counted',
  );
  withExamples(command, [['wombat family list -b ants', 'those of one blueprint']]);
  return command.action(async ({ blueprint, output }: BlueprintOptions & OutputOptions) => {
    const client = await world.connect();
    showList(world.terminal, output, await client.families.list(ofBlueprint(blueprint), world.signal).all(), listView);
  });
}

const listView: ListView<FamilyView> = {
  name: (family) => `${family.blueprint}/${family.name}`,
  empty: 'There is no family. Start with: wombat apply -f FILE',
  columns: [
    { title: 'BLUEPRINT', cell: (family) => family.blueprint },
    { title: 'FAMILY', cell: (family) => family.name },
    { title: 'RELEASE', cell: (family) => family.definition.release },
    { title: 'WANTED', cell: (family) => String(family.wanted), align: 'right' },
    {
      title: 'RUNNING',
      cell: (family) => String(family.running),
      align: 'right',
      paint: (paint, text, family) => (family.running === family.wanted ? paint.good(text) : paint.warn(text)),
    },
    { title: 'PHASES', cell: phasesText, flexible: true },
  ],
};
