/**
 * The firewall of families: which addresses may reach which TCP ports of which machines. Pure. A family says its own
 * ports; what distribution needs between linked families (each node's port, and epmd) comes by itself. Nothing is open to
 * the world unless a family says so.
 */
import type { BlueprintDocument } from './blueprint.ts';
import { LinkMap, referenceTo } from './link.ts';
import type { FamilyOf } from './link.ts';
import { networkAddresses } from './reach.ts';
import type { Machine } from './machine.ts';
import type { Node } from './node.ts';

/** Ports of a machine, and who may connect to them: CIDR blocks. */
export interface Opening {
  readonly ports: readonly [first: number, last: number];
  readonly from: readonly string[];
}

/** What the firewall is made from. */
export interface FirewallFacts {
  readonly documents: readonly BlueprintDocument[];
  readonly nodes: readonly Node[];
  readonly machines: readonly Machine[];
  /** how the documents hang together; found out when absent */
  readonly links?: LinkMap;
}

/** Everybody. */
export const world = ['0.0.0.0/0', '::/0'] as const;

/** The openings of each of those machines that has nodes, by its token; sorted, so that equal ones are written alike. */
export function openingsOf(
  { documents, nodes, machines, links = new LinkMap(documents) }: FirewallFacts,
  of: ReadonlySet<string> = new Set(machines.map(({ token }) => token)),
): ReadonlyMap<string, readonly Opening[]> {
  const known = new Map(machines.map((machine) => [machine.token, machine]));
  const opened = new Map<string, Opening[]>();
  const across = addressesAcross(links, nodes, known);
  const ofBlueprint = Map.groupBy(nodes, ({ blueprint }) => blueprint);
  for (const document of documents) {
    const mine = (ofBlueprint.get(document.name) ?? []).filter(({ desired }) => desired !== 'removed');
    const families = addressesBy(mine, known, ({ family }) => family);
    const components = addressesBy(mine, known, ({ specification }) => specification.component);
    for (const { placement, specification, family } of mine) {
      if (!of.has(placement.machine)) continue;
      const openings = opened.get(placement.machine) ?? [];
      opened.set(placement.machine, openings);
      const peers = [
        ...(components.get(specification.component) ?? []),
        ...across({ blueprint: document.name, family }),
      ];
      openings.push({ ports: [placement.port, placement.port], from: peers });
      openings.push({ ports: [specification.epmdPort, specification.epmdPort], from: peers });
      for (const { ports, from } of document.families[family]?.firewall ?? [])
        openings.push({ ports: portRange(ports), from: from.flatMap((source) => sources(source, families)) });
    }
  }
  return new Map([...opened].map(([token, openings]) => [token, merged(openings)]));
}

/**
 * The addresses of nodes of other blueprints that may dial a family's: in one mesh each dials each, by a hidden link only
 * who joins does.
 */
function addressesAcross(
  map: LinkMap,
  nodes: readonly Node[],
  machines: ReadonlyMap<string, Machine>,
): (family: FamilyOf) => readonly string[] {
  if (map.links.length === 0) return () => [];
  const known = new Map<string, readonly string[]>();
  const wanted = nodes.filter(({ desired }) => desired !== 'removed');
  const addresses = addressesBy(wanted, machines, referenceTo);
  const others = new Map(wanted.map((node) => [referenceTo(node), { blueprint: node.blueprint, family: node.family }]));
  const ofBlueprint = Map.groupBy(others, ([, { blueprint }]) => blueprint);
  const nearby = (blueprint: string) => map.nearby(blueprint).flatMap((one) => ofBlueprint.get(one) ?? []);
  const found = (own: FamilyOf) =>
    nearby(own.blueprint).flatMap(([reference, other]) => {
      const dials = map.between(own, other) === 'visible' || map.leads(other, own);
      return dials ? (addresses.get(reference) ?? []) : [];
    });
  return (own) => {
    const peers = known.get(referenceTo(own)) ?? found(own);
    known.set(referenceTo(own), peers);
    return peers;
  };
}

/** The addresses of the machines on which nodes are, by what the nodes have in common. */
function addressesBy(
  nodes: readonly Node[],
  machines: ReadonlyMap<string, Machine>,
  keyOf: (node: Node) => string,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...Map.groupBy(nodes, keyOf)].map(([key, group]) => {
      const tokens = new Set(group.map(({ placement }) => placement.machine));
      return [key, [...new Set([...tokens].flatMap((token) => blocksOf(machines.get(token))))]];
    }),
  );
}

function sources(source: string, families: ReadonlyMap<string, readonly string[]>): readonly string[] {
  if (source === 'world') return world;
  return isBlock(source) ? [source] : (families.get(source) ?? []);
}

/** Whether it is written as a block of addresses: `192.0.2.0/24`, `2001:db8::/32`. */
export function isBlock(text: string): boolean {
  const v4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}\/(3[0-2]|[12]?\d)$/;
  const v6 = /^[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}\/(12[0-8]|1[01]\d|\d?\d)$/i;
  return v4.test(text) || v6.test(text);
}

/** First and last port of `8080` or `8000-8099`. */
export function portRange(ports: number | string): readonly [number, number] {
  const [first = 0, last = first] = String(ports).split('-').map(Number);
  return [first, last];
}

/** A machine's addresses as blocks of one address each. */
function blocksOf(machine: Machine | undefined): string[] {
  const listed = networkAddresses(machine?.addresses ?? []).map(({ address }) => address);
  const entered = machine?.access?.method === 'ssh' ? [machine.access.address] : [];
  return [...new Set([...listed, ...entered])].filter((one) => /^[0-9a-f.:]+$/i.test(one)).map(blockOf);
}

function blockOf(address: string): string {
  return address.includes(':') ? `${address}/128` : `${address}/32`;
}

/** Every port once, with all who may reach it; ports side by side that are open to the same are one range. */
function merged(openings: readonly Opening[]): Opening[] {
  const cuts = [...new Set(openings.flatMap(({ ports: [first, last] }) => [first, last + 1]))].sort((a, b) => a - b);
  const found: { ports: [number, number]; from: readonly string[] }[] = [];
  for (const [at, first] of cuts.slice(0, -1).entries()) {
    const last = (cuts[at + 1] ?? first) - 1;
    const over = openings.filter(({ ports: [from, to] }) => from <= first && last <= to);
    const from = [...new Set(over.flatMap((one) => one.from))].sort();
    if (from.length === 0) continue;
    const before = found.at(-1);
    if (before?.ports[1] === first - 1 && before.from.join() === from.join()) before.ports[1] = last;
    else found.push({ ports: [first, last], from });
  }
  return found;
}

/** How many pairs of a range and a block a provider's group may hold before the machines of ours are said as `members`. */
const mostPairs = 50;

/**
 * One provider's group, which all of its machines share: the openings of all. Where these are more than such a group can
 * hold, our own machines there are said together, and then ports that differ only by that are said in one.
 */
export function groupRules(openings: readonly (readonly Opening[])[], members: readonly Machine[]): Opening[] {
  const all = openings.flat();
  const exact = merged(all);
  if (exact.reduce((sum, { from }) => sum + from.length, 0) <= mostPairs) return exact;
  const own = new Set(members.flatMap(blocksOf));
  return merged(all.map(({ ports, from }) => ({ ports, from: from.map((one) => (own.has(one) ? 'members' : one)) })));
}
