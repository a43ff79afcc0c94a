/** Whether a demand holds for given attributes: the one meaning of demands, for checks and for the planner. */
import type { Capabilities, CapabilityValue } from './capability.ts';
import { parseWord } from './demand.ts';
import type { Demand } from './demand.ts';

/**
 * Whether the demand holds. An attribute that is not there equals nothing: only `!=` and `not in` hold for it. Numbers
 * and sizes compare as numbers, also where one side was written as text; two texts compare by their order, runs of
 * digits as numbers (`2.4` before `2.31`).
 */
export function holds(demand: Demand, attributes: Capabilities): boolean {
  const actual = Object.hasOwn(attributes, demand.attribute) ? attributes[demand.attribute] : undefined;
  switch (demand.operator) {
    case 'in':
      return demand.value.some((one) => equal(actual, one));
    case 'not in':
      return !demand.value.some((one) => equal(actual, one));
    case '=':
      return equal(actual, demand.value);
    case '!=':
      return !equal(actual, demand.value);
    default: {
      const order = actual === undefined ? undefined : compare(actual, demand.value);
      return order !== undefined && inOrder(demand.operator, order);
    }
  }
}

function inOrder(operator: '<' | '<=' | '>' | '>=', order: number): boolean {
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

function equal(actual: CapabilityValue | undefined, wanted: CapabilityValue): boolean {
  return actual !== undefined && (actual === wanted || compare(actual, wanted) === 0);
}

/** Negative, zero or positive; undefined for values that have no order between them. */
function compare(actual: CapabilityValue, wanted: CapabilityValue): number | undefined {
  if (typeof actual === 'string' && typeof wanted === 'string') return compareTexts(actual, wanted);
  const [left, right] = [asRead(actual), asRead(wanted)];
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return left === right ? 0 : undefined;
}

function asRead(value: CapabilityValue): CapabilityValue {
  return typeof value === 'string' ? parseWord(value) : value;
}

/** By code units, but runs of digits by their number. */
function compareTexts(left: string, right: string): number {
  const [mine, theirs] = [partsOf(left), partsOf(right)];
  for (const [at, part] of mine.entries()) {
    const other = theirs[at];
    if (other === undefined) return 1;
    const bothNumbers = /^\d/.test(part) && /^\d/.test(other);
    const order = bothNumbers ? Number(part) - Number(other) : part < other ? -1 : part > other ? 1 : 0;
    if (order !== 0) return order;
  }
  return mine.length - theirs.length;
}

function partsOf(text: string): readonly string[] {
  return text.match(/\d+|\D+/g) ?? [];
}
