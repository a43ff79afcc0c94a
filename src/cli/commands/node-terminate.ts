/** `wombat node terminate`. */
import { nodeActCommand } from '../act-on-node.ts';
import type { Command } from 'commander';
import type { World } from '../world.ts';

/** Removes a node for good. */
export function nodeTerminateCommand(world: World): Command {
  return nodeActCommand(world, {
    act: 'terminate',
    description: 'remove a node and everything it has',
    until: 'it is gone',
    past: 'is gone',
    question: 'Terminate',
    examples: [['wombat node terminate colony-3 colony-4 -y', 'without asking']],
    done: (node) => node === undefined,
  });
}
