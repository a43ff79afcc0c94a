/**
 * Conflict: when not everything can be placed, the smallest set of the blueprint's own words that cannot hold together:
 * leave out any one of them and all can be placed. Found by leaving out one after another and keeping out what is not
 * needed for it to be impossible.
 */
import type { BlueprintDocument } from '../model/blueprint.ts';
import { pathText } from '../model/document-path.ts';
import type { DocumentPath } from '../model/document-path.ts';
import { locationLevels } from '../model/family.ts';
import type { FamilyDefinition } from '../model/family.ts';
import type { Conflict } from '../model/plan.ts';
import type { CapabilityValue } from '../model/capability.ts';
import { cheapestRelaxation } from './relax.ts';

/** Knows of documents what placing them would come to. */
export interface Oracle {
  /** Whether it can be placed as a whole; undefined when nobody can say. */
  judge(document: BlueprintDocument): boolean | undefined;
  /** What the cheapest placement costs an hour; null when there is none, or nobody can say. */
  price(document: BlueprintDocument): number | null;
}

/** The values that each attribute has somewhere. */
export type Attributes = ReadonlyMap<string, ReadonlySet<CapabilityValue>>;

/** Something that the blueprint asks for and could do without. */
export interface Wanted {
  readonly path: DocumentPath;
  readonly words: string;
}

/** More than that is not tried: each is a problem of its own. */
const mostConstraints = 60;

/** The conflict of a document that cannot be placed; null when nobody can say. */
export function conflictOf(document: BlueprintDocument, attributes: Attributes, oracle: Oracle): Conflict | null {
  const judge = (asked: BlueprintDocument) => oracle.judge(asked);
  const all = constraintsOf(document);
  if (all.length > mostConstraints || judge(document) !== false) return null;
  let kept: readonly Wanted[] = all;
  for (const one of all) {
    const fewer = kept.filter((other) => other !== one);
    const verdict = judge(withOnly(document, all, fewer));
    if (verdict === undefined) return null;
    if (!verdict) kept = fewer;
  }
  return {
    members: kept.map(({ path, words }) => ({ path: pathText(path), words })),
    relax:
      kept.length === 0
        ? null
        : cheapestRelaxation({ document, kept, attributes, oracle, without: (one) => without(document, all, one) }),
  };
}

/** Everything that can be left out, in the order of the document. */
function constraintsOf(document: BlueprintDocument): Wanted[] {
  const families = Object.entries(document.families).flatMap(([name, family]) => familyConstraints(name, family));
  const quotas = (path: DocumentPath, quota: object): Wanted[] =>
    (['machines', 'cores', 'costPerHour'] as const)
      .filter((key) => key in quota)
      .map((key) => ({ path: [...path, key], words: `${key}: ${String((quota as Record<string, unknown>)[key])}` }));
  const { limits = {}, licences = {}, reserved = {} } = document;
  const local = (['providers', 'domains'] as const).flatMap((what) =>
    Object.entries(limits[what] ?? {}).flatMap(([name, quota]) => quotas(['limits', what, name], quota)),
  );
  return [
    ...quotas(['limits'], limits),
    ...local,
    ...Object.entries(licences).map(([name, count]) => ({
      path: ['licences', name],
      words: `licences ${name}: ${count}`,
    })),
    ...Object.entries(reserved).map(([host, list]) => ({
      path: ['reserved', host],
      words: `${host} is reserved for ${list.join(', ')}`,
    })),
    ...families,
  ];
}

function familyConstraints(name: string, family: FamilyDefinition): Wanted[] {
  const path = ['families', name];
  const demands = (family.demands ?? []).map((text, at): Wanted => ({
    path: [...path, 'demands', at],
    words: `${name}: ${text}`,
  }));
  const lists = (['anyOf', 'ordered'] as const).flatMap((key): Wanted[] => {
    const list = family[key];
    return list === undefined ? [] : [{ path: [...path, key], words: `${name}: ${list.join(' or ')}` }];
  });
  const uses = Object.entries(family.uses ?? {}).map(([attribute, amount]): Wanted => {
    return {
      path: [...path, 'uses', attribute],
      words: `${name}: each of ${family.nodes} nodes uses ${attribute} ${amount}`,
    };
  });
  // what is served is no member: without it there would be fewer nodes, which may be too few for another rule
  return [...demands, ...lists, ...uses, ...placeConstraints(name, family)];
}

function placeConstraints(name: string, { place = {} }: FamilyDefinition): Wanted[] {
  const path = ['families', name, 'place'];
  const { apart, together, near, most = {}, least = {}, apartFrom = {}, pinned } = place;
  const simple: readonly (readonly [string, string | undefined])[] = [
    ['apart', apart === undefined ? undefined : `each on a ${apart} of its own`],
    ['together', together === undefined ? undefined : `all on one ${together}`],
    ['near', near === undefined ? undefined : `on the same ${near.within} as ${near.family}`],
    ['pinned', pinned === undefined ? undefined : `pinned to ${pinned.join(', ')}`],
  ];
  const bounds = locationLevels.flatMap((level): Wanted[] => [
    ...(most[level] === undefined
      ? []
      : [{ path: [...path, 'most', level], words: `${name}: at most ${most[level]} a ${level}` }]),
    ...(least[level] === undefined
      ? []
      : [{ path: [...path, 'least', level], words: `${name}: on at least ${least[level]} ${level}s` }]),
  ]);
  return [
    ...simple.flatMap(([key, words]): Wanted[] =>
      words === undefined ? [] : [{ path: [...path, key], words: `${name}: ${words}` }],
    ),
    ...bounds,
    ...Object.entries(apartFrom).map(([other, level]): Wanted => {
      return { path: [...path, 'apartFrom', other], words: `${name}: never on one ${level} with ${other}` };
    }),
  ];
}

/** The document with only the kept ones of all its constraints. */
function withOnly(document: BlueprintDocument, all: readonly Wanted[], kept: readonly Wanted[]): BlueprintDocument {
  const copy = structuredClone(document);
  // the last entries of a list first, so that the positions of the others stay
  for (const { path } of [...all].reverse()) if (!kept.some((one) => one.path === path)) remove(copy, path);
  return copy;
}

function remove(document: object, path: DocumentPath): void {
  const key = path.at(-1) ?? '';
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((value, step) => (value as Record<string | number, unknown>)[step], document);
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  // without a word about memory a node would have what it demands for itself: leaving something out must never ask for more
  else if (path.at(-2) === 'uses') Reflect.set(parent as object, key, 0);
  else Reflect.deleteProperty(parent as object, key);
}

/** The document without one of all its constraints. */
function without(document: BlueprintDocument, all: readonly Wanted[], one: Wanted): BlueprintDocument {
  const rest = all.filter((other) => pathText(other.path) !== pathText(one.path));
  return withOnly(document, all, rest);
}

/** The document with nothing but the constraints at these paths. */
export function reducedTo(document: BlueprintDocument, paths: readonly string[]): BlueprintDocument {
  const all = constraintsOf(document);
  return withOnly(
    document,
    all,
    all.filter(({ path }) => paths.includes(pathText(path))),
  );
}
