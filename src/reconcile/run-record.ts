/** The record of one run of an action between two nodes: who, by which strategy, and the processes it was made between. */
import { timestamp } from '../base/clock.ts';
import { newId } from '../base/random.ts';
import { incarnationOf } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import type { Run } from '../model/topology.ts';
import type { Owed } from './strategies.ts';
import type { World } from './world.ts';

/** What the run came to. */
export type Told = Pick<Run, 'step' | 'outcome' | 'words' | 'edge' | 'hidden'>;

/** A run of `node` with the peer of a strategy, made now. */
export function runRecord(world: World, node: Node, { strategy, peer }: Owed, told: Told): Run {
  return {
    id: newId(world.random, 'r'),
    blueprint: node.blueprint,
    family: node.family,
    node: node.id,
    nodeName: node.name,
    peer: peer.id,
    peerName: peer.name,
    strategy: strategy.name,
    incarnation: incarnationOf(node) ?? '',
    peerIncarnation: incarnationOf(peer),
    at: timestamp(world.clock),
    ...told,
  };
}
