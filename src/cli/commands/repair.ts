/** `wombat repair`: where repairs are stopped because too much seems dead at once; has them go on when told to. */
import { Command } from 'commander';
import { confirmed } from '../apply-blueprint.ts';
import { CliFailure } from '../failure.ts';
import { withExamples, withOutput, withYes } from '../options.ts';
import { showList } from '../output.ts';
import { age } from '../quantity.ts';
import type { Alarm } from '../../model/sweep.ts';
import type { OutputOptions, YesOptions } from '../options.ts';
import type { ListView } from '../output.ts';
import type { World } from '../world.ts';

interface RepairOptions extends OutputOptions, YesOptions {
  readonly now?: true;
}

const explanation = `
Where more than half of a provider's machines (repairUpToPercent) are out of
reach at once, two of them at least and three nodes, or more than half of a
blueprint's nodes live and do not answer, it may be us who are cut off. Then
nothing is given up, ended or placed elsewhere. It goes on by itself when the
view recovers, or when a person says with --now that what seems dead is dead.`;

/** Exit 0; 1 when there is nothing to release. */
export function repairCommand(world: World): Command {
  const command = withYes(withOutput(new Command('repair')))
    .summary('where repairs are stopped because too much seems dead at once')
    .description('show where repairs are stopped because too much seems dead at once, and let them go on')
    .argument('[name]', 'a provider or blueprint')
    .option('--now', 'what seems dead is dead: repair it; asks first')
    .addHelpText('after', explanation);
  withExamples(command, [
    ['wombat repair', 'where repairs are stopped, and why'],
    ['wombat repair rack --now', 'the rack has burnt down: place its nodes elsewhere'],
  ]);
  return command.action((name: string | undefined, options: RepairOptions) => repair(world, name, options));
}

async function repair(world: World, name: string | undefined, options: RepairOptions): Promise<void> {
  const client = await world.connect();
  const all = await client.alarms.list({}, world.signal).all();
  const alarms = all.filter((alarm) => alarm.brake === 'repair' && (name === undefined || alarm.name === name));
  if (options.now !== true) {
    showList(world.terminal, options.output, alarms, listView(world.clock.now()));
    return;
  }
  const held = alarms.filter(({ releasedBy }) => releasedBy === null);
  if (held.length === 0)
    throw new CliFailure('not-found', 'repairs are not stopped', {
      object: name ?? 'repair',
      next: 'wombat status',
    });
  world.terminal.note(...held.map(({ about, name: whose, words }) => `${about} ${whose}: ${words}`));
  const question = 'Take what seems dead for dead, and repair it?';
  if (!(await confirmed(world, question, options.yes === true, 'Repairs stay stopped.'))) return;
  for (const { about, name: whose } of held) await client.alarms.releaseRepair({ about, name: whose }, world.signal);
  world.terminal.print(...held.map(({ about, name: whose }) => `repairs of ${about} ${whose} go on`));
}

function listView(nowMs: number): ListView<Alarm> {
  return {
    name: ({ name }) => name,
    empty: 'Repairs are stopped nowhere.',
    columns: [
      { title: 'OF', cell: ({ about, name }) => `${about} ${name}` },
      { title: 'STOPPED', cell: ({ since }) => age(since, nowMs) },
      { title: 'RELEASED BY', cell: ({ releasedBy }) => releasedBy ?? '-' },
      { title: 'WHY', cell: ({ words }) => words, flexible: true },
    ],
  };
}
