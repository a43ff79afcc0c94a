/** `wombat family show`. */
import { Command } from 'commander';
import { stringify } from 'yaml';
import { fieldLines } from '../fields.ts';
import { findFamily } from '../find-family.ts';
import { withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { phasesText } from '../phases-text.ts';
import { outPage } from '../world.ts';
import type { FamilyView } from '../../model/exchange.ts';
import type { OutputOptions } from '../options.ts';
import type { Page } from '../failure-text.ts';
import type { World } from '../world.ts';

/** One family: its numbers, and its definition as the blueprint has it. */
export function familyShowCommand(world: World): Command {
  const command = withOutput(new Command('show'))
    .description('one family and its definition')
    .argument('<family>', 'FAMILY, or BLUEPRINT/FAMILY');
  withExamples(command, [['wombat family show ants/colony', 'its counts and definition']]);
  return command.action(async (reference: string, { output }: OutputOptions) => {
    const client = await world.connect();
    const family = await findFamily(client, reference, world.signal);
    const name = `${family.blueprint}/${family.name}`;
    showObject(world.terminal, output, family, { name, lines: () => lines(family, outPage(world)) });
  });
}

function lines(family: FamilyView, page: Page): string[] {
  const fields = fieldLines(page, [
    ['family', `${family.blueprint}/${family.name}`],
    ['wanted', String(family.wanted)],
    ['running', String(family.running)],
    ['phases', phasesText(family)],
  ]);
  return [...fields, '', ...stringify(family.definition, { lineWidth: 0 }).trimEnd().split('\n')];
}
