/** `wombat node show`. */
import { Command } from 'commander';
import { fieldLines } from '../fields.ts';
import { findNode, nodeArgument } from '../find-node.ts';
import { nodeSince, nodeWhy } from '../node-text.ts';
import { withBlueprint, withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { counted, harmless } from '../text.ts';
import { outPage } from '../world.ts';
import type { Node } from '../../model/node.ts';
import type { BlueprintOptions, OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** One node: where it is, how it is, and where it failed its last log lines. */
export function nodeShowCommand(world: World): Command {
  const command = withBlueprint(withOutput(new Command('show')), 'the blueprint that the node is of')
    .description('one node')
    .argument(...nodeArgument);
  withExamples(command, [
    ['wombat node show colony-3', 'by family and ordinal'],
    ['wombat node show colony-3@10.78.0.11 -o yaml', 'the whole record'],
  ]);
  return command.action(async (reference: string, options: BlueprintOptions & OutputOptions) => {
    const client = await world.connect();
    const node = await findNode(client, reference, options, world.signal);
    showObject(world.terminal, options.output, node, { name: node.name, lines: () => lines(world, node) });
  });
}

function lines(world: World, node: Node): string[] {
  const { placement, specification, state } = node;
  const nowMs = world.clock.now();
  const fields = fieldLines(outPage(world), [
    ['node', node.name],
    ['id', node.id],
    ['blueprint', `${node.blueprint}, family ${node.family}`],
    [
      'phase',
      `${state.phase} for ${nodeSince(node, nowMs)}${node.desired === 'running' ? '' : `, wished ${node.desired}`}`,
    ],
    ['why', nodeWhy(node, nowMs)],
    ['release', `${specification.release}  ${specification.digest}`],
    ['domain', `${placement.domain} (provider ${placement.provider})`],
    ['address', `${placement.advertised} port ${placement.port}, listens on ${placement.listen}`],
    ['cores', counted(placement.cores, 'core')],
    ['process', 'process' in state && state.process !== null ? `pid ${state.process.pid}` : ''],
  ]);
  return state.phase === 'failed' ? [...fields, '', ...state.log.map((line) => `| ${harmless(line)}`)] : fields;
}
