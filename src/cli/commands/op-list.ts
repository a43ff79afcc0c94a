/** `wombat op list`. */
import { Command, Option } from 'commander';
import { newest } from '../newest.ts';
import { stateWord, timeText } from '../op-text.ts';
import { ofBlueprint, wholeNumber, withBlueprint, withExamples, withOutput } from '../options.ts';
import { showList } from '../output.ts';
import { age } from '../quantity.ts';
import { operationStates } from '../../model/operation.ts';
import type { Operation, OperationState } from '../../model/operation.ts';
import type { BlueprintOptions, OutputOptions } from '../options.ts';
import type { ListView } from '../output.ts';
import type { World } from '../world.ts';

interface ListOptions extends OutputOptions, BlueprintOptions {
  readonly state?: OperationState;
  readonly limit: number;
}

/** What was begun, newest last. */
export function opListCommand(world: World): Command {
  const command = withBlueprint(withOutput(new Command('list')), 'only those of this blueprint')
    .summary('what was begun, how far it is, and who asked for it')
    .description('list what was begun that takes time; what ended long ago is not kept')
    .addOption(new Option('--state <state>', 'only those').choices(operationStates))
    .option('-n, --limit <number>', 'how many of the newest', wholeNumber(1), 20);
  withExamples(command, [
    ['wombat op list', 'the last twenty, newest last'],
    ['wombat op list -b ants --state running -o name', 'what goes on with one blueprint, by id'],
  ]);
  return command.action((options: ListOptions) => list(world, options));
}

async function list(world: World, { blueprint, state, limit, output }: ListOptions): Promise<void> {
  const client = await world.connect();
  const which = { ...ofBlueprint(blueprint), ...(state === undefined ? {} : { state }) };
  const operations = await newest(client.operations.list(which, world.signal), limit);
  showList(world.terminal, output, operations, listView(world.clock.now()));
}

function listView(nowMs: number): ListView<Operation> {
  return {
    name: ({ id }) => id,
    empty: 'Nothing was begun yet.',
    columns: [
      { title: 'ID', cell: ({ id }) => id },
      { title: 'BLUEPRINT', cell: ({ blueprint }) => blueprint },
      { title: 'OPERATION', cell: ({ cause }) => cause, flexible: true },
      {
        title: 'STATE',
        cell: ({ state }) => state,
        paint: (paint, text, { state }) => stateWord(state, paint) + text.slice(state.length),
      },
      { title: 'AGE', cell: ({ begun }) => age(begun, nowMs), align: 'right' },
      { title: 'TIME', cell: (operation) => timeText(operation, nowMs), wide: true },
      { title: 'BY', cell: ({ by }) => by },
      { title: 'WORDS', cell: ({ words }) => words, flexible: true },
    ],
  };
}
