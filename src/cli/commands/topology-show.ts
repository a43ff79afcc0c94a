/** `wombat topology show`: the declared edges, the runs that made them, and the last proof. */
import { Command } from 'commander';
import { onlyBlueprint } from '../only-blueprint.ts';
import { withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { proofLines } from '../proof-text.ts';
import { harmless } from '../text.ts';
import { tableLines } from '../table.ts';
import type { TopologyView } from '../../model/exchange.ts';
import type { Run } from '../../model/topology.ts';
import type { OutputOptions } from '../options.ts';
import { linkLines } from '../status-text.ts';
import type { Column, Layout } from '../table.ts';
import type { World } from '../world.ts';

/** As last proved; `topology verify` looks anew. */
export function topologyShowCommand(world: World): Command {
  const command = withOutput(new Command('show'))
    .description('the declared edges, the bootstrap runs that made them, and the last proof')
    .argument('[blueprint]', 'may be left out when there is only one');
  withExamples(command, [
    ['wombat topology show ants', 'edges by node, and bootstrap runs'],
    ['wombat topology show ants -o json', 'every edge and run'],
  ]);
  return command.action(async (name: string | undefined, { output }: OutputOptions) => {
    const client = await world.connect();
    const blueprint = name ?? (await onlyBlueprint(client, world.signal));
    const topology = await client.topology.show(blueprint, world.signal);
    showObject(world.terminal, output, topology, { name: blueprint, lines: (wide) => lines(world, topology, wide) });
  });
}

interface Vertex {
  readonly name: string;
  readonly peers: readonly string[];
  /** how many other nodes there are */
  readonly others: number;
}

function lines({ terminal, clock }: World, topology: TopologyView, wide: boolean): string[] {
  const { proof, edges, runs, links = [], across = [] } = topology;
  const layout = { width: terminal.tableWidth, paint: terminal.paint, wide };
  const page = { width: terminal.width, paint: terminal.paint, nowMs: clock.now() };
  const vertices = verticesOf(edges);
  return [
    ...(proof === null ? ['not proven yet'] : proofLines(proof, page)),
    ...(vertices.length === 0 ? [] : ['', ...tableLines(vertices, vertexColumns, layout)]),
    ...(links.length === 0 ? [] : ['', ...linkLines(links, layoutFor(layout))]),
    ...(across.length === 0 ? [] : ['', ...tableLines(acrossOf(across), acrossColumns, layout)]),
    ...(runs.length === 0 ? [] : ['', ...tableLines(runs, runColumns, layout)]),
  ];
}

function layoutFor({ width, paint, wide }: Layout) {
  return { tableWidth: width, paint, wide };
}

/** The edges of one node to one other blueprint. */
interface Bridge {
  readonly node: string;
  readonly blueprint: string;
  readonly hidden: boolean;
  readonly peers: readonly string[];
}

function acrossOf(across: NonNullable<TopologyView['across']>): Bridge[] {
  const groups = Map.groupBy(across, ({ edge: [node], blueprint, hidden }) => `${node} ${blueprint} ${hidden}`);
  return [...groups.values()].flatMap(([first, ...rest]) => {
    if (first === undefined) return [];
    const peers = [first, ...rest].map(({ edge }) => edge[1]);
    return [{ node: first.edge[0], blueprint: first.blueprint, hidden: first.hidden, peers }];
  });
}

const acrossColumns: readonly Column<Bridge>[] = [
  { title: 'NODE', cell: ({ node }) => node },
  { title: 'BLUEPRINT', cell: ({ blueprint }) => blueprint },
  { title: 'CONNECTIONS', cell: ({ hidden }) => (hidden ? 'hidden' : 'visible') },
  { title: 'TO', cell: ({ peers }) => peers.map((peer) => peer.split('@')[0]).join(' '), flexible: true },
];

function verticesOf(edges: TopologyView['edges']): Vertex[] {
  const peers = new Map<string, string[]>();
  for (const [a, b] of edges) {
    peers.set(a, [...(peers.get(a) ?? []), b]);
    peers.set(b, [...(peers.get(b) ?? []), a]);
  }
  return [...peers]
    .map(([name, of]) => ({ name, peers: of, others: peers.size - 1 }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** Peers by the first part of their names; a node that is linked to all others says so. */
function peersText({ peers, others }: Vertex): string {
  return peers.length > 1 && peers.length === others
    ? 'every other'
    : peers.map((peer) => peer.split('@')[0]).join(' ');
}

const vertexColumns: readonly Column<Vertex>[] = [
  { title: 'NODE', cell: (vertex) => vertex.name },
  { title: 'EDGES', cell: (vertex) => String(vertex.peers.length), align: 'right' },
  { title: 'TO', cell: peersText, flexible: true },
];

const runColumns: readonly Column<Run>[] = [
  { title: 'NODE', cell: (run) => run.nodeName },
  { title: 'STRATEGY', cell: (run) => run.strategy },
  { title: 'STEP', cell: (run) => run.step },
  { title: 'PEER', cell: (run) => run.peerName ?? '-' },
  {
    title: 'OUTCOME',
    cell: (run) => run.outcome,
    paint: (paint, text, run) => (run.outcome === 'failed' ? paint.bad(text) : text),
  },
  { title: 'WORDS', cell: (run) => harmless(run.words.replaceAll('\n', ' ')), flexible: true },
];
