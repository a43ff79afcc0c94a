/**
 * `wombat status`: one blueprint in full, or all of them in a line each. What only the former needs, the model's schemas with
 * it, is loaded then.
 */
import { Command } from 'commander';
import { withExamples, withOutput } from '../options.ts';
import { showList, showObject } from '../output.ts';
import { phasesText } from '../phases-text.ts';
import { counted } from '../text.ts';
import { outPage } from '../world.ts';
import type { Alarm } from '../../model/sweep.ts';
import type { StatusPage } from '../status-text.ts';
import type { BlueprintStatus, BriefStatus } from '../../model/exchange.ts';
import type { OutputOptions } from '../options.ts';
import type { ListView } from '../output.ts';
import type { World } from '../world.ts';

/** Problems first; nodes that are alike and well share a line. */
export function statusCommand(world: World): Command {
  const command = withOutput(new Command('status'))
    .summary('how things stand, problems first')
    .description('how things stand: problems first, then families, nodes and the proof')
    .argument('[blueprint]', 'one blueprint; all when absent');
  withExamples(command, [
    ['wombat status', 'all blueprints; in full when there is only one'],
    ['wombat status ants -o wide', 'every node on a line of its own'],
    ['wombat status ants -o json', 'the whole snapshot'],
  ]);
  return command.action(async (name: string | undefined, { output }: OutputOptions) => {
    const client = await world.connect();
    const alarms = output === 'table' || output === 'wide' ? await client.alarms.list({}, world.signal).all() : [];
    const told = alarmsOf(alarms, name);
    if (told.length > 0) {
      const { alarmLines } = await import('../sweep-text.ts');
      world.terminal.print(...alarmLines(told, pageOf(world, output === 'wide')), '');
    }
    if (name !== undefined) {
      await show(world, await client.blueprints.status(name, world.signal), output);
      return;
    }
    // programs have all that there is; a line for each blueprint needs little of it
    const isWhole = output === 'json' || output === 'yaml' || output === 'ndjson';
    const all = await (isWhole ? client.status(world.signal) : client.statusInBrief(world.signal)).all();
    const [only] = all;
    if (only !== undefined && all.length === 1 && output === 'table') {
      await show(world, await client.blueprints.status(only.head.name, world.signal), output);
      return;
    }
    showList<BriefStatus>(world.terminal, output, all, listView);
  });
}

/** Brakes that hold come before everything else: of all providers, and of the blueprint that is asked for. */
function alarmsOf(alarms: readonly Alarm[], blueprint: string | undefined): readonly Alarm[] {
  return alarms.filter(({ about, name }) => about === 'provider' || blueprint === undefined || name === blueprint);
}

function pageOf(world: World, wide: boolean): StatusPage {
  return { ...outPage(world), tableWidth: world.terminal.tableWidth, nowMs: world.clock.now(), wide };
}

async function show(world: World, status: BlueprintStatus, output: OutputOptions['output']): Promise<void> {
  const { statusLines } = await import('../status-text.ts');
  showObject(world.terminal, output, status, {
    name: status.head.name,
    lines: (wide) => statusLines(status, pageOf(world, wide)),
  });
}

const listView: ListView<BriefStatus> = {
  name: (status) => status.head.name,
  empty: 'No blueprint is applied. Start with: wombat apply -f FILE',
  columns: [
    { title: 'BLUEPRINT', cell: (status) => status.head.name },
    {
      title: 'STATE',
      cell: (status) => status.state,
      paint: (paint, text, { state }) => (state === 'converged' ? paint.good(text) : paint.warn(text)),
    },
    { title: 'REVISION', cell: (status) => String(status.head.revision), align: 'right' },
    { title: 'FAMILIES', cell: familiesText, flexible: true },
    { title: 'PROOF', cell: ({ proof }) => proof?.verdict ?? '-', flexible: true },
  ],
};

function familiesText({ families }: BriefStatus): string {
  const phases: Record<string, number> = {};
  for (const family of families)
    for (const [phase, count] of Object.entries(family.phases)) phases[phase] = (phases[phase] ?? 0) + count;
  return `${counted(families.length, 'family')}: ${phasesText({ phases }) || 'no nodes'}`;
}
