/** Reading JSON that nobody has checked: what is not there or is something else is empty. */
import { Fault } from '../../base/fault.ts';

/** Something in a JSON answer that was not looked at yet. */
export type Json = Readonly<Record<string, unknown>>;

/** The list of that name in an answer. Fault unavailable where an answer lacks it: it is none of this API's. */
export function listIn(answer: Json, name: string): readonly Json[] {
  const list = answer[name];
  if (Array.isArray(list)) return list as readonly Json[];
  throw new Fault('unavailable', `the answer holds no ${name}`, { words: JSON.stringify(answer).slice(0, 200) });
}

/** The object of that name; an empty one where there is none. */
export function objectIn(of: Json, name: string): Json {
  const value = of[name];
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

/** The text of that name; empty where there is none. */
export function textIn(of: Json, name: string): string {
  const value = of[name];
  return typeof value === 'string' ? value : '';
}

/** The number of that name; 0 where there is none. Prices are numbers in texts. */
export function numberIn(of: Json, name: string): number {
  const value = Number(of[name] ?? NaN);
  return Number.isFinite(value) ? value : 0;
}

/** The id of a thing, as a text. */
export function idIn(of: Json): string {
  return String(numberIn(of, 'id'));
}

/** Everything that is yielded. */
export async function all(items: AsyncIterable<Json>): Promise<Json[]> {
  const found: Json[] = [];
  for await (const item of items) found.push(item);
  return found;
}
