/** `wombat destroy`: takes everything of a blueprint away, and stays until nothing is left. */
import { Command } from 'commander';
import { confirmed, detachedWords, statusPage } from '../apply-blueprint.ts';
import { CliFailure } from '../failure.ts';
import { judgeOperation } from '../convergence.ts';
import { blueprintSubject, follow } from '../follow.ts';
import { beginning, withExamples, withOutput, withWait, withYes } from '../options.ts';
import { showObject } from '../output.ts';
import { lastEvent } from '../settle.ts';
import { leftLines } from '../status-text.ts';
import { counted, hanging } from '../text.ts';
import { outPage } from '../world.ts';
import type { BlueprintStatus } from '../../model/exchange.ts';
import type { Client } from '../../client/client.ts';
import type { OutputOptions, WaitOptions, YesOptions } from '../options.ts';
import type { World } from '../world.ts';

type DestroyOptions = OutputOptions &
  WaitOptions &
  YesOptions & { readonly force?: boolean; readonly forget?: boolean };

/** Exit 0 when it is gone, with an account of what had to be left; 5 with one of what still is. */
export function destroyCommand(world: World): Command {
  const command = withYes(withOutput(new Command('destroy')))
    .summary('remove everything of a blueprint')
    .description('stop and remove everything of a blueprint, then the blueprint')
    .argument('<blueprint>')
    .option('--force', 'also while families of other blueprints link to it; they run on, and wait for it')
    .option('--forget', 'the last resort: take it off the record, ask nobody, and tell what may be left running');
  withWait(command, 'nothing is left');
  withExamples(command, [
    ['wombat destroy ants', 'asks first'],
    ['wombat destroy ants --forget', 'its provider is gone for good: the records go, and what may be left is told'],
    ['wombat destroy ants -y --timeout 5m', 'without asking; exit 5 when something is left after five minutes'],
  ]);
  return command.action((name: string, options: DestroyOptions) => destroy(world, name, options));
}

async function destroy(world: World, name: string, options: DestroyOptions): Promise<void> {
  const client = await world.connect();
  const { nodes, machines } = await client.blueprints.status(name, world.signal);
  const what = `${counted(nodes.length, 'node')} on ${counted(machines.length, 'machine')}`;
  const question =
    options.forget === true
      ? `Forget ${name} with ${what}? Nobody is asked to end them: what runs, runs on, and costs what it costs.`
      : `Destroy ${name} with ${what}?`;
  if (!(await confirmed(world, question, options.yes === true))) return;
  const after = await lastEvent(client, world.signal);
  const how = { ...beginning(world, options), force: options.force === true, forget: options.forget === true };
  const { id } = await client.blueprints.destroy(name, how);
  if (options.wait) await gone(world, client, { name, after, id }, options);
  const account = options.wait ? (await client.operations.glance(id, world.signal)).words : null;
  const line = account === null ? `${name} is being destroyed.` : `${name} is destroyed: ${account}`;
  const { width } = outPage(world);
  const value = { blueprint: name, gone: options.wait, account };
  showObject(world.terminal, options.output, value, { name, lines: () => hanging('', line, width) });
}

function gone(
  world: World,
  client: Client,
  { name, after, id }: { readonly name: string; readonly after: number; readonly id: string },
  options: DestroyOptions,
): Promise<true> {
  const pursuit = {
    subject: blueprintSubject(world, client, name, id),
    blueprint: name,
    title: `destroying ${name}`,
    after,
    timeoutMs: options.timeout,
    ndjson: options.output === 'ndjson',
    detached: detachedWords(name, id),
  };
  return follow(world, client, pursuit, {
    decide(sight): true | undefined {
      if (sight.status === undefined) return true;
      const ended = judgeOperation(sight, statusPage(world));
      if (ended instanceof Error) throw ended;
      return undefined;
    },
    late: (last) => stillThere(world, name, last?.status),
  });
}

function stillThere(world: World, name: string, last: BlueprintStatus | undefined): CliFailure {
  const lines = last === undefined ? [] : leftLines(last, statusPage(world));
  return new CliFailure('not-converged', 'is not gone yet; the control plane goes on', {
    object: name,
    lines,
    next: `wombat watch ${name}`,
  });
}
