/** `wombat domain list`. */
import { Command } from 'commander';
import { withExamples, withOutput } from '../options.ts';
import { showList } from '../output.ts';
import type { DomainView } from '../../model/exchange.ts';
import type { OutputOptions } from '../options.ts';
import type { ListView } from '../output.ts';
import type { World } from '../world.ts';

/** Every deployment domain. */
export function domainListCommand(world: World): Command {
  const command = withOutput(new Command('list')).description('the deployment domains there are');
  withExamples(command, [['wombat domain list -o wide', 'with every capability']]);
  return command.action(async ({ output }: OutputOptions) => {
    const client = await world.connect();
    showList(world.terminal, output, await client.domains.list(world.signal).all(), listView);
  });
}

const listView: ListView<DomainView> = {
  name: (view) => view.domain.name,
  empty: 'There is no domain: a provider brings them. Add one with: wombat provider add',
  columns: [
    { title: 'DOMAIN', cell: (view) => view.domain.name },
    { title: 'PROVIDER', cell: (view) => view.domain.definition.provider },
    { title: 'REGION', cell: (view) => view.domain.definition.region ?? '-' },
    { title: 'ZONE', cell: (view) => view.domain.definition.zone ?? '-' },
    { title: 'OFFERS', cell: (view) => String(view.offers.length), align: 'right' },
    { title: 'MACHINES', cell: (view) => String(view.machines.length), align: 'right' },
    { title: 'CAPABILITIES', cell: capabilities, flexible: true },
  ],
};

function capabilities({ domain }: DomainView): string {
  const pairs = Object.entries(domain.definition.capabilities ?? {}).map(([name, value]) => `${name}=${value}`);
  return pairs.join(' ') || '-';
}
