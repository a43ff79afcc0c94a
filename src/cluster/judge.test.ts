import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aMember, antsInspection, aView, fullMesh } from '../../test/kit/cluster-members.ts';
import { nothingAcross } from '../model/across.ts';
import type { Across } from '../model/across.ts';
import type { Edge } from '../model/topology.ts';
import type { NodeView } from './cluster.ts';
import { complaintOf, judge } from './judge.ts';
import type { Sight } from './judge.ts';

const [a, b, c] = ['colony-1@10.0.0.1', 'colony-2@10.0.0.2', 'master-1@10.0.0.3'] as const;
const names = [a, b, c];
const stranger = 'stranger@10.9.9.9';

function sight(name: string, visible: readonly string[], with_: Partial<NodeView> = {}): Sight {
  return { member: aMember(name), seen: true, view: aView(name, visible, with_) };
}

function unseen(name: string, why: string): Sight {
  return { member: aMember(name), seen: false, why };
}

/** Sights in which both ends of each edge see each other, and nothing else. */
function sightsOf(members: readonly string[], edges: readonly Edge[]): Sight[] {
  return members.map((name) =>
    sight(
      name,
      edges.filter((edge) => edge.includes(name)).map(([x, y]) => (x === name ? y : x)),
    ),
  );
}

test('a mesh as declared is proven in one line', () => {
  const judgement = judge(sightsOf(names, fullMesh(names)), fullMesh(names));
  expect(judgement).toMatchObject({ ok: true, faults: [], verdict: 'mesh 3/3 nodes, 3/3 edges, 0 extra' });
});

test('one node by its own view: its release, its applications, the neighbours that it must see', () => {
  const member = aMember(a);
  expect(complaintOf(member, aView(a, [b, c, stranger]), [b, c])).toBeNull();
  expect(complaintOf(member, aView(a, [b]), [b, c])).toBe(`${a} does not see ${c} (it sees: ${b})`);
  expect(complaintOf(member, aView(a, [b], { release: ['ants', '0.9.0'] }), [b])).toMatch(/runs release ants 0\.9\.0/);
  expect(complaintOf(member, aView(a, [b], { applications: new Map([['kernel', '1']]) }), [b])).toMatch(/does not run/);
});

test('no members and no edges is a proof of nothing, and holds', () => {
  expect(judge([], [])).toMatchObject({ ok: true, verdict: 'mesh 0/0 nodes, 0/0 edges, 0 extra' });
});

describe('what is wrong is said in words', () => {
  const healthy = () => sightsOf(names, fullMesh(names));
  const cases: [string, Sight[], Edge[], { kind: string; nodes: string[]; verdict: string; seen: number }][] = [
    [
      'one end does not see the other',
      [sight(a, [b]), ...healthy().slice(1)],
      fullMesh(names),
      { kind: 'missing edge', nodes: [a, c], verdict: `${a} does not see ${c} (it sees: ${b})`, seen: 2 },
    ],
    [
      'the second end does not see the first',
      [...healthy().slice(0, 2), sight(c, [b])],
      fullMesh(names),
      { kind: 'missing edge', nodes: [c, a], verdict: `${c} does not see ${a} (it sees: ${b})`, seen: 2 },
    ],
    [
      'neither end sees the other',
      [sight(a, []), sight(b, [c]), sight(c, [b])],
      [
        [a, c],
        [b, c],
      ],
      {
        kind: 'missing edge',
        nodes: [a, c],
        verdict: `${a} does not see ${c}, nor ${c} it (it sees: nobody)`,
        seen: 1,
      },
    ],
    [
      'a member is seen, but hidden',
      [sight(a, [b], { hidden: [c] }), ...healthy().slice(1)],
      fullMesh(names),
      {
        kind: 'missing edge',
        nodes: [a, c],
        verdict: `${a} does not see ${c} but as a hidden node (it sees: ${b})`,
        seen: 2,
      },
    ],
    [
      'two members are connected that should not be',
      healthy(),
      [
        [a, c],
        [b, c],
      ],
      {
        kind: 'extra edge',
        nodes: [a, b],
        verdict: `${a} sees ${b}, which the topology does not connect to it`,
        seen: 2,
      },
    ],
    [
      'a stranger is in the mesh',
      [sight(a, [b, c, stranger]), ...healthy().slice(1, 2), sight(c, [a, b, stranger])],
      fullMesh(names),
      {
        kind: 'extra node',
        nodes: [a, stranger],
        verdict: `${a} and 1 more see ${stranger}, which is no member of the cluster`,
        seen: 3,
      },
    ],
    [
      'an edge to a node that is no member',
      healthy(),
      [...fullMesh(names), [a, stranger]],
      {
        kind: 'missing edge',
        nodes: [a, stranger],
        verdict: `${a} and ${stranger} should be connected, but ${stranger} is no member of the cluster`,
        seen: 3,
      },
    ],
    [
      'a node cannot be asked',
      [...healthy().slice(0, 2), unseen(c, 'connection refused')],
      fullMesh(names),
      { kind: 'unreachable node', nodes: [c], verdict: `${c} cannot be seen: connection refused`, seen: 1 },
    ],
    [
      'a node runs another version',
      [sight(a, [b, c], { release: ['ants', '0.9.0'] }), ...healthy().slice(1)],
      fullMesh(names),
      { kind: 'wrong release', nodes: [a], verdict: `${a} runs release ants 0.9.0, not ants 1.0.0`, seen: 3 },
    ],
    [
      'applications do not run, or in another version',
      [
        sight(a, [b, c], { applications: new Map([['kernel', '8.5.3'], ['stdlib', '4.1']]) }), // prettier-ignore
        ...healthy().slice(1),
      ],
      fullMesh(names),
      {
        kind: 'application not running',
        nodes: [a],
        verdict: `${a} does not run ants, stdlib 4.2 (but 4.1) of ants 1.0.0`,
        seen: 3,
      },
    ],
  ];

  test.each(cases)('%s', (_what, sights, edges, expected) => {
    const { verdict, seen, ...fault } = expected;
    const judgement = judge(sights, edges);
    expect(judgement).toMatchObject({ ok: false, verdict, edgesSeen: seen });
    expect(judgement.faults[0]).toMatchObject(fault);
  });

  test('a node that cannot be asked is one fault, not one for each of its edges', () => {
    const judgement = judge([sight(a, [b]), sight(b, [a]), unseen(c, 'gone')], fullMesh(names));
    expect(judgement.faults).toHaveLength(1);
    expect(judgement).toMatchObject({ nodesSeen: 2, nodesExpected: 3, edgesSeen: 1, edgesExpected: 3 });
  });

  test('a node of the name that is another process than the one on record proves nothing', () => {
    const judgement = judge([sight(a, [b], { pid: 101 }), sight(b, [a])], [[a, b]]);
    expect(judgement).toMatchObject({ ok: false, faults: [{ kind: 'another process', nodes: [a] }] });
    expect(judgement.verdict).toBe(`${a} answers as pid 101, and pid 100 is the one that was started`);
  });

  test('kernel and stdlib must run even where the release does not list them', () => {
    const member = { ...aMember(a), inspection: { ...antsInspection, applications: [] } };
    const bare = aView(a, [], { applications: new Map([['stdlib', '4.2']]) });
    expect(judge([{ member, seen: true, view: bare }], []).verdict).toBe(`${a} does not run kernel of ants 1.0.0`);
  });

  test('what a node sees is cut short, with the number left out', () => {
    const many = Array.from({ length: 10 }, (_, at) => `n-${at}@h`);
    const judgement = judge([sight(a, many), sight(b, [])], [[a, b]]);
    expect(judgement.verdict).toContain('n-7@h and 2 more');
  });

  test('hidden nodes are listed, once, and are no fault', () => {
    const sights = [sight(a, [b], { hidden: ['us@x'] }), sight(b, [a], { hidden: ['us@x', 'shell@y'] })];
    expect(judge(sights, [[a, b]])).toMatchObject({ ok: true, hidden: ['shell@y', 'us@x'] });
  });

  test('faults are bounded, counts are not', () => {
    const many = Array.from({ length: 30 }, (_, at) => `n-${at}@h`);
    const judgement = judge(sightsOf(many, []), fullMesh(many));
    expect(judgement.faults).toHaveLength(100);
    expect(judgement).toMatchObject({ edgesSeen: 0, edgesExpected: 435 });
  });
});

describe('for any graph', () => {
  const graph = fc.integer({ min: 1, max: 8 }).chain((count) => {
    const members = Array.from({ length: count }, (_, at) => `n-${at}@h`);
    const pairs = fullMesh(members);
    return fc.record({ members: fc.constant(members), edges: fc.subarray(pairs), seen: fc.subarray(pairs) });
  });

  test('the judgement holds exactly when what is seen is what is expected', () => {
    fc.assert(
      fc.property(graph, ({ members, edges, seen }) => {
        const judgement = judge(sightsOf(members, seen), edges);
        const expected = new Set(edges.map(String));
        const common = seen.filter((edge) => expected.has(String(edge)));
        expect(judgement.edgesSeen).toBe(common.length);
        expect(judgement.extraEdges).toBe(seen.length - common.length);
        expect(judgement.ok).toBe(common.length === edges.length && common.length === seen.length);
      }),
    );
  });

  test('one connection that one end lost is never overlooked, and its end is named', () => {
    fc.assert(
      fc.property(graph, fc.nat(), ({ members, edges }, pick) => {
        fc.pre(edges.length > 0);
        const [from, to] = edges[pick % edges.length]!;
        const sights = sightsOf(members, edges).map((one) =>
          one.seen && one.member.node.name === from
            ? sight(from, one.view.visible.filter((name) => name !== to)) // prettier-ignore
            : one,
        );
        expect(judge(sights, edges).faults.map((fault) => fault.nodes)).toEqual([[from, to]]);
      }),
    );
  });
});

describe('edges to nodes of other blueprints', () => {
  const theirs = 'gateway-1@10.0.0.9';
  const across = (over: Partial<Across> = {}): Across => ({ ...nothingAcross, edges: [[a, theirs]], ...over });
  const seeing = (visible: readonly string[], hidden: readonly string[] = []) => [sight(a, visible, { hidden })];

  test('are judged from our end, and counted apart', () => {
    expect(judge(seeing([theirs]), [], across())).toMatchObject({
      ok: true,
      verdict: 'mesh 1/1 nodes, 1/1 edges (1 to other blueprints), 0 extra',
    });
    expect(judge(seeing([]), [], across())).toMatchObject({
      ok: false,
      faults: [{ kind: 'missing edge', nodes: [a, theirs] }],
      edgesSeen: 0,
    });
  });

  test('must be hidden where they are said to be', () => {
    const hidden = across({ edges: [], hidden: [[a, theirs]] });
    expect(judge(seeing([], [theirs]), [], hidden)).toMatchObject({ ok: true, edgesSeen: 1 });
    expect(judge(seeing([]), [], hidden).verdict).toBe(`${a} is not connected to ${theirs}, not even hidden`);
    const exposed = judge(seeing([theirs]), [], hidden);
    expect(exposed).toMatchObject({ verdict: `${a} sees ${theirs}, but not as a hidden node`, extraEdges: 1 });
    expect(exposed.faults).toHaveLength(1);
  });

  test('may be there while the other node is on its way, and must not be there otherwise', () => {
    expect(judge(seeing([theirs]), [], across({ edges: [], guests: new Set([theirs]) })).ok).toBe(true);
    expect(judge(seeing([theirs]), [], across({ edges: [] })).faults).toMatchObject([{ kind: 'extra node' }]);
  });
});
