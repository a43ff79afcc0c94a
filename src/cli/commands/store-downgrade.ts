/** `wombat store downgrade`. */
import { Command } from 'commander';
import { resolve } from 'node:path';
import { CliFailure } from '../failure.ts';
import { withExamples } from '../options.ts';
import { runStoreProgram } from '../store-program.ts';
import { databaseAddressFault } from '../../model/database-address.ts';
import type { World } from '../world.ts';

interface DowngradeOptions {
  readonly directory?: string;
  readonly database?: string;
}

/** Refused while a control plane uses the store. */
export function storeDowngradeCommand(world: World): Command {
  const command = new Command('downgrade')
    .summary('take the schema of a store one version back')
    .description('take the schema of a store one version back, for the program before this one; back it up first')
    .option('--database <url>', 'the store in this PostgreSQL database instead of the one in the directory')
    .option('--directory <path>', 'of the control plane (default: WOMBAT_DIRECTORY or ~/.local/share/wombat)');
  withExamples(command, [['wombat store downgrade --directory ./state', 'then start the program before this one']]);
  return command.action(async ({ directory, database }: DowngradeOptions) => {
    const { environment, terminal } = world;
    const place = directory === undefined ? environment.directory : resolve(environment.workingDirectory, directory);
    const wrong = database === undefined ? null : databaseAddressFault(database);
    if (wrong !== null) throw new CliFailure('invalid', wrong.why, { object: '--database', next: wrong.next });
    const where = database === undefined ? [] : ['--url', database];
    const { version } = await runStoreProgram<{ version: number }>(world, [
      'downgrade',
      '--directory',
      place,
      ...where,
    ]);
    terminal.print(`the store has schema version ${version} now; a newer program brings it forward when it starts`);
  });
}
