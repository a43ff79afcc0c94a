/** From the columns of a solved program back to loads. */
import { capacityOf } from './program-model.ts';
import type { Program } from './program-model.ts';
import type { Bin, Kind, Load } from './problem.ts';

/** What goes where, by the values of the columns. */
export function loadsOf({ columns, form, problem }: Program, value: (column: string) => number): Load[] {
  const used = columns.flatMap((column) => {
    const times = Math.round(value(column.name));
    return times > 0 ? [{ bin: column.bin, nodes: column.nodes, times }] : [];
  });
  if (form === 'patterns') return used;
  const byBin = Map.groupBy(used, ({ bin }) => bin);
  return [...byBin].flatMap(([bin, loads]) =>
    form === 'machines' ? together(bin, loads, problem.kinds) : filled(bin, loads, problem.kinds),
  );
}

/** All on the one machine that the bin is; a machine with nothing on it is none. */
function together(bin: Bin, loads: readonly Load[], kinds: readonly Kind[]): Load[] {
  const nodes = sumOf(loads, kinds);
  return nodes.some((count) => count > 0) ? [{ bin, nodes, times: 1 }] : [];
}

function sumOf(loads: readonly Load[], kinds: readonly Kind[]): number[] {
  return kinds.map((_, kind) => loads.reduce((sum, { nodes, times }) => sum + (nodes[kind] ?? 0) * times, 0));
}

/** Machines filled one after another with the nodes that are to be on the bin. */
function filled(bin: Bin, loads: readonly Load[], kinds: readonly Kind[]): Load[] {
  const left = sumOf(loads, kinds);
  const capacity = capacityOf(bin, kinds);
  const machines: Load[] = [];
  while (left.some((count) => count > 0)) {
    let free = capacity;
    const nodes = left.map((count, kind) => {
      const here = Math.min(count, free);
      free -= here;
      left[kind] = count - here;
      return here;
    });
    machines.push({ bin, nodes, times: 1 });
  }
  return machines;
}
