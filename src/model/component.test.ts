import { describe, expect, test } from 'vitest';
import { sampleDocument, sampleNode, sampleRun } from '../../test/kit/records.ts';
import type { BlueprintDocument } from './blueprint.ts';
import type { Mesh } from './bootstrap.ts';
import { components, dependencyCycle, expectedEdges, expectedNeighbours, startOrder } from './component.ts';
import { incarnationOf } from './node.ts';

/** A document whose families bootstrap with those listed. */
function linked(links: Readonly<Record<string, readonly string[]>>, mesh: Mesh = 'full'): BlueprintDocument {
  const strategy = { select: 'all', action: 'distributed_erlang' } as const;
  const families = Object.entries(links).map(([name, others]) => [
    name,
    { release: 'ants', nodes: 1, mesh, bootstrap: { with: Object.fromEntries(others.map((one) => [one, strategy])) } },
  ]);
  return { ...sampleDocument(), families: Object.fromEntries(families) as BlueprintDocument['families'] };
}

test('families start behind those they depend on, else as written', () => {
  expect(startOrder(linked({ web: ['db', 'cache'], alone: [], cache: ['db'], db: [] }))).toEqual([
    'db',
    'cache',
    'web',
    'alone',
  ]);
});

test('a component is called by its alphabetically first family and lists them in start order', () => {
  expect(components(linked({ web: ['db'], alone: [], db: [] }))).toEqual([
    { name: 'db', families: ['db', 'web'], mesh: 'full' },
    { name: 'alone', families: ['alone'], mesh: 'full' },
  ]);
  expect(components(linked({ a: ['c'], b: ['c'], c: ['z/elsewhere'] })).map((one) => one.families)).toEqual([
    ['c', 'a', 'b'],
  ]);
});

test('a cycle is told as the way round', () => {
  expect(dependencyCycle(linked({ a: ['b'], b: ['c'], c: ['b'] }))).toEqual(['b', 'c', 'b']);
  expect(dependencyCycle(linked({ a: ['b', 'c'], b: ['c'], c: [] }))).toBeNull();
});

describe('expected edges', () => {
  const nodes = [1, 2, 3].map((ordinal) => sampleNode(ordinal));
  const names = nodes.map((node) => node.name);
  const incarnation = incarnationOf(sampleNode(1)) ?? '';
  const run = sampleRun('r', { incarnation, peerIncarnation: incarnation });

  test('full: all pairs', () => {
    expect(expectedEdges(linked({ colony: [] }), nodes, [])).toEqual([
      [names[0], names[1]],
      [names[0], names[2]],
      [names[1], names[2]],
    ]);
  });

  test('those of one node are its neighbours', () => {
    const [first] = nodes;
    const of = (mesh: Mesh, runs = [run]) => expectedNeighbours(linked({ colony: [] }, mesh), first!, nodes, runs);
    expect(of('full')).toEqual([names[1], names[2]]);
    expect(of('selected')).toEqual([names[1]]);
    expect(of('selected', [])).toEqual([]);
    expect(of('none')).toEqual([]);
  });

  test('selected: those of runs between the processes that run now, each once', () => {
    const document = linked({ colony: [] }, 'selected');
    expect(expectedEdges(document, nodes, [run, run])).toEqual([[names[0], names[1]]]);
    expect(expectedEdges(document, nodes, [{ ...run, peerIncarnation: 'an older one' }])).toEqual([]);
    expect(expectedEdges(document, nodes, [{ ...run, outcome: 'failed' }])).toEqual([]);
    expect(expectedEdges(document, nodes.slice(1), [run])).toEqual([]);
  });

  test('none: none', () => {
    expect(expectedEdges(linked({ colony: [] }, 'none'), nodes, [run])).toEqual([]);
  });

  test('families that are not linked have no edges between them', () => {
    const others = nodes.map((node) => ({ ...node, family: 'other', name: node.name.replace('colony', 'other') }));
    expect(expectedEdges(linked({ colony: [], other: [] }), [...nodes, ...others], [])).toHaveLength(6);
    expect(expectedEdges(linked({ colony: ['other'], other: [] }), [...nodes, ...others], [])).toHaveLength(15);
  });
});
