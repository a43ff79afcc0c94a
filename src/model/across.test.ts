import { expect, test } from 'vitest';
import { sampleDocument, sampleNode, sampleProcess, sampleRun, sampleTime } from '../../test/kit/records.ts';
import { acrossOf, linkStates } from './across.ts';
import type { Linked } from './across.ts';
import type { BlueprintDocument } from './blueprint.ts';
import type { Action, Mesh } from './bootstrap.ts';
import { LinkMap } from './link.ts';
import { incarnationOf } from './node.ts';
import type { Node } from './node.ts';
import type { Run } from './topology.ts';

const shop: BlueprintDocument = { ...sampleDocument('shop'), families: { gateway: { release: 'ants', nodes: 2 } } };

function metrics(action: Action, mesh: Mesh = 'full'): BlueprintDocument {
  const link = { select: 'all' as const, action };
  const collector = { release: 'ants', nodes: 1, mesh, bootstrap: { with: { 'shop/gateway': link } } };
  return { ...sampleDocument('metrics'), families: { collector } };
}

function nodeOf(blueprint: string, family: string, ordinal: number, over: Partial<Node> = {}): Node {
  const name = `${family}-${ordinal}@127.0.0.1`;
  const process = { ...sampleProcess, pid: ordinal };
  const state = { phase: 'running' as const, since: sampleTime, process };
  return sampleNode(ordinal, { id: `${blueprint}-${ordinal}`, blueprint, family, name, state, ...over });
}

const collector = nodeOf('metrics', 'collector', 1);
const gateways = [nodeOf('shop', 'gateway', 1), nodeOf('shop', 'gateway', 2)];
const [first, second] = gateways as [Node, Node];

/** A run by which the collector joined a gateway, as both are now. */
function joined(peer: Node, over: Partial<Run> = {}): Run {
  const edge = [collector.name, peer.name].sort() as [string, string];
  const [incarnation, peerIncarnation] = [incarnationOf(collector) ?? '', incarnationOf(peer)];
  const parties = { node: collector.id, peer: peer.id, strategy: 'shop/gateway' };
  return sampleRun(`r-${peer.id}`, { blueprint: 'metrics', ...parties, incarnation, peerIncarnation, edge, ...over });
}

function linked(document: BlueprintDocument, nodes: readonly Node[] = gateways, runs: readonly Run[] = []): Linked {
  return { map: new LinkMap([document, shop]), destroying: new Set(), nodes, runs };
}

test('in one full mesh a node must see all of theirs that run, and may see those on their way', () => {
  const document = metrics('distributed_erlang');
  const booting = { ...second, state: { phase: 'starting' as const, since: sampleTime, process: null } };
  const found = acrossOf(document, [collector], [], linked(document, [first, booting]));
  expect(found.edges).toEqual([[collector.name, first.name]]);
  expect([...found.guests]).toEqual([second.name]);
  expect(found.hidden).toEqual([]);
});

test('from the other side the same edges are expected, our own node first', () => {
  const document = metrics('distributed_erlang');
  const theirs: Linked = { ...linked(document, [collector]), runs: [] };
  expect(acrossOf(shop, gateways, [], theirs).edges).toEqual([
    [first.name, collector.name],
    [second.name, collector.name],
  ]);
});

test('a hidden link expects the edges of runs that count, on both sides, and nothing else', () => {
  const document = metrics('distributed_erlang_hidden');
  const run = joined(first, { hidden: true });
  const runs = [run, joined(second, { hidden: true, peerIncarnation: 'an older one' })];
  expect(acrossOf(document, [collector], runs, linked(document))).toMatchObject({
    edges: [],
    hidden: [[collector.name, first.name]],
  });
  expect(acrossOf(shop, gateways, [], linked(document, [collector], runs)).hidden).toEqual([
    [first.name, collector.name],
  ]);
  expect(acrossOf(document, [collector], [joined(first)], linked(document)).hidden).toEqual([]);
});

test('in a selected mesh the edges are those of runs', () => {
  const document = metrics('distributed_erlang', 'selected');
  const selected = { ...shop, families: { gateway: { release: 'ants', nodes: 2, mesh: 'selected' as const } } };
  const around = { ...linked(document), map: new LinkMap([document, selected]) };
  expect(acrossOf(document, [collector], [joined(first)], around).edges).toEqual([[collector.name, first.name]]);
});

test('what a proof is about changes with the process at the other end', () => {
  const document = metrics('distributed_erlang');
  const again = {
    ...first,
    state: { phase: 'running' as const, since: sampleTime, process: { ...sampleProcess, pid: 99 } },
  };
  const before = acrossOf(document, [collector], [], linked(document, [first])).subject;
  const after = acrossOf(document, [collector], [], linked(document, [again])).subject;
  expect(before).not.toEqual(after);
});

test('a link says what it waits for', () => {
  const document = metrics('distributed_erlang');
  expect(linkStates(document, linked(document), 'all').map(({ waits }) => waits)).toEqual([null]);
  const nobody: Linked = { map: new LinkMap([document]), destroying: new Set(), nodes: [], runs: [] };
  expect(linkStates(document, nobody, 'all')[0]?.waits).toBe('for shop/gateway: no blueprint shop');
});
