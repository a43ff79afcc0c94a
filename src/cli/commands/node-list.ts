/** `wombat node list`. */
import { Command } from 'commander';
import { nodeHealth, nodeSince, nodeWhy } from '../node-text.ts';
import { ofBlueprint, withBlueprint, withExamples, withOutput } from '../options.ts';
import { showList } from '../output.ts';
import type { Node } from '../../model/node.ts';
import type { BlueprintOptions, OutputOptions } from '../options.ts';
import type { ListView } from '../output.ts';
import type { World } from '../world.ts';

interface NodeListOptions extends BlueprintOptions, OutputOptions {
  readonly family?: string;
}

/** Every node, those with problems first. */
export function nodeListCommand(world: World): Command {
  const command = withBlueprint(withOutput(new Command('list')), 'only those of this blueprint')
    .description('the nodes; problems first')
    .option('--family <family>', 'only those of this family');
  withExamples(command, [
    ['wombat node list -b ants --family colony', 'the nodes of one family'],
    ['wombat node list -o name', 'Erlang names alone, one a line'],
    ['wombat node list -o wide', 'with ids, ports and what was wished'],
  ]);
  return command.action(async ({ blueprint, family, output }: NodeListOptions) => {
    const client = await world.connect();
    const which = { ...ofBlueprint(blueprint), ...(family === undefined ? {} : { family }) };
    const nodes = await client.nodes.list(which, world.signal).all();
    showList(world.terminal, output, sorted(nodes), listView(world.clock.now()));
  });
}

const urgency = { bad: 0, busy: 1, good: 2 };

function sorted(nodes: readonly Node[]): Node[] {
  return [...nodes].sort(
    (a, b) =>
      urgency[nodeHealth(a)] - urgency[nodeHealth(b)] ||
      a.blueprint.localeCompare(b.blueprint) ||
      a.family.localeCompare(b.family) ||
      a.ordinal - b.ordinal,
  );
}

function listView(nowMs: number): ListView<Node> {
  return {
    name: (node) => node.name,
    empty: 'There is no node.',
    columns: [
      { title: 'NODE', cell: (node) => node.name },
      {
        title: 'PHASE',
        cell: (node) => node.state.phase,
        paint: (paint, text, node) => ({ good: paint.good, busy: paint.warn, bad: paint.bad })[nodeHealth(node)](text),
      },
      { title: 'FOR', cell: (node) => nodeSince(node, nowMs), align: 'right' },
      { title: 'WISHED', cell: (node) => node.desired, wide: true },
      { title: 'BLUEPRINT', cell: (node) => node.blueprint },
      { title: 'DOMAIN', cell: (node) => node.placement.domain },
      { title: 'PORT', cell: (node) => String(node.placement.port), align: 'right', wide: true },
      { title: 'RELEASE', cell: (node) => node.specification.release, wide: true },
      { title: 'ID', cell: (node) => node.id, wide: true },
      { title: 'WHY', cell: (node) => nodeWhy(node, nowMs), flexible: true },
    ],
  };
}
