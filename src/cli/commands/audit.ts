/** `wombat audit`: who changed what, and whether the log still says what was written. */
import { Command } from 'commander';
import { CliFailure } from '../failure.ts';
import { newest } from '../newest.ts';
import { ofBlueprint, wholeNumber, withBlueprint, withExamples, withOutput } from '../options.ts';
import { showList, showObject } from '../output.ts';
import type { AuditEntry } from '../../model/access.ts';
import type { BlueprintOptions, OutputOptions } from '../options.ts';
import type { ListView } from '../output.ts';
import type { World } from '../world.ts';

interface AuditOptions extends OutputOptions, BlueprintOptions {
  readonly limit: number;
  readonly verify?: true;
}

/** The newest entries, oldest of them first. */
export function auditCommand(world: World): Command {
  const command = withBlueprint(withOutput(new Command('audit')), 'only what concerned this blueprint')
    .description('who changed what')
    .option('-n, --limit <number>', 'how many of the past', wholeNumber(1), 50)
    .option('--verify', 'check that no entry was changed, removed or moved');
  withExamples(command, [
    ['wombat audit -b ants -n 10', 'the last ten changes of one blueprint'],
    ['wombat audit --verify', 'exit 1 and the first entry that is not as it was written'],
  ]);
  return command.action((options: AuditOptions) => (options.verify ? verify(world, options) : list(world, options)));
}

async function list(world: World, { limit, blueprint, output }: AuditOptions): Promise<void> {
  const client = await world.connect();
  const entries = await newest(client.audit.list(ofBlueprint(blueprint), world.signal), limit);
  showList(world.terminal, output, entries, listView);
}

async function verify(world: World, { output }: AuditOptions): Promise<void> {
  const client = await world.connect();
  const verdict = await client.audit.verify(world.signal);
  const { sound, head, broken } = verdict;
  const lines = [`${sound} entries are as they were written`, ...(head === '' ? [] : [`the last hash is ${head}`])];
  showObject(world.terminal, output, verdict, { name: head, lines: () => lines });
  if (broken !== null)
    throw new CliFailure('unknown', `the audit log was tampered with at entry ${broken.sequence}: ${broken.words}`, {
      next: 'compare it with the newest backup: entries before that one can be relied on',
    });
}

const listView: ListView<AuditEntry> = {
  name: ({ sequence }) => String(sequence),
  empty: 'Nothing was changed yet.',
  columns: [
    { title: 'ENTRY', cell: ({ sequence }) => String(sequence), align: 'right' },
    { title: 'WHEN', cell: ({ at }) => at.slice(0, 19).replace('T', ' ') },
    { title: 'TOKEN', cell: ({ token }) => token },
    { title: 'STATUS', cell: ({ status }) => String(status), align: 'right' },
    { title: 'OPERATION', cell: ({ operation }) => operation },
    { title: 'BLUEPRINT', cell: ({ blueprint }) => blueprint ?? '-' },
    { title: 'REQUEST', cell: ({ method, path }) => `${method} ${path}`, flexible: true },
  ],
};
