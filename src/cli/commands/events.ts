/** `wombat events`: what happened, and with `--follow` what happens. */
import { Command } from 'commander';
import { eventLine } from '../event-text.ts';
import { Interrupted } from '../failure.ts';
import { newest } from '../newest.ts';
import { ofBlueprint, wholeNumber, withBlueprint, withExamples, withOutput } from '../options.ts';
import { isForPeople, showData } from '../output.ts';
import { lastEvent } from '../settle.ts';
import type { Event } from '../../model/event.ts';
import type { BlueprintOptions, OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

interface EventsOptions extends OutputOptions, BlueprintOptions {
  readonly follow?: true;
  readonly limit: number;
}

/** The newest events, oldest of them first. */
export function eventsCommand(world: World): Command {
  const command = withBlueprint(withOutput(new Command('events')), 'only those of this blueprint')
    .description('what happened')
    .option('--follow', 'stay, and show what happens')
    .option('-n, --limit <number>', 'how many of the past', wholeNumber(0), 50);
  withExamples(command, [
    ['wombat events -b ants', 'the last 50 of one blueprint'],
    ['wombat events --follow -n 0 -o ndjson', 'from now on, one JSON line an event'],
  ]);
  return command.action((options: EventsOptions) => events(world, options));
}

async function events(world: World, { blueprint, follow, limit, output }: EventsOptions): Promise<void> {
  const client = await world.connect();
  const selector = ofBlueprint(blueprint);
  const last = await lastEvent(client, world.signal);
  const past = await newest(client.events.list(selector, world.signal), limit);
  if (!follow && (output === 'json' || output === 'yaml')) {
    showData(world.terminal, output, past);
    return;
  }
  for (const event of past) show(world, event, output);
  if (!follow) return;
  try {
    for await (const event of client.events.follow(
      { ...selector, after: Math.max(last, past.at(-1)?.sequence ?? 0) },
      world.signal,
    ))
      show(world, event, output);
  } catch (error) {
    throw world.signal.aborted ? new Interrupted('stopped watching') : error;
  }
}

function show({ terminal }: World, event: Event, output: OutputOptions['output']): void {
  if (output === 'name') {
    terminal.print(String(event.sequence));
    return;
  }
  if (!isForPeople(output)) {
    showData(terminal, 'ndjson', event);
    return;
  }
  const width = output === 'wide' ? Number.POSITIVE_INFINITY : terminal.tableWidth;
  terminal.print(eventLine(event, { paint: terminal.paint, width }));
}
