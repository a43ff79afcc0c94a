/** The nodes of machines: many machines are asked about between two changes of nodes, and share one reading of them. */
import type { Node } from '../model/node.ts';
import type { Store, Versioned } from '../store/store.ts';

type Nodes = readonly Versioned<Node>[];

/** By the list as the store answered it, which is another one after each change. */
const readings = new WeakMap<Nodes, ReadonlyMap<string, Nodes>>();

/** The nodes that are placed on a machine, on whichever blueprint's behalf. */
export async function nodesOn(store: Store, machine: string): Promise<Nodes> {
  const all = await store.list('node');
  const known = readings.get(all) ?? Map.groupBy(all, ({ value }) => value.placement.machine);
  readings.set(all, known);
  return known.get(machine) ?? [];
}
