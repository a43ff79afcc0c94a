/** `wombat node stop`. */
import { nodeActCommand } from '../act-on-node.ts';
import type { Command } from 'commander';
import type { World } from '../world.ts';

/** Stops a node; it keeps its place until it is started again. */
export function nodeStopCommand(world: World): Command {
  return nodeActCommand(world, {
    act: 'stop',
    description: 'stop a node; it keeps its place and stays stopped',
    until: 'it is stopped',
    past: 'is stopped',
    examples: [
      ['wombat node stop colony-3', 'drained and left first, as its family says'],
      ['wombat node stop colony-1 colony-2 master-1', 'several'],
      ['wombat node stop --host 10.78.0.11', 'all that a host has'],
    ],
    done: (node) => node?.state.phase === 'stopped',
  });
}
