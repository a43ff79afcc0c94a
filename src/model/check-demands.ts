/** Checks of demands and preferences: their grammar, and that what they speak of can exist. */
import { suggestion } from '../base/nearest.ts';
import { automaticCapabilities, regionCapabilities } from './capability.ts';
import type { CapabilityValue } from './capability.ts';
import type { Subject } from './check-subject.ts';
import { parseDemand, testsOf, valuesOf } from './demand.ts';
import type { Test } from './demand.ts';
import { at } from './document-path.ts';
import type { DocumentPath, Finding } from './document-path.ts';
import type { FamilyDefinition } from './family.ts';
import { providerKinds } from './provider.ts';
import { parseQuantity } from './quantity.ts';
import type { Dimension } from './quantity.ts';

/** What kind of values an attribute has: texts of several sorts, truths, plain numbers, or quantities of a dimension. */
type Kind = 'text' | 'version' | 'date' | 'place' | 'truth' | 'number' | Dimension;

/** Kinds of which none is a number, nor can be compared with one. */
const wordKinds: ReadonlySet<Kind> = new Set<Kind>(['text', 'date', 'place', 'truth']);
/** Kinds that are texts: a quantity is none of them. */
const textKinds: ReadonlySet<Kind> = new Set<Kind>(['text', 'version', 'date', 'place']);

/** Automatic attributes whose values are numbers. */
const numericAttributes: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['cores', 'number'],
  ['memory', 'size'],
  ['disk', 'size'],
  ['price', 'number'],
  ['load', 'number'],
  ['run_queue', 'number'],
  ['memory_free', 'size'],
  ['measured_ago', 'time'],
]);

/** What is wrong with the demands and preferences of a family: grammar, unknown attributes, types and units. */
export function checkDemands(subject: Subject, name: string, family: FamilyDefinition): Finding[] {
  const path = ['families', name];
  const lists = (['demands', 'anyOf', 'ordered'] as const).flatMap((key) =>
    (family[key] ?? []).map((text, index): [DocumentPath, string] => [[...path, key, index], text]),
  );
  const wishes = (family.prefer ?? []).map(({ that }, index): [DocumentPath, string] => [
    [...path, 'prefer', index, 'that'],
    that,
  ]);
  return [...lists, ...wishes].flatMap(([where, text]) => checkDemand(subject, where, text));
}

function checkDemand(subject: Subject, path: DocumentPath, text: string): Finding[] {
  const parsed = parseDemand(text);
  if (!parsed.ok) return [{ path, spot: parsed.offset, message: `in "${text}": ${parsed.message}`, hint: parsed.hint }];
  const attributes = attributesOf(subject);
  return testsOf(parsed.demand).flatMap((test) => checkTest(subject, attributes, path, test));
}

function checkTest(subject: Subject, known: Attributes, path: DocumentPath, test: Test): Finding[] {
  const { attribute } = test;
  // with no domain at hand nobody can say which attributes there are
  if (subject.domains.size > 0 && !known.has(attribute))
    return [
      at(path, `no domain has an attribute "${attribute}"`, suggestion(attribute, known.keys(), 'the attributes are')),
    ];
  const clash = checkKind(known.get(attribute) ?? new Set(), test);
  return clash === null ? checkValues(subject, path, test) : [at(path, ...clash)];
}

/** Attributes that some domain or host declares, and those that nobody has to declare, with the kinds of their values. */
const mapped: ReadonlySet<string> = new Set(regionCapabilities.kinds);

type Attributes = ReadonlyMap<string, ReadonlySet<Kind>>;

function attributesOf({ domains, providers }: Subject): Attributes {
  const used = new Set([...domains.values()].map((domain) => domain.provider));
  const hosts = [...providers].flatMap(([name, one]) => (one.kind === 'ssh' && used.has(name) ? one.hosts : []));
  const kinds = new Map<string, Set<Kind>>(automaticCapabilities.map((name) => [name, new Set<Kind>()]));
  const isMapped = [...providers].some(([name, one]) => used.has(name) && mapped.has(one.kind));
  if (isMapped) for (const name of regionCapabilities.names) kinds.set(name, new Set());
  for (const place of [...domains.values(), ...hosts])
    for (const [name, value] of Object.entries(place.capabilities ?? {}))
      kinds.set(name, (kinds.get(name) ?? new Set()).add(kindOf(value)));
  for (const [name, kind] of numericAttributes) kinds.set(name, new Set([kind]));
  return kinds;
}

function kindOf(value: CapabilityValue): Kind {
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'truth' : (parseQuantity(value)?.dimension ?? kindOfText(value));
}

function kindOfText(text: string): Kind {
  if (/^\s*-?\d+(\.\d+)?[\s,]+-?\d+(\.\d+)?\s*$/.test(text)) return 'place';
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) return 'date';
  return /^v?\d/.test(text) ? 'version' : 'text';
}

/** Why a test cannot mean anything for values of these kinds: message and hint; null where it may. */
function checkKind(kinds: ReadonlySet<Kind>, test: Test): [string, string] | null {
  const dimension = 'dimension' in test ? test.dimension : undefined;
  const isNumeric = [...kinds].every((kind) => !textKinds.has(kind) && kind !== 'truth');
  if (kinds.size === 0) return null;
  if (dimension !== undefined && isNumeric && !kinds.has(dimension) && !kinds.has('number'))
    return unitClash(kinds, test, dimension);
  // a share of a plain number is its fraction: load <= 50%
  const isBare = dimension !== undefined && dimension !== 'share' && isNumeric && !kinds.has(dimension);
  if (isBare) return unitClash(kinds, test, dimension);
  const isOrder = ['<', '<=', '>', '>='].includes(test.operator);
  if (isOrder && [...kinds].every((kind) => kind === 'truth'))
    return [`${test.attribute} is true or false, it has no order`, `write ${test.attribute} = true`];
  return sortClash(kinds, test);
}

/** A word where a number stands, a number or a word where a date or a place does, and the like. */
function sortClash(kinds: ReadonlySet<Kind>, test: Test): [string, string] | null {
  const { attribute, operator } = test;
  const isAll = (among: ReadonlySet<Kind>) => [...kinds].every((kind) => among.has(kind));
  const words = `${attribute} is ${wordsOf(kinds)}`;
  if (operator === 'near' || operator === 'far')
    return kinds.has('place') ? null : [`${words}, not a place`, `a place is declared as ${attribute}: "59.33, 18.07"`];
  if (operator === 'before' || operator === 'after')
    return kinds.has('date') ? null : [`${words}, not a date`, `a date is declared as ${attribute}: 2027-06-01`];
  if (operator === 'matches' || operator === 'has') return null;
  const values = valuesOf(test);
  const isOrder = operator !== '=' && operator !== '!=' && operator !== 'in' && operator !== 'not in';
  if (isOrder && isAll(wordKinds) && values.every((value) => typeof value === 'number'))
    return [`${words}, not a number`, `write ${attribute} = …`];
  if (isAll(new Set<Kind>(['truth'])) && !values.every((value) => ['true', 'false'].includes(String(value))))
    return [`${words}, not ${String(values[0])}`, `write ${attribute} = true`];
  const isQuantity = [...kinds].every((kind) => !wordKinds.has(kind) && !textKinds.has(kind) && kind !== 'number');
  const word = values.find((value) => typeof value === 'string');
  if (isQuantity && word !== undefined && !numericAttributes.has(attribute))
    return [`${words}, not "${word}"`, `for example: ${attribute} >= ${sampleOf(kinds)}`];
  return bytesClash(kinds, test);
}

/** A size without a unit is in bytes: so few of them nobody means. */
function bytesClash(kinds: ReadonlySet<Kind>, test: Test): [string, string] | null {
  const { attribute, operator } = test;
  const [value] = valuesOf(test);
  const isFew = typeof value === 'number' && value > 0 && value < 2 ** 20 && !('dimension' in test);
  if (!kinds.has('size') || kinds.size > 1 || !isFew) return null;
  return [`${attribute} is a size: ${value} means ${value} bytes`, `write ${attribute} ${operator} ${value}G`];
}

function wordsOf(kinds: ReadonlySet<Kind>): string {
  const [kind = 'text'] = kinds;
  return kind === 'truth' ? 'true or false' : kind === 'number' ? 'a number' : `a ${kind}`;
}

function sampleOf(kinds: ReadonlySet<Kind>): string {
  const [kind = 'number'] = kinds;
  return samples[kind];
}

function unitClash(kinds: ReadonlySet<Kind>, { attribute }: Test, dimension: Dimension): [string, string] {
  const [kind = 'number'] = kinds;
  const words = kind === 'number' ? 'a plain number' : `a ${kind}`;
  return [`${attribute} is ${words}, not a ${dimension}`, `for example: ${attribute} >= ${samples[kind]}`];
}

const samples: Readonly<Record<Kind, string>> = {
  text: 'word',
  version: '27.1',
  date: '2027-06-01',
  place: '"59.33, 18.07"',
  truth: 'true',
  number: '2',
  size: '4G',
  frequency: '2.5GHz',
  rate: '10Gbps',
  time: '5ms',
  length: '10km',
  share: '50%',
};

function checkValues(subject: Subject, path: DocumentPath, demand: Test): Finding[] {
  const values = valuesOf(demand);
  if (numericAttributes.has(demand.attribute))
    return values
      .filter((value) => typeof value !== 'number')
      .map((value) =>
        at(
          path,
          `${demand.attribute} is a number, "${String(value)}" is none`,
          'for example: cores >= 2, memory >= 4G',
        ),
      );
  // a pattern or a member need not be a whole name
  const names = ['matches', 'has'].includes(demand.operator) ? undefined : namesOf(subject, demand.attribute);
  if (names === undefined) return [];
  return values
    .filter((value) => !names.includes(String(value)))
    .map((value) =>
      at(
        path,
        `there is no ${demand.attribute} "${String(value)}"`,
        suggestion(String(value), names, `each ${demand.attribute} is one of`),
      ),
    );
}

/** The values that an attribute can have at all, where they are known. */
function namesOf({ domains }: Subject, attribute: string): readonly string[] | undefined {
  // with nothing declared the domains are those registered at the control plane, which a check of the file alone cannot know
  if (domains.size === 0) return undefined;
  if (attribute === 'domain') return [...domains.keys()];
  if (attribute === 'provider') return [...new Set([...domains.values()].map((domain) => domain.provider))];
  return attribute === 'kind' ? providerKinds : undefined;
}
