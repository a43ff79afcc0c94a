/** `wombat provider show`. */
import { Command } from 'commander';
import { problemIn } from '../failure.ts';
import { fieldLines } from '../fields.ts';
import { withExamples, withOutput } from '../options.ts';
import { isForPeople, showObject } from '../output.ts';
import { age } from '../quantity.ts';
import { outPage } from '../world.ts';
import type { Client } from '../../client/client.ts';
import type { ProviderView, VerbFiguresView } from '../../model/exchange.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** One provider: its definition (secrets by name only) and what it offered. */
export function providerShowCommand(world: World): Command {
  const command = withOutput(new Command('show')).description('one provider').argument('<name>');
  withExamples(command, [['wombat provider show lab -o yaml', 'its whole definition']]);
  return command.action(async (name: string, { output }: OutputOptions) => {
    const client = await world.connect();
    const view = await client.providers.show(name, world.signal);
    const figures = isForPeople(output) ? await figuresOf(client, name, world.signal) : [];
    showObject(world.terminal, output, view, { name, lines: () => lines(world, view, figures) });
  });
}

/** The figures are the installation's: whoever may not see them sees the rest. */
async function figuresOf(client: Client, name: string, signal: AbortSignal): Promise<readonly VerbFiguresView[]> {
  try {
    return (await client.providers.calls(name, signal)).figures;
  } catch (error) {
    if (problemIn(error)?.kind === 'denied') return [];
    throw error;
  }
}

function lines(world: World, view: ProviderView, figures: readonly VerbFiguresView[]): string[] {
  const { provider, domains, offers, machines, askedAt, fault } = view;
  const { definition } = provider;
  const hosts = definition.kind === 'ssh' ? definition.hosts.map((host) => `${host.user}@${host.address}`) : [];
  return fieldLines(outPage(world), [
    ['provider', provider.name],
    ['kind', definition.kind],
    ['declared by', provider.declaredBy ?? 'hand'],
    ['hosts', hosts.join(', ')],
    ['domains', domains.join(', ')],
    ['offers', String(offers)],
    ['machines', String(machines)],
    ['asked', askedAt === null ? 'never' : `${age(askedAt, world.clock.now())} ago`],
    ['calls', figures.map(figuresText).join('; ')],
    ['fault', fault === null ? '' : `${fault.code}: ${fault.why}`],
  ]);
}

/** `list 12 in 40 ms (2 throttled)`: how many calls, their mean time, and what failed. */
function figuresText({ verb, calls, meanMs, errors }: VerbFiguresView): string {
  const failed = Object.entries(errors).map(([code, count]) => `${count} ${code}`);
  return `${verb} ${calls} in ${meanMs} ms${failed.length === 0 ? '' : ` (${failed.join(', ')})`}`;
}
