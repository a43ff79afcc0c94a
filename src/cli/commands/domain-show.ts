/** `wombat domain show`. */
import { Command } from 'commander';
import { fieldLines } from '../fields.ts';
import { withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { bytesText } from '../quantity.ts';
import { tableLines } from '../table.ts';
import { outPage } from '../world.ts';
import type { DomainView } from '../../model/exchange.ts';
import type { Offer } from '../../model/machine.ts';
import type { Column } from '../table.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** One domain: its capabilities and what it can sell. */
export function domainShowCommand(world: World): Command {
  const command = withOutput(new Command('show')).description('one domain and what it offers').argument('<name>');
  withExamples(command, [['wombat domain show rack', 'its capabilities, offers and machines in use']]);
  return command.action(async (name: string, { output }: OutputOptions) => {
    const client = await world.connect();
    const view = await client.domains.show(name, world.signal);
    showObject(world.terminal, output, view, { name, lines: (wide) => lines(world, view, wide) });
  });
}

function lines({ terminal, ...world }: World, { domain, offers, machines }: DomainView, wide: boolean): string[] {
  const { provider, region, zone, network, capabilities } = domain.definition;
  const fields = fieldLines(outPage({ terminal, ...world }), [
    ['domain', domain.name],
    ['provider', provider],
    ['region', region ?? ''],
    ['zone', zone ?? ''],
    ['network', network ?? ''],
    ['machines', String(machines.length)],
    ...Object.entries(capabilities ?? {}).map(([name, value]) => [name, String(value)] as const),
  ]);
  if (offers.length === 0) return fields;
  const layout = { width: terminal.tableWidth, paint: terminal.paint, wide };
  return [...fields, '', ...tableLines(offers, offerColumns, layout)];
}

const offerColumns: readonly Column<Offer>[] = [
  { title: 'OFFER', cell: (offer) => offer.id },
  { title: 'CORES', cell: (offer) => String(offer.capacity.cores), align: 'right' },
  { title: 'MEMORY', cell: (offer) => bytesText(offer.capacity.memoryBytes), align: 'right' },
  { title: 'ARCH', cell: (offer) => offer.platform?.arch ?? '-' },
  { title: 'LEFT', cell: (offer) => (offer.left === null ? '-' : String(offer.left)), align: 'right' },
  {
    title: 'PRICE/H',
    cell: (offer) => (offer.pricePerHour === null ? '-' : String(offer.pricePerHour)),
    align: 'right',
  },
  { title: 'STATE', cell: ({ fault }) => (fault === null ? 'ok' : `${fault.code}: ${fault.why}`), flexible: true },
];
