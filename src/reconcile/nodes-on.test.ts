import { expect, test } from 'vitest';
import type { Node } from '../model/node.ts';
import type { Versioned } from '../store/store.ts';
import { regrouped } from './nodes-on.ts';

function record(key: string, machine: string, version = 1): Versioned<Node> {
  return { key, version, value: { id: key, placement: { machine } } as Node };
}

const before = [record('a', 'm1'), record('b', 'm2'), record('c', 'm1'), record('d', 'm3')];
const known = { all: before, byMachine: Map.groupBy(before, ({ value }) => value.placement.machine) };

test.each<[string, readonly Versioned<Node>[]]>([
  ['nothing changed', [...before]],
  ['nodes changed', before.with(2, record('c', 'm1', 2)).with(3, record('d', 'm3', 2))],
  ['one is on another machine', before.with(2, record('c', 'm2', 2))],
  ['one went', before.toSpliced(1, 1)],
  ['one came', [...before, record('e', 'm3')]],
  ['one came where another went', [...before.slice(1), record('e', 'm9')]],
])('a reading that goes on from the last one is as one from the beginning: %s', (_name, all) => {
  const groups = regrouped(known, all);
  expect([...groups].toSorted()).toEqual([...Map.groupBy(all, ({ value }) => value.placement.machine)].toSorted());
  for (const [machine, nodes] of groups)
    expect(
      nodes.every((node) => all.includes(node)),
      machine,
    ).toBe(true);
});
