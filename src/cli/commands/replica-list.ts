/** `wombat replica list`. */
import { Command } from 'commander';
import { withExamples, withOutput } from '../options.ts';
import { showList } from '../output.ts';
import { age } from '../quantity.ts';
import type { Replica } from '../../model/replica.ts';
import type { OutputOptions } from '../options.ts';
import type { ListView } from '../output.ts';
import type { World } from '../world.ts';

/** Which control planes share the work. */
export function replicaListCommand(world: World): Command {
  const command = withOutput(new Command('list')).description('the control planes, and what each looks after');
  withExamples(command, [['wombat replica list', 'who is there; * is the one that was asked']]);
  return command.action(async ({ output }: OutputOptions) => {
    const client = await world.connect();
    showList(world.terminal, output, await client.replicas.list(world.signal).all(), listView(world.clock.now()));
  });
}

function listView(now: number): ListView<Replica> {
  return {
    name: ({ number }) => String(number),
    empty: 'Nobody knows just now who is there: is the database away?',
    columns: [
      { title: 'REPLICA', cell: ({ number, isSelf }) => `${number}${isSelf ? '*' : ''}` },
      {
        title: 'STATE',
        cell: ({ state }) => state,
        paint: (paint, text, { state }) => (state === 'there' ? paint.good(text) : paint.bad(text)),
      },
      { title: 'AGE', cell: ({ since }) => age(since, now), align: 'right' },
      { title: 'URL', cell: ({ url }) => url },
      {
        title: 'LOOKS AFTER',
        cell: ({ shares }) => shares?.join(', ') ?? 'everything',
        flexible: true,
      },
    ],
  };
}
