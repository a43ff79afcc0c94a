/** Input that its schema refuses, as the faults that a person can mend. */
import type { z } from 'zod';
import { pathText } from '../model/document-path.ts';
import type { DocumentPath } from '../model/document-path.ts';
import type { InputFault } from '../model/problem.ts';

/** Thrown for input that is wrong in itself: every fault at once, each with its place. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  readonly faults: readonly InputFault[];

  constructor(message: string, faults: readonly InputFault[]) {
    super(message);
    this.faults = faults;
  }
}

/** Reads `value` by its schema. Throws InvalidInput, with paths below `where` (empty for the body). */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, where === '' ? [] : [where]));
  const [first] = faults;
  throw new InvalidInput(first === undefined ? 'the input is not valid' : sentence(first), faults);
}

function faultsOf(issue: z.core.$ZodIssue, above: DocumentPath): InputFault[] {
  const path = [...above, ...(issue.path as DocumentPath)];
  if (issue.code !== 'unrecognized_keys') return [fault(path, issue.message)];
  return issue.keys.map((key) => fault([...path, key], `unknown key "${key}"`));
}

function fault(path: DocumentPath, message: string): InputFault {
  return { path: pathText(path), line: null, column: null, message, hint: null };
}

function sentence({ path, message }: InputFault): string {
  return path === '' ? message : `${path}: ${message}`;
}
