/** The secret of a provider, as the JSON object that its kind of cloud asks for. */
import { Fault } from '../base/fault.ts';

/** What can tell whether a value is what it must be, as zod's schemas do. */
interface Schema<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false };
}

/** What is said when it is not: never a word of the secret itself (I8). */
export interface Refusal {
  readonly why: string;
  readonly object: string;
  readonly next: string;
}

/** Reads the secret. Fault invalid with the words of the refusal. */
export function readCredentials<T>(schema: Schema<T>, secret: string, { why, object, next }: Refusal): T {
  const read = schema.safeParse(parse(secret));
  if (read.success) return read.data;
  throw new Fault('invalid', why, { object, next });
}

/** Undefined for what is no JSON: a parser's own words would quote the secret. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
