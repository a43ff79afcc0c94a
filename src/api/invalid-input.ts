/** Input that its schema refuses, as the faults that a person can mend. */
import type { z } from 'zod';
import { findingsOf } from '../model/blueprint-issues.ts';
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
  const inBlueprint = parsed.error.issues.filter(({ path: [first] }) => first === blueprintKey);
  const others = parsed.error.issues.filter((issue) => !inBlueprint.includes(issue));
  const faults = [
    ...blueprintFaults(inBlueprint, value),
    ...others.flatMap((issue) => faultsOf(issue, where === '' ? [] : [where])),
  ];
  const [first] = faults;
  throw new InvalidInput(first === undefined ? 'the input is not valid' : sentence(first), faults);
}

/** Where requests carry a blueprint. */
const blueprintKey = 'document';

/** What is wrong with a blueprint is said in the words that its reader has for it. */
function blueprintFaults(issues: readonly z.core.$ZodIssue[], value: unknown): InputFault[] {
  if (issues.length === 0) return [];
  const data = (value as Record<string, unknown>)[blueprintKey];
  const inside = issues.map((issue) => ({ ...issue, path: issue.path.slice(1) }));
  return findingsOf(inside, data).map(({ path, message, hint }) => {
    return { ...fault([blueprintKey, ...path], message), hint };
  });
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
