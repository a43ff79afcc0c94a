/** `wombat node start`. */
import { nodeActCommand } from '../act-on-node.ts';
import type { Command } from 'commander';
import type { World } from '../world.ts';

/** Starts a node that was stopped, and waits until it has joined the cluster again. */
export function nodeStartCommand(world: World): Command {
  return nodeActCommand(world, {
    act: 'start',
    description: 'start a node that was stopped',
    until: 'it runs and has joined',
    past: 'is running',
    examples: [['wombat node start colony-3', 'and wait until it has joined the cluster']],
    done: (node) => node?.state.phase === 'running',
  });
}
