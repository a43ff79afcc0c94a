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

/** What kind of values an attribute has: texts, truths, plain numbers, or quantities of a dimension. */
type Kind = 'text' | 'truth' | 'number' | Dimension;

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
  return typeof value === 'boolean' ? 'truth' : (parseQuantity(value)?.dimension ?? 'text');
}

/** Why a test cannot mean anything for values of these kinds: message and hint; null where it may. */
function checkKind(kinds: ReadonlySet<Kind>, test: Test): [string, string] | null {
  const dimension = 'dimension' in test ? test.dimension : undefined;
  const isNumeric = [...kinds].every((kind) => kind !== 'text' && kind !== 'truth');
  if (kinds.size === 0) return null;
  if (dimension !== undefined && isNumeric && !kinds.has(dimension) && !kinds.has('number'))
    return unitClash(kinds, test, dimension);
  // a share of a plain number is its fraction: load <= 50%
  const isBare = dimension !== undefined && dimension !== 'share' && isNumeric && !kinds.has(dimension);
  if (isBare) return unitClash(kinds, test, dimension);
  const isOrder = ['<', '<=', '>', '>='].includes(test.operator);
  if (isOrder && [...kinds].every((kind) => kind === 'truth'))
    return [`${test.attribute} is true or false, it has no order`, `write ${test.attribute} = true`];
  return null;
}

function unitClash(kinds: ReadonlySet<Kind>, { attribute }: Test, dimension: Dimension): [string, string] {
  const [kind = 'number'] = kinds;
  const words = kind === 'number' ? 'a plain number' : `a ${kind}`;
  return [`${attribute} is ${words}, not a ${dimension}`, `for example: ${attribute} >= ${samples[kind]}`];
}

const samples: Readonly<Record<Kind, string>> = {
  text: 'word',
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
