/** Problem: a failure as the API tells it (RFC 9457), and the exit code that the command line makes of it. */
import { z } from 'zod';
import { problemKinds } from './problem-kind.ts';
import type { ProblemKind } from './problem-kind.ts';

/** One fault in an input: where it stands and what to write instead. */
export const InputFault = z.object({
  /** path in the document, e.g. `families.colony.release` */
  path: z.string(),
  line: z.int().nullable(),
  column: z.int().nullable(),
  message: z.string(),
  hint: z.string().nullable(),
});
export type InputFault = z.infer<typeof InputFault>;

/** Problem details. `type` is `urn:wombat:problem:<kind>`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  kind: z.enum(Object.keys(problemKinds) as [ProblemKind, ...ProblemKind[]]),
  object: z.string().nullable(),
  /** the provider's or node's own words */
  words: z.string().nullable(),
  next: z.string().nullable(),
  faults: z.array(InputFault),
});
export type Problem = z.infer<typeof Problem>;
