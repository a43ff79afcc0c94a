/** `wombat provider list`. */
import { Command } from 'commander';
import { withExamples, withOutput } from '../options.ts';
import { showList } from '../output.ts';
import { age } from '../quantity.ts';
import type { ProviderView } from '../../model/exchange.ts';
import type { OutputOptions } from '../options.ts';
import type { ListView } from '../output.ts';
import type { World } from '../world.ts';

/** Every provider with what it offered when last asked. */
export function providerListCommand(world: World): Command {
  const command = withOutput(new Command('list')).description('the providers there are');
  withExamples(command, [['wombat provider list -o name', 'names alone, one a line']]);
  return command.action(async ({ output }: OutputOptions) => {
    const client = await world.connect();
    const providers = await client.providers.list(world.signal).all();
    showList(world.terminal, output, providers, listView(world.clock.now()));
  });
}

function listView(nowMs: number): ListView<ProviderView> {
  return {
    name: (view) => view.provider.name,
    empty: 'No provider is registered. Add one with: wombat provider add',
    columns: [
      { title: 'PROVIDER', cell: (view) => view.provider.name },
      { title: 'KIND', cell: (view) => view.provider.definition.kind },
      { title: 'OFFERS', cell: (view) => String(view.offers), align: 'right' },
      { title: 'MACHINES', cell: (view) => String(view.machines), align: 'right' },
      { title: 'ASKED', cell: ({ askedAt }) => (askedAt === null ? 'never' : age(askedAt, nowMs)) },
      { title: 'BY', cell: (view) => view.provider.declaredBy ?? 'hand' },
      {
        title: 'STATE',
        cell: ({ fault }) => (fault === null ? 'ok' : `${fault.code}: ${fault.why}`),
        paint: (paint, text, { fault }) => (fault === null ? paint.good(text) : paint.bad(text)),
        flexible: true,
      },
    ],
  };
}
