/**
 * The topology across blueprints: which connections the nodes of one blueprint must have to those of the blueprints it is
 * linked with, and which they may have. A pure function of the nodes and of the recorded runs, like the edges within.
 */
import type { BlueprintDocument } from './blueprint.ts';
import { awaited, linksOf } from './link.ts';
import type { FamilyOf, Link, LinkMap, LinkTarget } from './link.ts';
import { incarnationOf, isEligible } from './node.ts';
import type { Node } from './node.ts';
import { runCounts } from './topology.ts';
import type { Edge, Run } from './topology.ts';

/** What is on record of the blueprints whose nodes concern those of one (`LinkMap.nearby`). */
export interface Linked {
  readonly map: LinkMap;
  /** names of those that are being destroyed */
  readonly destroying: ReadonlySet<string>;
  /** the nodes of the others */
  readonly nodes: readonly Node[];
  /** the bootstrap runs of the others */
  readonly runs: readonly Run[];
}

/** The edges across, from the side of one blueprint; its own node's name stands first. */
export interface Across {
  readonly edges: readonly Edge[];
  /** those that must be there as hidden connections */
  readonly hidden: readonly Edge[];
  /** nodes that may be seen and need not: they are on their way in or out */
  readonly guests: ReadonlySet<string>;
  /** what a proof of these edges is about: names and processes of the nodes at their other ends */
  readonly subject: readonly string[];
}

/** Nobody else is linked with. */
export const nothingAcross: Across = { edges: [], hidden: [], guests: new Set(), subject: [] };

/** The edges that the given nodes of a blueprint must have to nodes of others. `runs` are its own. */
export function acrossOf(
  { name, families }: BlueprintDocument,
  nodes: readonly Node[],
  runs: readonly Run[],
  linked: Linked,
): Across {
  if (linked.nodes.length === 0) return nothingAcross;
  const found = { edges: new Map<string, Edge>(), hidden: new Map<string, Edge>(), guests: new Set<string>() };
  const own = Map.groupBy(nodes, ({ family }) => family);
  const sides = { map: linked.map, own: new Map<string, Node>(), others: new Map<string, Node>() };
  for (const peers of groupsOf(linked.nodes)) {
    const [peer] = peers;
    if (peer === undefined) continue;
    for (const [family, members] of own) {
      const kind = linked.map.between({ blueprint: name, family }, peer);
      // most have nothing to do with each other, and no run between them is looked for
      if (kind === null) continue;
      remember(sides.own, members);
      remember(sides.others, peers);
      const isFull = families[family]?.mesh === undefined || families[family].mesh === 'full';
      if (kind === 'visible' && isFull) for (const node of members) meet(node, peers, found);
    }
  }
  for (const run of runs) follow(run, sides, found);
  for (const run of linked.runs) follow(run, sides, found);
  const edges = [...found.edges.values()];
  const hidden = [...found.hidden.values()];
  return { edges, hidden, guests: found.guests, subject: subjectOf([...edges, ...hidden], sides.others.values()) };
}

/** Nodes by blueprint and family. */
function groupsOf(nodes: readonly Node[]): Node[][] {
  const ofBlueprints = [...Map.groupBy(nodes, ({ blueprint }) => blueprint).values()];
  return ofBlueprints.flatMap((those) => [...Map.groupBy(those, ({ family }) => family).values()]);
}

interface Found {
  readonly edges: Map<string, Edge>;
  readonly hidden: Map<string, Edge>;
  readonly guests: Set<string>;
}

/** In a full mesh a node must see all others that have completed their bootstrap. */
function meet(node: Node, peers: readonly Node[], { edges, guests }: Found): void {
  for (const peer of peers) {
    if (isEligible(peer)) edges.set(`${node.name} ${peer.name}`, [node.name, peer.name]);
    else guests.add(peer.name);
  }
}

/** Both sides of the links, by id. */
interface Sides {
  readonly map: LinkMap;
  readonly own: ReadonlyMap<string, Node>;
  readonly others: ReadonlyMap<string, Node>;
}

function remember(side: Map<string, Node>, nodes: readonly Node[]): void {
  for (const node of nodes) side.set(node.id, node);
}

/** The edge that a run made between one of ours and one of theirs, whoever of them joined. */
function follow(run: Run, { map, own, others }: Sides, found: Found): void {
  if (run.edge === null || run.outcome === 'failed' || run.step === 'leave') return;
  const find = (side: ReadonlyMap<string, Node>) => side.get(run.node) ?? side.get(run.peer ?? '');
  const [mine, theirs] = [find(own), find(others)];
  if (mine === undefined || theirs === undefined) return;
  const [joined, peer] = mine.id === run.node ? [mine, theirs] : [theirs, mine];
  const kind = map.between(mine, theirs);
  if (!runCounts(run, joined, peer) || kind !== (run.hidden === true ? 'hidden' : 'visible')) return;
  const edge: Edge = [mine.name, theirs.name];
  if (kind === 'hidden') found.hidden.set(edge.join(' '), edge);
  else if (map.meshOf(mine) !== 'selected') return;
  else if (isEligible(theirs)) found.edges.set(edge.join(' '), edge);
  else found.guests.add(theirs.name);
}

function subjectOf(edges: readonly Edge[], nodes: Iterable<Node>): string[] {
  const byName = new Map([...nodes].map((node) => [node.name, node]));
  return edges.map(([mine, theirs]) => {
    const peer = byName.get(theirs);
    return [mine, theirs, peer === undefined ? '' : (incarnationOf(peer) ?? '')].join(' ');
  });
}

/** What is known of the family that a link leads to. */
function targetOf(to: FamilyOf, linked: Linked): LinkTarget {
  const nodes = linked.nodes.filter((node) => node.blueprint === to.blueprint && node.family === to.family);
  return {
    document: linked.map.documents.get(to.blueprint),
    destroying: linked.destroying.has(to.blueprint),
    wanted: nodes.filter(({ desired }) => desired === 'running').length,
    running: nodes.filter(isEligible).length,
  };
}

/** A link of a blueprint, and what it waits for in words that follow `waits`; null when it waits for nothing. */
export interface LinkState extends Link {
  readonly waits: string | null;
}

/** How the links of a document stand. `enough` is how many nodes of a linked family must run: all of them, or one. */
export function linkStates(document: BlueprintDocument, linked: Linked, enough: 'all' | 'some'): LinkState[] {
  return linksOf(document).map((link) => ({ ...link, waits: awaited(link, targetOf(link.to, linked), enough) }));
}

/** How a blueprint hangs together with others. */
export interface LinkRecords {
  readonly states: readonly LinkState[];
  /** of others to it */
  readonly from: readonly Link[];
  /** the edges of its nodes that should run */
  readonly across: Across;
}

/** It is linked with nobody. */
export const noLinks: LinkRecords = { states: [], from: [], across: nothingAcross };
