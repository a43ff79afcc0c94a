/** `wombat store migrate`: a program of its own does it, because the command line knows the control plane by its API only. */
import { Command } from 'commander';
import { resolve } from 'node:path';
import { CliFailure } from '../failure.ts';
import { withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { runStoreProgram } from '../store-program.ts';
import { databaseAddressFault } from '../../model/database-address.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

interface MigrateOptions extends OutputOptions {
  readonly to?: string;
  readonly from?: string;
  readonly directory?: string;
}

interface Moved {
  readonly digest: string;
  readonly rows: Readonly<Record<string, number>>;
  readonly audit: { readonly sound: number; readonly broken: { readonly words: string } | null };
}

/** Both ways; refused while a control plane uses either. */
export function storeMigrateCommand(world: World): Command {
  const command = withOutput(new Command('migrate'))
    .summary('move a store between SQLite and PostgreSQL')
    .description('move all of a store between SQLite and PostgreSQL, while no control plane uses either')
    .option('--to <url>', 'from the SQLite store of the directory into this PostgreSQL database')
    .option('--from <url>', 'from this PostgreSQL database into a SQLite store in the directory')
    .option('--directory <path>', 'of the control plane (default: WOMBAT_DIRECTORY or ~/.local/share/wombat)');
  withExamples(command, [
    ['wombat store migrate --to postgres://wombat@db/wombat', 'then: wombat up --database …'],
    ['wombat store migrate --from postgres://wombat@db/wombat --directory ./state', 'secret.key has to be there'],
  ]);
  return command.action((options: MigrateOptions) => migrate(world, options));
}

async function migrate(world: World, { to, from, directory, output }: MigrateOptions): Promise<void> {
  const { environment, terminal } = world;
  const url = to ?? from;
  if (url === undefined || (to !== undefined && from !== undefined))
    throw new CliFailure('invalid', 'either --to or --from says which way', { next: 'wombat store migrate --help' });
  const wrong = databaseAddressFault(url);
  if (wrong !== null) throw new CliFailure('invalid', wrong.why, { object: 'the address', next: wrong.next });
  const place = directory === undefined ? environment.directory : resolve(environment.workingDirectory, directory);
  const way = to === undefined ? 'sqlite' : 'postgres';
  const args = ['move', '--directory', place, '--url', url, '--to', way];
  const { moved } = await runStoreProgram<{ moved: Moved }>(world, args);
  const next = way === 'sqlite' ? `wombat up --directory ${place}` : `wombat up --directory ${place} --database ${url}`;
  showObject(
    terminal,
    output,
    { ...moved, next },
    { name: moved.digest, lines: () => linesOf(moved, { place, way, next }) },
  );
}

function linesOf({ rows, digest, audit }: Moved, to: { place: string; way: string; next: string }): string[] {
  const counts = Object.entries(rows).filter(([table]) => table !== 'meta');
  const log = audit.broken === null ? 'unbroken' : `broken as it was before: ${audit.broken.words}`;
  return [
    `moved ${counts.map(([table, count]) => `${count} ${table}s`).join(', ')}`,
    `  sha256   ${digest}, read again on the other side`,
    `  audit    ${audit.sound} entries, ${log}`,
    to.way === 'sqlite'
      ? '  before   the database is as it was'
      : `  before   ${to.place}/wombat.db is as it was: move it away once all is well`,
    `  next     ${to.next}`,
  ];
}
