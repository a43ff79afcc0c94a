/** `wombat provider calls`: what a provider was asked lately, for bug reports. */
import { Command } from 'commander';
import { withExamples, withOutput } from '../options.ts';
import { showList } from '../output.ts';
import type { ProviderCall } from '../../model/exchange.ts';
import type { OutputOptions } from '../options.ts';
import type { ListView } from '../output.ts';
import type { World } from '../world.ts';

/** The last calls with their outcomes; secrets are struck out. */
export function providerCallsCommand(world: World): Command {
  const command = withOutput(new Command('calls'))
    .description('what a provider was asked lately, and what it answered; without secrets, for bug reports')
    .argument('<name>');
  withExamples(command, [['wombat provider calls stack -o json', 'for a bug report']]);
  return command.action(async (name: string, { output }: OutputOptions) => {
    const client = await world.connect();
    const { recent } = await client.providers.calls(name, world.signal);
    showList(world.terminal, output, recent, callsList);
  });
}

const callsList: ListView<ProviderCall> = {
  name: ({ at, verb }) => `${at} ${verb}`,
  empty: 'It was not asked anything since the control plane started.',
  columns: [
    { title: 'AT', cell: ({ at }) => at },
    { title: 'VERB', cell: ({ verb }) => verb },
    { title: 'MS', cell: ({ ms }) => String(ms), align: 'right' },
    {
      title: 'CODE',
      cell: ({ code }) => code,
      paint: (paint, text, { code }) => (code === 'ok' ? paint.good(text) : paint.bad(text)),
    },
    { title: 'WORDS', cell: ({ words }) => words, flexible: true },
  ],
};
