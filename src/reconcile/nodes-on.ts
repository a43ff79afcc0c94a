/** The nodes of machines: many machines are asked about between two changes of nodes, and share one reading of them. */
import type { Node } from '../model/node.ts';
import type { Store, Versioned } from '../store/store.ts';

type Nodes = readonly Versioned<Node>[];

/** A list of all nodes, as the store answered it: another one after each change. */
interface Reading {
  readonly all: Nodes;
  readonly byMachine: ReadonlyMap<string, Nodes>;
}

/** The last reading: most of the next one is the same. */
const readings = new WeakMap<Store, Reading>();

/** The nodes that are placed on a machine, on whichever blueprint's behalf. */
export async function nodesOn(store: Store, machine: string): Promise<Nodes> {
  const all = await store.list('node');
  const known = readings.get(store);
  if (known?.all === all) return known.byMachine.get(machine) ?? [];
  const byMachine = known === undefined ? grouped(all) : regrouped(known, all);
  readings.set(store, { all, byMachine });
  return byMachine.get(machine) ?? [];
}

function grouped(all: Nodes): ReadonlyMap<string, Nodes> {
  return Map.groupBy(all, machineOf);
}

function machineOf({ value }: Versioned<Node>): string {
  return value.placement.machine;
}

/** The same as `grouped`: where no node came or went, only the machines of those that changed are looked at. */
export function regrouped({ all: before, byMachine: known }: Reading, all: Nodes): ReadonlyMap<string, Nodes> {
  if (before.length !== all.length) return grouped(all);
  const byMachine = new Map(known);
  for (let at = 0; at < all.length; at += 1) {
    const [one, other] = [before[at], all[at]];
    if (one === other || one === undefined || other === undefined) continue;
    const machine = machineOf(other);
    if (one.key !== other.key || machineOf(one) !== machine) return grouped(all);
    byMachine.set(
      machine,
      (byMachine.get(machine) ?? []).map((member) => (member === one ? other : member)),
    );
  }
  return byMachine;
}
