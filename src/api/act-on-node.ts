/** Asks for something to be done with a node; answers the node as it then is on record. */
import type { NodeAct } from '../model/exchange.ts';
import type { Node } from '../model/node.ts';
import type { ApiContext } from './api-context.ts';
import { findNode } from './find.ts';

/** Records the wish and returns. Faults: not-found, conflict. */
export async function actOnNode({ store, ports }: ApiContext, reference: string, act: NodeAct): Promise<Node> {
  const node = await findNode(store, reference);
  await ports.act(node.id, act);
  return (await store.get('node', node.id))?.value ?? node;
}
