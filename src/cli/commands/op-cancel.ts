/** `wombat op cancel`: an operation goes no further, and what it did is taken back. */
import { Command } from 'commander';
import { confirmed } from '../apply-blueprint.ts';
import { withExamples, withOutput, withStay, withYes } from '../options.ts';
import { showObject } from '../output.ts';
import { watchOperation } from '../watch-operation.ts';
import type { Operation } from '../../model/operation.ts';
import type { OutputOptions, StayOptions, YesOptions } from '../options.ts';
import type { World } from '../world.ts';

type CancelOptions = OutputOptions & StayOptions & YesOptions;

const becomes = `
What becomes of it:
  a first apply     everything that it made goes, and the blueprint with it
  any other change  the revision before is in force again, as the next one:
                    nodes that were there run on, new ones go, and what is gone
                    already is made anew
  destroy           the blueprint is wanted again: what is not gone yet stays,
                    what is gone is made anew, without the data it had
  an act on a node  the node is wanted as it was`;

/** Exit 0 when everything is as before, 7 when it had ended already, 5 when taking it back failed, 124 not in time. */
export function opCancelCommand(world: World): Command {
  const command = withYes(withOutput(new Command('cancel')))
    .summary('stop an operation, and take back what it did')
    .description('stop an operation and take back what it did; that is an operation too, which can be cancelled')
    .argument('<id>');
  withStay(command, 'everything is as before').addHelpText('after', becomes);
  withExamples(command, [
    ['wombat op cancel op-8f3kq0zt1m', 'asks first'],
    ['wombat op cancel $(wombat op list --state running -o name) -y', 'the only one that runs, without asking'],
  ]);
  return command.action((id: string, options: CancelOptions) => cancel(world, id, options));
}

async function cancel(world: World, id: string, options: CancelOptions): Promise<void> {
  const client = await world.connect();
  const operation = await client.operations.glance(id, world.signal);
  const question = `Cancel ${operation.cause} of ${operation.blueprint}: ${outcome(operation)}?`;
  const asks = operation.state === 'running';
  if (asks && !(await confirmed(world, question, options.yes === true))) return;
  const undo = await client.operations.cancel(id, world.signal);
  const how = { timeoutMs: options.timeout, ndjson: options.output === 'ndjson' };
  const watched = options.wait ? await watchOperation(world, client, undo, how) : undefined;
  if (watched?.failure !== undefined) throw watched.failure;
  const ended = watched?.view.operation;
  const line =
    ended === undefined
      ? `${id} is cancelled. Follow what is taken back with: wombat op show ${undo.id} --watch`
      : `${id} is cancelled: ${ended.words}`;
  showObject(world.terminal, options.output, ended ?? undo, { name: undo.id, lines: () => [line] });
}

/** What it comes to, for the question. */
function outcome({ kind, former, node, blueprint }: Operation): string {
  if (kind === 'destroy') return `${blueprint} is wanted again, and what is gone is made anew`;
  if (node !== null && kind !== 'node terminate') return `${node.name} is wanted as it was`;
  return former === 0 ? 'everything that it made goes' : `back to revision ${former}`;
}
