/** Head: where a blueprint stands. Its record's version is what plans are adopted against (compare-and-set). */
import { z } from 'zod';
import { Name } from './name.ts';

export const Head = z.object({
  name: Name,
  revision: z.int(),
  /** the plan last adopted by a person; null before the first */
  plan: z.string().nullable(),
  /** everything it has is to go, then the blueprint itself */
  destroying: z.boolean(),
  /** nobody is asked any more: the records go, and what may still be there is told */
  forgetting: z.boolean().optional(),
  /** ordinals are never used twice: the next one by family */
  nextOrdinal: z.record(z.string(), z.int()),
  /** why the planner cannot place what is wanted at the moment; null when it can */
  stuck: z.object({ code: z.string(), why: z.string() }).nullable(),
});
export type Head = z.infer<typeof Head>;
