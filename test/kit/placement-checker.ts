/**
 * Judges a placement by the blueprint alone: which rules it breaks, and how good it is. Written from the language's
 * definition; shares no code with the planner.
 */
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import { parseDemand } from '../../src/model/demand.ts';
import type { FamilyDefinition, LocationLevel } from '../../src/model/family.ts';
import { holds } from '../../src/model/holds.ts';
import type { Offer } from '../../src/model/machine.ts';

/** A machine that may be used, and what it was made from. */
export interface Slot {
  readonly name: string;
  readonly offer: Offer;
}

/** A node and the name of its slot. */
export interface Put {
  readonly family: string;
  readonly slot: string;
}

export const levels = ['host', 'zone', 'region', 'provider'] as const;

export function placeOf({ name, offer }: Slot, level: LocationLevel): string {
  const { provider, attributes } = offer;
  if (level === 'host') return name;
  if (level === 'provider') return provider;
  const region = `${provider}/${String(attributes['region'])}`;
  return level === 'region' ? region : `${region}/${String(attributes['zone'])}`;
}

export const isMet = (text: string, offer: Offer) => {
  const parsed = parseDemand(text);
  return parsed.ok && holds(parsed.demand, offer.attributes);
};

export const amount = (text: string | number) => {
  if (typeof text === 'number') return text;
  const [, count, unit = ''] = /^([\d.]+)([KMGT]?)$/.exec(text) ?? [];
  return Number(count) * 1024 ** ' KMGT'.indexOf(unit === '' ? ' ' : unit);
};

/** How many nodes a family is to have: what it says, or as many as those need that it serves. */
export function countOf(document: BlueprintDocument, name: string): number {
  const { nodes, serves = {} } = document.families[name]!;
  const needed = Object.entries(serves).map(([other, ratio]) => {
    const [served = 1, by = 1] = String(ratio).split('/').map(Number);
    return Math.ceil((countOf(document, other) * by) / served);
  });
  return Math.max(nodes, ...needed);
}

/**
 * The documents that alternative families stand for: in each one of every list has nodes, and of the others there is
 * neither a node nor a rule.
 */
export function choicesIn(document: BlueprintDocument): BlueprintDocument[] {
  const { oneOf = [], ...rest } = document;
  const [first, ...more] = oneOf;
  if (first === undefined) return [rest];
  return first.flatMap((chosen) => {
    const families = Object.entries(document.families).map(([name, { release, ...family }]) =>
      first.includes(name) && name !== chosen ? [name, { release, nodes: 0 }] : [name, { release, ...family }],
    );
    return choicesIn({ ...rest, oneOf: more, families: Object.fromEntries(families) as typeof rest.families });
  });
}

/** Everything that is wrong with the placement; empty when it is right. Of a document without alternatives. */
export function violations(document: BlueprintDocument, slots: readonly Slot[], puts: readonly Put[]): string[] {
  const bySlot = new Map(slots.map((slot) => [slot.name, slot]));
  const at = (family: string) => puts.filter((put) => put.family === family).map((put) => bySlot.get(put.slot)!);
  const faults: string[] = [];
  for (const [name, family] of Object.entries(document.families)) {
    faults.push(...familyFaults(name, family, at));
    const wanted = countOf(document, name);
    if (at(name).length !== wanted) faults.push(`${name}: ${at(name).length} of ${wanted}`);
  }
  for (const slot of slots) faults.push(...slotFaults(document, slot, puts));
  return [...faults, ...limitFaults(document, slots, puts)];
}

function familyFaults(name: string, family: FamilyDefinition, at: (family: string) => Slot[]): string[] {
  const { place = {}, demands = [], anyOf, ordered } = family;
  const mine = at(name);
  const faults: string[] = [];
  for (const { offer } of mine) {
    for (const demand of demands) if (!isMet(demand, offer)) faults.push(`${name}: ${demand} on ${offer.id}`);
    for (const list of [anyOf, ordered])
      if (list !== undefined && !list.some((demand) => isMet(demand, offer)))
        faults.push(`${name}: none of ${list.join()}`);
  }
  for (const level of levels) {
    const places = mine.map((slot) => placeOf(slot, level));
    const counts = Map.groupBy(places, (one) => one);
    const most = Math.max(0, ...[...counts.values()].map(({ length }) => length));
    if (place.apart === level && most > 1) faults.push(`${name}: apart ${level}`);
    if (place.together === level && counts.size > 1) faults.push(`${name}: together ${level}`);
    if (most > (place.most?.[level] ?? Infinity)) faults.push(`${name}: most ${level}`);
    if (counts.size < (place.least?.[level] ?? 0)) faults.push(`${name}: least ${level}`);
    if (place.near?.within === level) {
      const theirs = new Set(at(place.near.family).map((slot) => placeOf(slot, level)));
      if (places.some((one) => !theirs.has(one))) faults.push(`${name}: near ${level}`);
    }
    for (const [other, apart] of Object.entries(place.apartFrom ?? {})) {
      const theirs = new Set(at(other).map((slot) => placeOf(slot, level)));
      if (apart === level && places.some((one) => theirs.has(one))) faults.push(`${name}: apartFrom ${other}`);
    }
  }
  for (const host of place.pinned ?? [])
    if (!mine.some(({ offer }) => offer.attributes['host'] === host)) faults.push(`${name}: pinned ${host}`);
  return faults;
}

function slotFaults(document: BlueprintDocument, { name, offer }: Slot, puts: readonly Put[]): string[] {
  const here = puts.filter(({ slot }) => slot === name);
  const used = new Map<string, number>();
  const faults: string[] = [];
  for (const { family } of here) {
    const { uses = {}, demands = [] } = document.families[family]!;
    const memory = demands.flatMap((text) => /^memory >= (\S+)$/.exec(text)?.[1] ?? []).map(amount);
    const all = { ...(memory.length > 0 ? { memory: Math.max(...memory) } : {}), ...uses };
    for (const [key, value] of Object.entries(all)) used.set(key, (used.get(key) ?? 0) + amount(value));
    const only = document.reserved?.[offer.id.split('/')[1]!];
    if (only !== undefined && !only.includes(family)) faults.push(`${family}: reserved ${name}`);
  }
  for (const [key, value] of used) if (value > Number(offer.attributes[key])) faults.push(`${name}: ${key} ${value}`);
  return faults;
}

function limitFaults(
  { limits, licences, families }: BlueprintDocument,
  slots: readonly Slot[],
  puts: readonly Put[],
): string[] {
  const used = slots.filter(({ name }) => puts.some(({ slot }) => slot === name));
  const faults: string[] = [];
  const check = (words: string, quota: typeof limits, mine: readonly Slot[]) => {
    if (mine.length > (quota?.machines ?? Infinity)) faults.push(`${words} machines`);
    if (mine.reduce((sum, { offer }) => sum + offer.capacity.cores, 0) > (quota?.cores ?? Infinity))
      faults.push(`${words} cores`);
    if (costOf(mine) > (quota?.costPerHour ?? Infinity) + 1e-9) faults.push(`${words} cost`);
  };
  check('all', limits, used);
  for (const [name, quota] of Object.entries(limits?.providers ?? {}))
    check(
      name,
      quota,
      used.filter(({ offer }) => offer.provider === name),
    );
  for (const [name, quota] of Object.entries(limits?.domains ?? {}))
    check(
      name,
      quota,
      used.filter(({ offer }) => offer.domain === name),
    );
  for (const [licence, count] of Object.entries(licences ?? {}))
    if (puts.filter(({ family }) => families[family]?.licences?.includes(licence)).length > count) faults.push(licence);
  return faults;
}

/** What machines cost an hour. */
export function costOf(slots: readonly Slot[]): number {
  return slots.reduce((sum, { offer }) => sum + (offer.pricePerHour ?? 0), 0);
}

/** Where among the scores the cost is: wishes have three of them; past the end where nothing asks for it. */
export function costStageOf({ optimise = ['spread', 'consolidate', 'prefer', 'cost'] }: BlueprintDocument): number {
  const before = optimise.includes('cost') ? optimise.slice(0, optimise.indexOf('cost')) : optimise;
  return before.length + (before.includes('prefer') ? 2 : 0);
}

/** How good a placement is: less is better, the first difference decides. In the blueprint's order of objectives. */
export function score(document: BlueprintDocument, slots: readonly Slot[], puts: readonly Put[]): number[] {
  const order = document.optimise ?? ['spread', 'consolidate', 'prefer', 'cost'];
  const bySlot = new Map(slots.map((slot) => [slot.name, slot]));
  const entries = Object.entries(document.families).map(([name, family]) => {
    return { family, mine: puts.filter((put) => put.family === name).map((put) => bySlot.get(put.slot)!) };
  });
  const sum = (value: (one: (typeof entries)[number]) => number) =>
    entries.reduce((total, one) => total + value(one), 0);
  return order.flatMap((objective) => {
    switch (objective) {
      case 'spread':
        return [sum(({ family, mine }) => squares(family, mine))];
      case 'consolidate':
        return [
          sum(({ family, mine }) => {
            const level = family.place?.consolidate;
            return level === undefined ? 0 : new Set(mine.map((slot) => placeOf(slot, level))).size;
          }),
        ];
      case 'prefer':
        return [
          sum(({ family, mine }) =>
            mine.reduce(
              (total, { offer }) =>
                total +
                Math.max(
                  0,
                  (family.ordered ?? []).findIndex((text) => isMet(text, offer)),
                ),
              0,
            ),
          ),
          ...[1, 5].map(
            (priority) =>
              -sum(({ family, mine }) => mine.reduce((total, { offer }) => total + wishes(family, offer, priority), 0)),
          ),
        ];
      case 'cost':
        return [costOf(slots.filter(({ name }) => puts.some(({ slot }) => slot === name)))];
    }
  });
}

function wishes({ prefer = [] }: FamilyDefinition, offer: Offer, priority: number): number {
  return prefer.reduce(
    (sum, wish) => sum + ((wish.priority ?? 5) === priority && isMet(wish.that, offer) ? wish.weight : 0),
    0,
  );
}

function squares({ place }: FamilyDefinition, mine: readonly Slot[]): number {
  const spread = place?.spread;
  if (spread === undefined) return 0;
  const groups = Map.groupBy(mine, (slot) => placeOf(slot, spread.over));
  return [...groups].reduce(
    (sum, [name, { length }]) => sum + length ** 2 / (spread.shares === undefined ? 1 : (spread.shares[name] ?? 0.001)),
    0,
  );
}
