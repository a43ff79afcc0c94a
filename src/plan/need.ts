/** What a family asks of a place, read once: demands and wishes as values, its release, its share of memory and cores. */
import type { BlueprintDocument } from '../model/blueprint.ts';
import { activityCapabilities } from '../model/capability.ts';
import type { Capabilities } from '../model/capability.ts';
import { componentByFamily } from '../model/component.ts';
import type { Component } from '../model/component.ts';
import { attributesIn, necessaryTests, parseDemand } from '../model/demand.ts';
import type { Demand } from '../model/demand.ts';
import type { FamilyDefinition, PlaceRules } from '../model/family.ts';
import { holds } from '../model/holds.ts';
import type { Facts } from '../model/plan.ts';
import { parseQuantity } from '../model/quantity.ts';
import type { Misfit } from './place/refusals.ts';

type Release = Facts['releases'][number];

/** A demand and the words it was written in. */
export interface Condition {
  readonly text: string;
  readonly demand: Demand;
}

export interface Need {
  readonly family: string;
  readonly definition: FamilyDefinition;
  readonly component: Component;
  readonly release: Release | undefined;
  readonly demands: readonly Condition[];
  readonly wishes: readonly (Condition & { readonly weight: number; readonly priority: number })[];
  /** demands of which one must hold, the best first */
  readonly ordered: readonly Condition[];
  readonly rules: PlaceRules;
  /** the most that its demands say of memory with `>=`, bytes; 0 when they say nothing */
  readonly memoryBytes: number;
  /** the same of cores */
  readonly cores: number;
  /** what each node takes of its host, by attribute; memory that is demanded is taken */
  readonly uses: ReadonlyMap<string, number>;
}

/** The needs of all families, by name. Texts that cannot be read (validation refuses them) hold nowhere. */
export function needsOf(document: BlueprintDocument, releases: readonly Release[]): ReadonlyMap<string, Need> {
  const components = componentByFamily(document);
  return new Map(
    Object.entries(document.families).map(([family, definition]) => {
      const component = components.get(family) ?? { name: family, families: [family], mesh: 'full' as const };
      const demands = demandsOf(definition);
      const wishes = (definition.prefer ?? []).map(({ that, weight, priority = 5 }) => ({
        ...condition(that),
        weight,
        priority,
      }));
      const ordered = (definition.ordered ?? []).map(condition);
      const release = releases.find(({ name }) => name === definition.release);
      const uses = usesOf(definition, atLeast(demands, 'memory'));
      const memoryBytes = uses.get('memory') ?? 0;
      const cores = Math.max(atLeast(demands, 'cores'), uses.get('cores') ?? 0);
      const rules = definition.place ?? {};
      return [
        family,
        { family, definition, component, release, demands, wishes, ordered, rules, memoryBytes, cores, uses },
      ];
    }),
  );
}

/** All that must hold: each of the demands, and of `anyOf` and of `ordered` one. */
function demandsOf({ demands = [], anyOf = [], ordered = [] }: FamilyDefinition): Condition[] {
  const either = [anyOf, ordered]
    .filter((list) => list.length > 0)
    .map((list): Condition => {
      const conditions = list.map(condition);
      return { text: list.join(' or '), demand: { any: conditions.map(({ demand }) => demand) } };
    });
  return [...demands.map(condition), ...either];
}

function usesOf({ uses = {} }: FamilyDefinition, memory: number): ReadonlyMap<string, number> {
  const amounts = Object.entries(uses).map(([attribute, amount]): [string, number] => [
    attribute,
    typeof amount === 'number' ? amount : (parseQuantity(amount)?.value ?? Number(amount)),
  ]);
  const all = new Map(amounts);
  // nodes of which each demands memory have it for themselves, unless it is said how much they take
  if (memory > 0 && !all.has('memory')) all.set('memory', memory);
  return all;
}

function condition(text: string): Condition {
  const parsed = parseDemand(text);
  return { text, demand: parsed.ok ? parsed.demand : { attribute: text, operator: '=', value: text } };
}

function atLeast(conditions: readonly Condition[], attribute: string): number {
  const values = conditions
    .flatMap(({ demand }) => necessaryTests(demand))
    .flatMap((test) =>
      test.attribute === attribute && test.operator === '>=' && typeof test.value === 'number' ? [test.value] : [],
    );
  return Math.max(0, ...values);
}

/** Which of the conditions do not hold for the attributes, in words. */
export function failing(conditions: readonly Condition[], attributes: Capabilities): readonly Misfit[] {
  if (conditions.length === 0) return noMisfits;
  return conditions
    .filter(({ demand }) => !holds(demand, attributes))
    .map(({ text, demand }) => ({
      why: `${text} does not hold: ${[...attributesIn(demand)].map((name) => valueWords(name, attributes)).join(', ')}`,
      demand: text,
      trap: false,
    }));
}

const noMisfits: readonly Misfit[] = [];

function valueWords(attribute: string, attributes: Capabilities): string {
  const value = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
  if (value === undefined) return `there is no ${attribute}`;
  const isSize = typeof value === 'number' && ['memory', 'memory_free', 'disk'].includes(attribute);
  const ago = isActivity(attribute) ? attributes['measured_ago'] : undefined;
  const age = ago === undefined || attribute === 'measured_ago' ? '' : ` (${String(ago)} s ago)`;
  return `${attribute} is ${isSize ? sizeText(value) : String(value)}${age}`;
}

function isActivity(attribute: string): boolean {
  return (activityCapabilities as readonly string[]).includes(attribute);
}

/** Bytes as people write them: `512M`, `3.8G`. */
function sizeText(bytes: number): string {
  const [unit, size] = bytes >= 2 ** 30 ? (['G', 2 ** 30] as const) : (['M', 2 ** 20] as const);
  return `${Math.round((bytes / size) * 10) / 10}${unit}`;
}
