/** Whether a demand holds for given attributes: the one meaning of demands, for checks and for the planner. */
import type { Capabilities, CapabilityValue } from './capability.ts';
import { parseWord } from './demand.ts';
import type { Circle, Demand, Test } from './demand.ts';

/**
 * Whether the demand holds. An attribute that is not there equals nothing: of the tests only `!=` and `not in` hold for
 * it. Numbers and quantities compare as numbers, also where one side was written as text; two texts, and versions,
 * compare by their order, runs of digits as numbers (`2.4` before `2.31`).
 */
export function holds(demand: Demand, attributes: Capabilities): boolean {
  if ('attribute' in demand) {
    const { attribute } = demand;
    return passes(demand, Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined);
  }
  if ('not' in demand) return !holds(demand.not, attributes);
  if ('all' in demand) return demand.all.every((one) => holds(one, attributes));
  return demand.any.some((one) => holds(one, attributes));
}

function passes(test: Test, actual: CapabilityValue | undefined): boolean {
  switch (test.operator) {
    case 'in':
      return test.value.some((one) => equal(actual, one));
    case 'not in':
      return !test.value.some((one) => equal(actual, one));
    case 'has':
      return actual !== undefined && test.value.every((one) => membersOf(actual).some((member) => equal(member, one)));
    case 'matches':
      return actual !== undefined && matches(String(actual), test.value);
    case 'before':
    case 'after':
      return isOnSide(actual, test.operator, test.value);
    case 'near':
    case 'far':
      return isAround(actual, test.operator, test.value);
    case '=':
      return equal(actual, test.value);
    case '!=':
      return !equal(actual, test.value);
    default: {
      const order = actual === undefined ? undefined : compare(actual, test.value);
      return order !== undefined && inOrder(test.operator, order);
    }
  }
}

/** The members of an attribute that lists several: words between commas or spaces. */
function membersOf(actual: CapabilityValue): readonly CapabilityValue[] {
  return typeof actual === 'string' ? actual.split(/[\s,]+/).filter((member) => member !== '') : [actual];
}

/** Whether the text fits a pattern in which `*` stands for any run of characters and `?` for one. Linear in both. */
function matches(text: string, pattern: string): boolean {
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (at < text.length) {
    if (pattern[from] === '*') [star, mark, from] = [from, at, from + 1];
    else if (from < pattern.length && (pattern[from] === '?' || pattern[from] === text[at]))
      [at, from] = [at + 1, from + 1];
    else if (star >= 0) [mark, at, from] = [mark + 1, mark + 1, star + 1];
    else return false;
  }
  while (pattern[from] === '*') from += 1;
  return from === pattern.length;
}

function isOnSide(actual: CapabilityValue | undefined, side: 'before' | 'after', date: string): boolean {
  const [mine, other] = [Date.parse(String(actual)), Date.parse(date)];
  return side === 'before' ? mine < other : mine > other;
}

const earthMetres = 6_371_000;

/** Whether a place (`59.33, 18.07`) lies in, or out of, the circle. A place that cannot be read is neither. */
function isAround(actual: CapabilityValue | undefined, side: 'near' | 'far', circle: Circle): boolean {
  const [latitude = NaN, longitude = NaN] = String(actual)
    .split(/[\s,]+/)
    .map(Number);
  const metres = distance(latitude, longitude, circle);
  return side === 'near' ? metres <= circle.metres : metres > circle.metres;
}

/** Metres along a great circle (the haversine formula). */
function distance(latitude: number, longitude: number, to: Circle): number {
  const radians = Math.PI / 180;
  const half = (degrees: number) => Math.sin((degrees * radians) / 2) ** 2;
  const turned = Math.cos(latitude * radians) * Math.cos(to.latitude * radians) * half(longitude - to.longitude);
  return 2 * earthMetres * Math.asin(Math.min(1, Math.sqrt(half(latitude - to.latitude) + turned)));
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
  if (isVersion(left) && isVersion(right)) return compareTexts(String(left), String(right));
  return left === right ? 0 : undefined;
}

function asRead(value: CapabilityValue): CapabilityValue {
  return typeof value === 'string' ? parseWord(value) : value;
}

/** Whether it may be a version: `27` is read as a number, `27.1.2` is not. */
function isVersion(value: CapabilityValue): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)+/.test(value));
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
