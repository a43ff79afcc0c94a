/** `wombat secret list`. */
import { Command } from 'commander';
import { withExamples, withOutput } from '../options.ts';
import { showList } from '../output.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Names, and what is being replaced; never values. */
export function secretListCommand(world: World): Command {
  const command = withOutput(new Command('list')).description('names of the secrets that are kept');
  withExamples(command, [['wombat secret list', 'what is kept, and how far a rotation is']]);
  return command.action(async ({ output }: OutputOptions) => {
    const client = await world.connect();
    const rotations = new Map((await client.secrets.rotations({}, world.signal).all()).map((one) => [one.secret, one]));
    const names = await client.secrets.list(world.signal).all();
    const rows = names.map((name) => ({ name, rotation: rotations.get(name)?.words ?? null }));
    showList(world.terminal, output, rows, {
      name: (row) => row.name,
      empty: 'There is no secret yet.',
      columns: [
        { title: 'SECRET', cell: (row) => row.name },
        { title: 'ROTATION', cell: (row) => row.rotation ?? '', flexible: true },
      ],
    });
  });
}
