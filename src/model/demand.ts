/**
 * Demand: a condition on the attributes of a place, as users write it: `cores >= 2`, `country in [SE, FI]`,
 * `tier != "gold" and (gpu = true or features has cuda)`. This file reads the text; what it means is in holds.ts.
 *
 *   demand   = both { "or" both }
 *   both     = one { "and" one }
 *   one      = "not" one | "(" demand ")" | test
 *   test     = attribute ( comparison value | ( "in" | "not in" ) list | "matches" text | "has" ( value | list )
 *                        | ( "before" | "after" ) date | "near" point "within" length | "far" point "beyond" length )
 *   comparison = "=" | "!=" | "<" | "<=" | ">" | ">="
 *   value    = number [unit] | true | false | word | "quoted text"
 *   list     = "[" value { "," value } "]"
 *   point    = "[" latitude "," longitude "]", degrees
 *
 * Units are those of quantity.ts.
 */
import type { CapabilityValue } from './capability.ts';
import { reading } from './cursor.ts';
import type { Cursor, TextFault } from './cursor.ts';
import { parseQuantity } from './quantity.ts';
import type { Dimension } from './quantity.ts';

export const comparisons = ['=', '!=', '<', '<=', '>', '>='] as const;
export const memberships = ['in', 'not in'] as const;
export type Comparison = (typeof comparisons)[number];
export type Membership = (typeof memberships)[number];
const wordOperators = ['not in', 'in', 'matches', 'has', 'before', 'after', 'near', 'far'] as const;
type WordOperator = (typeof wordOperators)[number];

/** A place on the globe, and how far around it: degrees and metres. */
export interface Circle {
  readonly latitude: number;
  readonly longitude: number;
  readonly metres: number;
}

/** A test of one attribute. Quantities have become numbers in the base unit of their dimension. */
export type Test =
  | {
      readonly attribute: string;
      readonly operator: Comparison;
      readonly value: CapabilityValue;
      readonly dimension?: Dimension;
    }
  | {
      readonly attribute: string;
      readonly operator: Membership | 'has';
      readonly value: readonly CapabilityValue[];
      readonly dimension?: Dimension;
    }
  | { readonly attribute: string; readonly operator: 'matches' | 'before' | 'after'; readonly value: string }
  | { readonly attribute: string; readonly operator: 'near' | 'far'; readonly value: Circle };

/** A demand that was read. */
export type Demand =
  Test | { readonly all: readonly Demand[] } | { readonly any: readonly Demand[] } | { readonly not: Demand };

/** The tests that a demand is made of, from left to right. */
export function testsOf(demand: Demand): readonly Test[] {
  if ('attribute' in demand) return [demand];
  if ('not' in demand) return testsOf(demand.not);
  return ('all' in demand ? demand.all : demand.any).flatMap(testsOf);
}

/** The tests that must all hold for the demand to hold: none of those behind `or` and `not`. */
export function necessaryTests(demand: Demand): readonly Test[] {
  if ('attribute' in demand) return [demand];
  return 'all' in demand ? demand.all.flatMap(necessaryTests) : [];
}

/** The names of the attributes that a demand speaks of. */
export function attributesIn(demand: Demand): ReadonlySet<string> {
  return new Set(testsOf(demand).map(({ attribute }) => attribute));
}

/** The values that the test compares with: one, or those of its list; none for places on the globe. */
export function valuesOf({ value }: Test): readonly CapabilityValue[] {
  if (typeof value !== 'object') return [value];
  return 'metres' in value ? [] : value;
}

export type ParsedDemand = { readonly ok: true; readonly demand: Demand } | TextFault;

const numberPattern = /^[+-]?\d+(?:\.\d+)?$/;
const scalarPattern = /"([^"]*)"|'([^']*)'|[^\s,[\]()"'<>=!]+/y;
const datePattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z?)?$/;

/** A word as the value it stands for: quantities and numerals become numbers, `true` and `false` booleans. */
export function parseWord(word: string): CapabilityValue {
  if (word === 'true' || word === 'false') return word === 'true';
  if (numberPattern.test(word)) return Number(word);
  return parseQuantity(word)?.value ?? word;
}

/** Reads one demand. Never throws. */
export function parseDemand(text: string): ParsedDemand {
  return reading(text, (cursor) => {
    const demand = readAny(cursor, 0);
    if (cursor.atEnd) return { ok: true, demand };
    return cursor.fail(
      `"${cursor.rest}" is too much`,
      'demands are joined with "and" or "or"; text with spaces stands in quotation marks',
    );
  });
}

const deepest = 32;

function readAny(cursor: Cursor, depth: number): Demand {
  if (depth > deepest) return cursor.fail('that is nested too deeply');
  const parts = [readAll(cursor, depth)];
  while (cursor.match(/or\b/y) !== null) parts.push(readAll(cursor, depth));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { any: parts };
}

function readAll(cursor: Cursor, depth: number): Demand {
  const parts = [readOne(cursor, depth)];
  while (cursor.match(/and\b/y) !== null) parts.push(readOne(cursor, depth));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { all: parts };
}

function readOne(cursor: Cursor, depth: number): Demand {
  if (depth > deepest) return cursor.fail('that is nested too deeply');
  if (cursor.match(/not\b(?!\s*[=<>!]|\s+in\b)/y) !== null) return { not: readOne(cursor, depth + 1) };
  if (cursor.match(/\(/y) === null) return readTest(cursor);
  const inner = readAny(cursor, depth + 1);
  return cursor.match(/\)/y) === null ? cursor.fail('")" is missing') : inner;
}

function readTest(cursor: Cursor): Test {
  const attribute = cursor.match(/[a-z][a-z0-9_]*/y)?.[0];
  if (attribute === undefined)
    return cursor.fail('a demand starts with the name of an attribute', 'for example: cores >= 2');
  const operator = readOperator(cursor);
  switch (operator) {
    case 'in':
    case 'not in':
      return { attribute, operator, ...readList(cursor) };
    case 'has':
      return {
        attribute,
        operator,
        ...(cursor.match(/(?=\[)/y) === null ? inList(readScalar(cursor)) : readList(cursor)),
      };
    case 'matches':
      return { attribute, operator, value: String(readScalar(cursor).value) };
    case 'before':
    case 'after':
      return { attribute, operator, value: readDate(cursor) };
    case 'near':
    case 'far':
      return { attribute, operator, value: readCircle(cursor, operator === 'near' ? 'within' : 'beyond') };
    default:
      return { attribute, operator, ...readScalar(cursor) };
  }
}

function readOperator(cursor: Cursor): Comparison | WordOperator {
  if (cursor.match(/(?==[<>])/y) !== null) return cursor.fail('that is no operator', 'write <= or >=');
  const symbol = cursor.match(/<=|>=|!=|==|=|<|>/y)?.[0];
  if (symbol === '==') return '=';
  if (symbol !== undefined) return symbol as Comparison;
  if (cursor.match(/not\s+in\b/y) !== null) return 'not in';
  const word = cursor.match(/(in|matches|has|before|after|near|far)\b/y)?.[0];
  if (word !== undefined) return word as WordOperator;
  return cursor.fail('an operator is missing', `one of ${[...comparisons, ...wordOperators].join('  ')}`);
}

interface Scalar {
  readonly value: CapabilityValue;
  readonly dimension?: Dimension;
}

function readScalar(cursor: Cursor): Scalar {
  const found = cursor.match(scalarPattern);
  if (found !== null) return scalarOf(found);
  if (cursor.match(/\[/y) !== null)
    return cursor.fail('a list needs the operator "in", "not in" or "has"', 'for example: country in [SE, FI]');
  if (cursor.match(/["']/y) !== null) return cursor.fail('the quotation mark is never closed');
  return cursor.fail('a value is missing', 'a number, a size like 4G, a word or a text in quotation marks');
}

function scalarOf([word, double, single]: RegExpExecArray): Scalar {
  const quoted = double ?? single;
  if (quoted !== undefined) return { value: quoted };
  return parseQuantity(word) ?? { value: parseWord(word) };
}

type List = { readonly value: readonly CapabilityValue[]; readonly dimension?: Dimension };

function inList({ value, dimension }: Scalar): List {
  return dimension === undefined ? { value: [value] } : { value: [value], dimension };
}

function readList(cursor: Cursor): List {
  if (cursor.match(/\[/y) === null) return cursor.fail('"[" is missing', 'for example: country in [SE, FI]');
  const scalars = [readScalar(cursor)];
  while (cursor.match(/,/y) !== null) scalars.push(readScalar(cursor));
  if (cursor.match(/\]/y) === null) return cursor.fail('"]" or "," is missing');
  const dimension = scalars.find((one) => one.dimension !== undefined)?.dimension;
  const value = scalars.map((one) => one.value);
  return dimension === undefined ? { value } : { value, dimension };
}

function readDate(cursor: Cursor): string {
  const found = cursor.match(/"([^"]*)"|[0-9][^\s,)]*/y);
  const text = found?.[1] ?? found?.[0] ?? '';
  if (datePattern.test(text) && !Number.isNaN(Date.parse(text))) return text;
  return cursor.fail('a date is missing', 'a date looks like 2027-01-31 or 2027-01-31T12:00Z');
}

function readCircle(cursor: Cursor, word: 'within' | 'beyond'): Circle {
  const point = cursor.match(/\[\s*([+-]?\d+(?:\.\d+)?)\s*,\s*([+-]?\d+(?:\.\d+)?)\s*\]/y);
  const [latitude, longitude] = [Number(point?.[1]), Number(point?.[2])];
  if (point === null || Math.abs(latitude) > 90 || Math.abs(longitude) > 180)
    return cursor.fail('a place is missing', 'latitude and longitude in degrees: near [59.33, 18.07] within 500km');
  if (cursor.match(word === 'within' ? /within\b/y : /beyond\b/y) === null)
    return cursor.fail(`"${word}" is missing`, `for example: ${word} 500km`);
  const distance = parseQuantity(cursor.match(/[0-9][^\s,)]*/y)?.[0] ?? '');
  if (distance?.dimension !== 'length') return cursor.fail('a distance is missing', `for example: ${word} 500km`);
  return { latitude, longitude, metres: distance.value };
}
