/** Random blueprints and offers of all kinds of constraint, small enough for brute force. */
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { Offer } from '../../src/model/machine.ts';
import type { Slot } from './placement-checker.ts';
import { documentOf } from './planner-world.ts';
import type { HostSketch } from './planner-world.ts';

/** A small deterministic source of numbers (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number below `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** The text in one of so many cases, else nothing. */
  maybe(oneOf: number, text: string): string {
    return this.below(oneOf) === 0 ? text : '';
  }
}

export interface Instance {
  readonly document: BlueprintDocument;
  readonly hosts: readonly HostSketch[];
  readonly yaml: string;
}

const names = ['a', 'b', 'c', 'd'];

/** How large instances are at the most: families, nodes of each, hosts or offers, machines that an offer makes. */
interface Size {
  readonly families: number;
  readonly nodes: number;
  readonly hosts: readonly [least: number, more: number];
  readonly left: number;
  /** how many times as much as in small instances the blueprint's limits allow */
  readonly limits: number;
}

/** Few enough placements to try them all. */
export const small: Size = { families: 3, nodes: 3, hosts: [2, 3], left: 2, limits: 1 };
/** Too many for that: billions. */
export const middle: Size = { families: 3, nodes: 5, hosts: [5, 4], left: 3, limits: 2 };
/** Far too many. */
export const large: Size = { families: 4, nodes: 6, hosts: [6, 5], left: 4, limits: 3 };
const levels = ['host', 'zone', 'region', 'provider'];

/** The instance of a seed. */
export function instanceOf(seed: number, size = small): Instance {
  const dice = new Dice(seed);
  const families = names.slice(0, 1 + dice.below(size.families));
  const hosts = Array.from({ length: size.hosts[0] + dice.below(size.hosts[1]) }, (_, at) => sketch(dice, at, size));
  const yaml = `
wombat: 1
name: drawn
providers: { p: { kind: memory }, q: { kind: memory } }
domains:
  one: { provider: p, region: north, zone: n1, capabilities: { tier: gold } }
  two: { provider: p, region: north, zone: n2, capabilities: { tier: tin } }
  three: { provider: q, region: south, capabilities: { tier: gold } }
releases: { app: { file: a.tgz } }
${dice.maybe(3, `limits: { ${limit(dice, size.limits)} }`)}
licences: { big: ${1 + dice.below(size.nodes)} }
${families.length > 1 ? dice.maybe(6, 'oneOf: [[a, b]]') : ''}
${dice.maybe(4, `reserved: { ${dice.pick(hosts).host}: [${dice.pick(families)}] }`)}
optimise: [${dice.pick(['spread, consolidate, prefer, cost', 'cost, prefer, spread', 'prefer, cost', 'cost', 'consolidate, cost, spread'])}]
families:
${families.map((name) => family(dice, { name, families, hosts, size })).join('\n')}
`;
  return { document: documentOf(yaml), hosts, yaml };
}

function limit(dice: Dice, times: number): string {
  return dice.pick([
    `machines: ${2 * times}`,
    `cores: ${8 * times}`,
    `costPerHour: ${0.5 * times}`,
    `providers: { p: { machines: ${times} } }`,
    `domains: { one: { cores: ${4 * times} } }`,
  ]);
}

function sketch(dice: Dice, at: number, size: Size): HostSketch {
  const cores = dice.pick([2, 4, 8]);
  return {
    domain: dice.pick(['one', 'two', 'three']),
    host: `h${at}`,
    cores,
    memoryBytes: dice.pick([1, 2, 4]) * 2 ** 30,
    ...(dice.below(2) === 0 ? { pricePerHour: dice.pick([0.1, 0.2, 0.25, 0.4]) } : {}),
    ...(dice.below(3) === 0 ? { left: 1 + dice.below(size.left), pricePerHour: dice.pick([0.1, 0.2, 0.3]) } : {}),
  };
}

interface Drawn {
  readonly name: string;
  readonly families: readonly string[];
  readonly hosts: readonly HostSketch[];
  readonly size: Size;
}

function family(dice: Dice, { name, families, hosts, size }: Drawn): string {
  const others = families.filter((one) => one < name);
  const other = others.length > 0 ? dice.pick(others) : undefined;
  const place = placeRules(dice, other, hosts);
  const lines = [
    `release: app`,
    // fewer nodes than places are refused before they are planned
    `nodes: ${Math.max(place.startsWith('least') ? 2 : 1, 1 + dice.below(size.nodes))}`,
    dice.maybe(2, `uses: { ${dice.pick(['cores: 1', 'cores: 2', 'memory: 1G', 'cores: 2, memory: 512M'])} }`),
    dice.maybe(
      4,
      `demands: ["${dice.pick(['cores >= 4', 'tier = gold', 'not tier = gold', 'memory >= 2G', 'cores >= 4 or tier = tin'])}"]`,
    ),
    dice.maybe(8, 'anyOf: ["cores >= 8", "tier = tin"]'),
    dice.maybe(6, 'ordered: ["tier = tin", "tier = gold"]'),
    dice.maybe(
      4,
      `prefer: [{ that: "${dice.pick(['tier = gold', 'cores >= 4'])}", weight: ${dice.pick([10, 30, -20])}${dice.maybe(2, ', priority: 1')} }]`,
    ),
    dice.maybe(4, 'licences: [big]'),
    other === undefined ? '' : dice.maybe(5, `serves: { ${other}: ${dice.pick(['1', '2', '3/2'])} }`),
    place === '' ? '' : `place: { ${place} }`,
  ];
  return `  ${name}: { ${lines.filter((line) => line !== '').join(', ')} }`;
}

function placeRules(dice: Dice, other: string | undefined, hosts: readonly HostSketch[]): string {
  const level = dice.pick(levels);
  const fixed = hosts.filter(({ left }) => left === undefined);
  const choices = [
    '',
    '',
    `apart: ${level}`,
    `together: ${level}`,
    `most: { ${level}: ${1 + dice.below(2)} }`,
    `least: { ${level}: 2 }`,
    `spread: { over: ${level} }`,
    `spread: { over: provider, shares: { p: 70, q: 30 } }`,
    `consolidate: ${level}`,
    ...(other === undefined
      ? []
      : [`near: { family: ${other}, within: ${level} }`, `apartFrom: { ${other}: ${level} }`]),
    ...(fixed.length === 0 ? [] : [`pinned: [${dice.pick(fixed).host}]`]),
  ];
  return dice.pick(choices);
}

/** Every machine that the instance's offers can be made into, two of each at the most (`left` is never more). */
export function slotsOf(offers: readonly Offer[]): Slot[] {
  return offers.flatMap((offer) =>
    Array.from({ length: offer.left ?? 1 }, (_, at) => ({ name: `${offer.id}#${at}`, offer })),
  );
}
