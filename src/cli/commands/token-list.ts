/** `wombat token list`. */
import { Command } from 'commander';
import { withExamples, withOutput } from '../options.ts';
import { showList } from '../output.ts';
import { age } from '../quantity.ts';
import type { Token } from '../../model/access.ts';
import type { OutputOptions } from '../options.ts';
import type { ListView } from '../output.ts';
import type { World } from '../world.ts';

/** Every token besides the one of the token file. */
export function tokenListCommand(world: World): Command {
  const command = withOutput(new Command('list')).description('who may come in, besides the token file');
  withExamples(command, [['wombat token list', 'names, roles and limits; never values']]);
  return command.action(async ({ output }: OutputOptions) => {
    const client = await world.connect();
    showList(world.terminal, output, await client.tokens.list(world.signal).all(), listView(world.clock.now()));
  });
}

function listView(now: number): ListView<Token> {
  return {
    name: ({ name }) => name,
    empty: 'There is no token but the one of the token file. Make one with: wombat token create',
    columns: [
      { title: 'TOKEN', cell: ({ name }) => name },
      { title: 'ROLE', cell: ({ role }) => role },
      { title: 'AGE', cell: ({ createdAt }) => age(createdAt, now), align: 'right' },
      { title: 'EXPIRES', cell: ({ expiresAt }) => expiry(expiresAt, now) },
      { title: 'BLUEPRINTS', cell: ({ blueprints }) => blueprints?.join(' ') ?? 'all', flexible: true },
    ],
  };
}

function expiry(expiresAt: string | null, now: number): string {
  if (expiresAt === null) return 'never';
  return Date.parse(expiresAt) <= now ? 'expired' : expiresAt.slice(0, 16).replace('T', ' ');
}
