/** `wombat node restart`. */
import { nodeActCommand } from '../act-on-node.ts';
import type { Command } from 'commander';
import type { World } from '../world.ts';

/** Restarts a node: the wish counts its generation up, and it is done when a process of that generation runs. */
export function nodeRestartCommand(world: World): Command {
  return nodeActCommand(world, {
    act: 'restart',
    description: 'stop a node and start it again',
    until: 'it runs again and has joined',
    past: 'is running again',
    examples: [
      ['wombat node restart colony-3', 'and wait until it has joined the cluster again'],
      ['wombat node restart --family colony', 'every node of a family, in one request'],
    ],
    done: (node, wished) => node?.state.phase === 'running' && node.startedGeneration >= wished.generation,
  });
}
