/** Replica: one of the control planes that share the work on one database. */
import { z } from 'zod';
import { Timestamp } from './name.ts';

export const Replica = z.object({
  number: z.int().describe('counts up: each that joins has another one'),
  /** where its API listens */
  url: z.string(),
  since: Timestamp,
  state: z.enum(['there', 'silent', 'gone']),
  /** the one that was asked */
  isSelf: z.boolean(),
  /** what it looks after, e.g. `blueprint ants`; null for everything */
  shares: z.array(z.string()).readonly().nullable(),
});
export type Replica = z.infer<typeof Replica>;
