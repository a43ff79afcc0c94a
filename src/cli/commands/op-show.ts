/** `wombat op show`: an operation as the tree of its tasks, and with `--watch` until it has ended. */
import { Command } from 'commander';
import { operationLines } from '../op-text.ts';
import { timeoutOption, withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { opPage, watchOperation } from '../watch-operation.ts';
import { outPage } from '../world.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

interface ShowOptions extends OutputOptions {
  readonly watch?: true;
  readonly timeout: number;
}

/** Exit 0; with `--watch` 0 succeeded, 5 failed, 6 cancelled or rolled back, 7 overtaken, 124 not ended in time. */
export function opShowCommand(world: World): Command {
  const command = withOutput(new Command('show'))
    .summary('how far an operation is, task by task')
    .description(
      'show an operation as the tree of its tasks: machines, nodes, joins, proof, each in the words of whoever does it',
    )
    .argument('<id>')
    .option('--watch', 'stay until it has ended; exit 5 failed, 6 cancelled or rolled back, 7 overtaken')
    .addOption(timeoutOption('how long to watch'));
  withExamples(command, [
    ['wombat op show op-8f3kq0zt1m', 'what it waits for at the moment'],
    ['wombat op show op-8f3kq0zt1m --watch', 'come back to what Ctrl-C left'],
    ['wombat op show op-8f3kq0zt1m -o wide', 'everything, also what is done'],
  ]);
  return command.action((id: string, options: ShowOptions) => show(world, id, options));
}

async function show(world: World, id: string, { watch, timeout, output }: ShowOptions): Promise<void> {
  const client = await world.connect();
  let view = await client.operations.show(id, world.signal);
  const how = { timeoutMs: timeout, ndjson: output === 'ndjson' };
  const watched = watch === true ? await watchOperation(world, client, view.operation, how) : undefined;
  view = watched?.view ?? view;
  const lines = (wide: boolean) => operationLines(view, opPage(world, outPage(world), wide));
  showObject(world.terminal, output, view, { name: id, lines });
  if (watched?.failure !== undefined) throw watched.failure;
}
