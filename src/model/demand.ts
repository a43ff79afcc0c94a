/**
 * Demand: a condition on the attributes of a place, as users write it: `cores >= 2`, `country in [SE, FI]`,
 * `tier != "gold"`. This file reads the text; what holds where is the planner's business.
 *
 *   demand   = attribute operator value
 *   operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in"
 *   value    = number [unit] | true | false | word | "quoted text" | "[" value { "," value } "]"
 *   unit     = K M G T P, each optionally followed by B or iB: powers of 1024
 */
import type { CapabilityValue } from './capability.ts';
import { reading } from './cursor.ts';
import type { Cursor, TextFault } from './cursor.ts';

export const comparisons = ['=', '!=', '<', '<=', '>', '>='] as const;
export const memberships = ['in', 'not in'] as const;
export type Comparison = (typeof comparisons)[number];
export type Membership = (typeof memberships)[number];

/** A demand that was read. Sizes have become bytes. */
export type Demand =
  | { readonly attribute: string; readonly operator: Comparison; readonly value: CapabilityValue }
  | { readonly attribute: string; readonly operator: Membership; readonly value: readonly CapabilityValue[] };

/** The values that the demand compares with: one, or those of its list. */
export function valuesOf(demand: Demand): readonly CapabilityValue[] {
  return typeof demand.value === 'object' ? demand.value : [demand.value];
}

export type ParsedDemand = { readonly ok: true; readonly demand: Demand } | TextFault;

const unitPowers: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, T: 4, P: 5 };
const sizePattern = /^(\d+(?:\.\d+)?)([KMGTP])(?:i?B)?$/;
const numberPattern = /^[+-]?\d+(?:\.\d+)?$/;
const scalarPattern = /"([^"]*)"|'([^']*)'|[^\s,[\]"'<>=!]+/y;

/** The bytes of a size such as `512M` or `1.5GiB`; undefined when the text is no size. */
export function parseSize(text: string): number | undefined {
  const [, count, unit] = sizePattern.exec(text.trim()) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  return Math.round(Number(count) * 1024 ** (unitPowers[unit] ?? 0));
}

/** A word as the value it stands for: sizes become bytes, numerals numbers, `true` and `false` booleans. */
export function parseWord(word: string): CapabilityValue {
  if (word === 'true' || word === 'false') return word === 'true';
  if (numberPattern.test(word)) return Number(word);
  return parseSize(word) ?? word;
}

/** Reads one demand. Never throws. */
export function parseDemand(text: string): ParsedDemand {
  return reading(text, (cursor) => ({ ok: true, demand: readDemand(cursor) }));
}

function readDemand(cursor: Cursor): Demand {
  const attribute = cursor.match(/[a-z][a-z0-9_]*/y)?.[0];
  if (attribute === undefined)
    return cursor.fail('a demand starts with the name of an attribute', 'for example: cores >= 2');
  const operator = readOperator(cursor);
  const demand: Demand =
    operator === 'in' || operator === 'not in'
      ? { attribute, operator, value: readList(cursor) }
      : { attribute, operator, value: readScalar(cursor) };
  if (cursor.atEnd) return demand;
  return cursor.fail(`"${cursor.rest}" is too much`, 'one demand an entry; text with spaces stands in quotation marks');
}

function readOperator(cursor: Cursor): Comparison | Membership {
  if (cursor.match(/(?==[<>])/y) !== null) return cursor.fail('that is no operator', 'write <= or >=');
  const symbol = cursor.match(/<=|>=|!=|==|=|<|>/y)?.[0];
  if (symbol === '==') return '=';
  if (symbol !== undefined) return symbol as Comparison;
  const word = cursor.match(/not\s+in\b|in\b/y)?.[0];
  if (word !== undefined) return word === 'in' ? 'in' : 'not in';
  return cursor.fail('an operator is missing', `one of ${[...comparisons, ...memberships].join('  ')}`);
}

function readScalar(cursor: Cursor): CapabilityValue {
  const found = cursor.match(scalarPattern);
  if (found !== null) return found[1] ?? found[2] ?? parseWord(found[0]);
  if (cursor.match(/\[/y) !== null)
    return cursor.fail('a list needs the operator "in" or "not in"', 'for example: country in [SE, FI]');
  if (cursor.match(/["']/y) !== null) return cursor.fail('the quotation mark is never closed');
  return cursor.fail('a value is missing', 'a number, a size like 4G, a word or a text in quotation marks');
}

function readList(cursor: Cursor): CapabilityValue[] {
  if (cursor.match(/\[/y) === null) return cursor.fail('"[" is missing', 'for example: country in [SE, FI]');
  const values = [readScalar(cursor)];
  while (cursor.match(/,/y) !== null) values.push(readScalar(cursor));
  if (cursor.match(/\]/y) === null) return cursor.fail('"]" or "," is missing');
  return values;
}
