/**
 * The firewall of families: which addresses may reach which TCP ports of which machines. Pure. A family says its own
 * ports; what distribution needs between linked families (each node's port, and epmd) comes by itself. Nothing is open to
 * the world unless a family says so.
 */
import type { BlueprintDocument } from './blueprint.ts';
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
}

/** Everybody. */
export const world = ['0.0.0.0/0', '::/0'] as const;

type ByPort = Map<number, Set<string>>;

function open(ports: ByPort, [first, last]: readonly [number, number], from: readonly string[]): void {
  for (let port = first; port <= last; port += 1) {
    const known = ports.get(port) ?? new Set<string>();
    from.forEach((one) => known.add(one));
    ports.set(port, known);
  }
}

/** The openings of each machine that has nodes, by its token; sorted, so that equal ones are written alike. */
export function openingsOf({ documents, nodes, machines }: FirewallFacts): ReadonlyMap<string, readonly Opening[]> {
  const known = new Map(machines.map((machine) => [machine.token, machine]));
  const opened = new Map<string, ByPort>();
  for (const document of documents) {
    const mine = nodes.filter((node) => node.blueprint === document.name && node.desired !== 'removed');
    const families = addressesBy(mine, known, ({ family }) => family);
    const components = addressesBy(mine, known, ({ specification }) => specification.component);
    for (const { placement, specification, family } of mine) {
      const ports = opened.get(placement.machine) ?? new Map<number, Set<string>>();
      opened.set(placement.machine, ports);
      const peers = components.get(specification.component) ?? [];
      open(ports, [placement.port, placement.port], peers);
      open(ports, [specification.epmdPort, specification.epmdPort], peers);
      for (const one of document.families[family]?.firewall ?? [])
        open(
          ports,
          portRange(one.ports),
          one.from.flatMap((source) => sources(source, families)),
        );
    }
  }
  return new Map([...opened].map(([token, ports]) => [token, merged(ports)]));
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

/** Ports side by side that are open to the same become one range. */
function merged(ports: ReadonlyMap<number, ReadonlySet<string>>): Opening[] {
  const found: { ports: [number, number]; from: readonly string[] }[] = [];
  for (const [port, from] of [...ports].filter(([, one]) => one.size > 0).sort(([a], [b]) => a - b)) {
    const sorted = [...from].sort();
    const last = found.at(-1);
    if (last !== undefined && last.ports[1] === port - 1 && last.from.join() === sorted.join()) last.ports[1] = port;
    else found.push({ ports: [port, port], from: sorted });
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
  const ports: ByPort = new Map();
  for (const { ports: range, from } of openings.flat()) open(ports, range, from);
  const exact = merged(ports);
  if (exact.reduce((sum, { from }) => sum + from.length, 0) <= mostPairs) return exact;
  const own = new Set(members.flatMap(blocksOf));
  const together = (from: ReadonlySet<string>) => new Set([...from].map((one) => (own.has(one) ? 'members' : one)));
  return merged(new Map([...ports].map(([port, from]) => [port, together(from)])));
}
