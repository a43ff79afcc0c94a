/**
 * Component: families that are linked with each other, directly or not. Its nodes share a cookie and a mesh, and which
 * of their connections must exist is a pure function of the nodes and of the recorded bootstrap runs.
 */
import type { BlueprintDocument } from './blueprint.ts';
import type { Mesh } from './bootstrap.ts';
import type { Node } from './node.ts';
import { runCounts } from './topology.ts';
import type { Edge, Run } from './topology.ts';

/** One connected component of a blueprint's linked families; a family without links is one of its own. */
export interface Component {
  /** the alphabetically first of its families */
  readonly name: string;
  /** in the order in which they start: each behind those it depends on */
  readonly families: readonly string[];
  readonly mesh: Mesh;
}

/** The families that must run before this one: those towards which it bootstraps. Families of other blueprints are not among them. */
export function dependenciesOf(document: BlueprintDocument, family: string): string[] {
  const links = Object.keys(document.families[family]?.bootstrap?.with ?? {});
  return links.filter((other) => other !== family && document.families[other] !== undefined);
}

/**
 * All families in the order in which they start: each behind those it depends on, else as written. Families on a cycle
 * (which a check refuses) keep the written order among themselves.
 */
export function startOrder(document: BlueprintDocument): string[] {
  const ordered = new Set<string>();
  const visiting = new Set<string>();
  const visit = (family: string): void => {
    if (visiting.has(family)) return;
    visiting.add(family);
    dependenciesOf(document, family).forEach(visit);
    ordered.add(family);
  };
  Object.keys(document.families).forEach(visit);
  return [...ordered];
}

/** A way round from a family back to itself along dependencies, first and last alike; null when there is none. */
export function dependencyCycle(document: BlueprintDocument): readonly string[] | null {
  const finished = new Set<string>();
  const search = (family: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(family)) return [...path.slice(path.indexOf(family)), family];
    if (finished.has(family)) return null;
    for (const next of dependenciesOf(document, family)) {
      const cycle = search(next, [...path, family]);
      if (cycle !== null) return cycle;
    }
    finished.add(family);
    return null;
  };
  for (const family of Object.keys(document.families)) {
    const cycle = search(family, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** The components of a blueprint, those with the first families first. */
export function components(document: BlueprintDocument): Component[] {
  const neighbours = neighboursOf(document);
  const seen = new Set<string>();
  const order = startOrder(document);
  return order.flatMap((family) => {
    if (seen.has(family)) return [];
    const members = reachedFrom(family, neighbours);
    members.forEach((member) => seen.add(member));
    const name = [...members].sort()[0] ?? family;
    const mesh = document.families[name]?.mesh ?? 'full';
    return [{ name, families: order.filter((one) => members.has(one)), mesh }];
  });
}

/** The component that each family belongs to. */
export function componentByFamily(document: BlueprintDocument): ReadonlyMap<string, Component> {
  return new Map(components(document).flatMap((one) => one.families.map((family) => [family, one] as const)));
}

function neighboursOf(document: BlueprintDocument): ReadonlyMap<string, ReadonlySet<string>> {
  const neighbours = new Map(Object.keys(document.families).map((family) => [family, new Set<string>()]));
  for (const family of neighbours.keys()) {
    for (const other of dependenciesOf(document, family)) {
      neighbours.get(family)?.add(other);
      neighbours.get(other)?.add(family);
    }
  }
  return neighbours;
}

function reachedFrom(family: string, neighbours: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const reached = new Set([family]);
  // a set yields what is added to it while it is being walked
  for (const one of reached) neighbours.get(one)?.forEach((next) => reached.add(next));
  return reached;
}

/**
 * The connections that must exist between the given nodes, each once, sorted. `full`: all pairs of a component;
 * `selected`: the edges of runs that count; `none`: none. Nodes of families that the blueprint has no more count for
 * nothing.
 */
export function expectedEdges(document: BlueprintDocument, nodes: readonly Node[], runs: readonly Run[]): Edge[] {
  const edges = components(document).flatMap(({ families, mesh }) => {
    const members = nodes.filter((node) => families.includes(node.family));
    if (mesh === 'full') return allPairs(members.map((node) => node.name));
    return mesh === 'selected' ? selectedEdges(members, runs) : [];
  });
  return edges.sort(compareEdges);
}

/** Erlang names of those of the given nodes to which one of them must be connected. */
export function expectedNeighbours(
  document: BlueprintDocument,
  node: Node,
  nodes: readonly Node[],
  runs: readonly Run[],
): string[] {
  const component = componentByFamily(document).get(node.family);
  const members = nodes.filter(({ family }) => component?.families.includes(family) === true);
  if (component?.mesh === 'full') return members.flatMap(({ id, name }) => (id === node.id ? [] : [name]));
  if (component?.mesh !== 'selected') return [];
  const edges = selectedEdges([...members.filter(({ id }) => id !== node.id), node], runs);
  return edges.flatMap(([one, other]) => (one === node.name ? [other] : other === node.name ? [one] : []));
}

function allPairs(names: readonly string[]): Edge[] {
  const sorted = [...names].sort();
  return sorted.flatMap((first, at) => sorted.slice(at + 1).map((second) => [first, second] as const));
}

function selectedEdges(members: readonly Node[], runs: readonly Run[]): Edge[] {
  const byId = new Map(members.map((node) => [node.id, node]));
  const edges = new Map<string, Edge>();
  for (const run of runs) {
    if (run.edge === null || run.outcome === 'failed' || run.step === 'leave') continue;
    const [node, peer] = [byId.get(run.node), byId.get(run.peer ?? '')];
    if (node !== undefined && peer !== undefined && runCounts(run, node, peer)) edges.set(run.edge.join(' '), run.edge);
  }
  return [...edges.values()];
}

/** By code units, so that the order is the same everywhere. */
function compareEdges([a, b]: Edge, [c, d]: Edge): number {
  return a === c ? compare(b, d) : compare(a, c);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
