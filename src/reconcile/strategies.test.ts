import { describe, expect, test } from 'vitest';
import { sampleDocument, sampleNode, sampleProcess, sampleTime } from '../../test/kit/records.ts';
import { seededRandom } from '../base/random.ts';
import type { Strategy } from '../model/bootstrap.ts';
import { incarnationOf } from '../model/node.ts';
import type { FamilyOf } from '../model/link.ts';
import type { Node } from '../model/node.ts';
import type { Run } from '../model/topology.ts';
import { owedBy, strategiesOf } from './strategies.ts';

/** A node that runs as a process of its own. */
function running(ordinal: number, family = 'colony', pid = ordinal): Node {
  const process = { ...sampleProcess, pid };
  return sampleNode(ordinal, {
    id: `${family}-${ordinal}`,
    family,
    name: `${family}-${ordinal}@127.0.0.1`,
    createdAt: new Date(Date.parse(sampleTime) + ordinal).toISOString(),
    state: { phase: 'running', since: sampleTime, process },
  });
}

function started(ordinal: number, family = 'colony'): Node {
  const node = running(ordinal, family);
  return {
    ...node,
    state: { phase: 'started', since: sampleTime, process: { ...sampleProcess, pid: ordinal }, why: '' },
  };
}

/** A run that joined `node` to `peer` as they are now. */
function joined(node: Node, peer: Node, strategy = 'within'): Run {
  return {
    id: `r-${node.id}-${peer.id}`,
    blueprint: 'ants',
    family: node.family,
    node: node.id,
    nodeName: node.name,
    peer: peer.id,
    peerName: peer.name,
    strategy,
    step: 'join',
    outcome: 'done',
    words: 'ok',
    incarnation: incarnationOf(node) ?? '',
    peerIncarnation: incarnationOf(peer),
    edge: null,
    at: sampleTime,
  };
}

/** The names of the peers that the node owes an action. */
function owed(
  node: Node,
  strategies: { within?: Strategy; with?: Record<string, Strategy> },
  others: readonly Node[],
  { runs = [], sees = [] }: { readonly runs?: readonly Run[]; readonly sees?: readonly string[] } = {},
) {
  const document = sampleDocument();
  const family = { release: 'ants', nodes: 1, bootstrap: strategies };
  const applied = strategiesOf(
    { ...document, families: { colony: family, master: { release: 'ants', nodes: 1 } } },
    node.family,
  );
  const runsOf = (id: string) => runs.filter((run) => run.node === id || run.peer === id);
  const ofFamily = (of: FamilyOf) =>
    [node, ...others].filter((one) => one.blueprint === of.blueprint && one.family === of.family);
  const situation = { family: ofFamily, runsOf, random: seededRandom(7), sees: new Set(sees) };
  return owedBy(node, applied, situation).map(({ peer }) => peer.id);
}

const connect = 'distributed_erlang';

describe('what a node owes within its family', () => {
  const peers = [running(1), running(2), running(3)];
  const cases: readonly [string, Strategy['select'], number][] = [
    ['none', 'none', 0],
    ['random', 'random', 1],
    ['two at random', { random: 2 }, 2],
    ['more at random than there are', { random: 9 }, 3],
    ['all', 'all', 3],
    ['oldest', 'oldest', 1],
    ['a node by name', { node: 'colony-2@127.0.0.1' }, 1],
    ['a node that is not there', { node: 'colony-9@127.0.0.1' }, 0],
  ];
  test.each(cases)('%s', (_, select, count) => {
    expect(owed(started(4), { within: { select, action: connect } }, peers)).toHaveLength(count);
  });

  test('the oldest is the one that was created first', () => {
    expect(owed(started(4), { within: { select: 'oldest', action: connect } }, [running(3), running(2)])).toEqual([
      'colony-2',
    ]);
  });

  test.each<[string, Strategy['select'], string[]]>([
    ['two at random', { random: 2 }, ['colony-3', 'colony-5']],
    ['the oldest', 'oldest', ['colony-3']],
  ])('whom it is connected to already comes first: %s', (_, select, expected) => {
    const sees = ['colony-3@127.0.0.1', 'colony-5@127.0.0.1'];
    const others = [running(1), running(2), running(3), running(5), running(6)];
    expect(owed(started(4), { within: { select, action: connect } }, others, { sees }).sort()).toEqual(expected);
  });

  test('by default one random peer', () => {
    expect(owed(started(4), {}, peers)).toHaveLength(1);
  });

  test('nothing while nobody is eligible: the first of a component is exempt', () => {
    const others = [started(1), { ...running(2), desired: 'stopped' as const }];
    expect(owed(started(4), { within: { select: 'all', action: connect } }, others)).toEqual([]);
  });

  test('nothing to those that still have another cookie or port of epmd, told of the new one or not', () => {
    const all = { within: { select: 'all', action: connect } } as const;
    const changed = (node: Node): Node => ({ ...node, specification: { ...node.specification, component: 'bees' } });
    const [one, two, three] = peers as [Node, Node, Node];
    const told = { ...changed(two), generation: 2, asStarted: two.specification };
    expect(owed(changed(started(4)), all, [one, told, changed(three)])).toEqual([three.id]);
  });

  test('nothing to those it joined, on whichever side it stood', () => {
    const [one, two, three] = peers as [Node, Node, Node];
    const node = running(4);
    const runs = [joined(node, one), joined(two, node)];
    expect(owed(node, { within: { select: 'all', action: connect } }, peers, { runs })).toEqual([three.id]);
  });

  test('once more after it was restarted', () => {
    const before = running(4);
    const after = running(4, 'colony', 99);
    const runs = peers.map((peer) => joined(before, peer));
    expect(owed(after, { within: { select: 'all', action: connect } }, peers, { runs })).toHaveLength(3);
  });

  test('a failed run counts for nothing', () => {
    const node = running(4);
    const runs = [{ ...joined(node, peers[0]!), outcome: 'failed' as const }];
    expect(owed(node, { within: { select: 'all', action: connect } }, [peers[0]!], { runs })).toEqual(['colony-1']);
  });
});

describe('what a node owes to a neighbour family', () => {
  const strategy: Strategy = { select: 'all', action: { join: { on: 'new', call: 'ants_colony:join(Peer)' } } };

  test('an action with each of its nodes, and again with one that was replaced', () => {
    const node = running(4);
    const master = running(1, 'master');
    const towards = { within: { select: 'none' as const, action: 'none' as const }, with: { master: strategy } };
    expect(owed(node, towards, [master])).toEqual(['master-1']);
    expect(owed(node, towards, [master], { runs: [joined(node, master, 'master')] })).toEqual([]);
    const restarted = running(1, 'master', 77);
    expect(owed(node, towards, [restarted], { runs: [joined(node, master, 'master')] })).toEqual(['master-1']);
  });
});
