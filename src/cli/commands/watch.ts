/** `wombat watch`: the live display of a blueprint, until it is where it is going. */
import { Command } from 'commander';
import { detachedWords, statusPage } from '../apply-blueprint.ts';
import { judge, outOfTime } from '../convergence.ts';
import { blueprintSubject, follow } from '../follow.ts';
import { timeoutOption, withExamples, withOutput } from '../options.ts';
import { showData, showObject } from '../output.ts';
import type { BlueprintStatus } from '../../model/exchange.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

interface WatchOptions extends OutputOptions {
  readonly timeout: number;
}

/** Exit codes as for `apply`; a blueprint that is being destroyed is watched until it is gone. */
export function watchCommand(world: World): Command {
  const command = withOutput(new Command('watch'))
    .summary('follow a blueprint to its end')
    .description('follow a blueprint until it has converged, failed, or is gone')
    .argument('<blueprint>')
    .addOption(timeoutOption('how long to watch'));
  withExamples(command, [
    ['wombat watch ants', 'come back to what Ctrl-C left'],
    ['wombat watch ants -o ndjson', 'each event as a JSON line, the snapshot last'],
  ]);
  return command.action((name: string, options: WatchOptions) => watch(world, name, options));
}

async function watch(world: World, blueprint: string, { output, timeout }: WatchOptions): Promise<void> {
  const client = await world.connect();
  await client.blueprints.status(blueprint, world.signal);
  const last = await follow(
    world,
    client,
    {
      subject: blueprintSubject(world, client, blueprint),
      blueprint,
      title: blueprint,
      timeoutMs: timeout,
      ndjson: output === 'ndjson',
      detached: detachedWords(blueprint),
    },
    {
      decide: ({ status }) => decide(world, status),
      late: (seen) => outOfTime(seen?.status, blueprint, statusPage(world)),
    },
  );
  if (last === 'gone') {
    world.terminal.print(`${blueprint} is gone.`);
    return;
  }
  if (output === 'ndjson') {
    showData(world.terminal, 'ndjson', last);
    return;
  }
  showObject(world.terminal, output, last, { name: blueprint, lines: () => [last.proof?.verdict ?? last.words] });
}

function decide(world: World, status: BlueprintStatus | undefined): BlueprintStatus | 'gone' | undefined {
  if (status === undefined) return 'gone';
  if (status.head.destroying) return undefined;
  const verdict = judge(status, status.head.revision, statusPage(world));
  if (verdict.is === 'failed') throw verdict.failure;
  return verdict.is === 'reached' ? status : undefined;
}
