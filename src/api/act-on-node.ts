/** Asks for something to be done with a node; answers the node as it then is on record. */
import type { NodeAct, NodeActed } from '../model/exchange.ts';
import type { Asked } from '../model/operation.ts';
import type { ApiContext } from './api-context.ts';
import { findNode } from './find.ts';

/** Records the wish and returns. Faults: not-found, conflict. */
export async function actOnNode(
  { store, ports }: ApiContext,
  reference: string,
  act: NodeAct,
  asked: Asked,
): Promise<NodeActed> {
  const node = await findNode(store, reference);
  const { id } = await ports.act(node.id, act, asked);
  return { ...((await store.get('node', node.id))?.value ?? node), operation: id };
}
