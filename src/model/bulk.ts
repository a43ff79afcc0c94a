/** Bulk verbs: many things in one request, and what became of each. */
import { z } from 'zod';
import { nodeActs } from './exchange.ts';
import { FamilyName, Name } from './name.ts';
import { Problem } from './problem.ts';

/** More at once is a loop of its own. */
const most = 1000;

const Reference = z.string().min(1).max(512);

/** Nodes by what they have in common: those for which all that is given holds. */
export const NodeSelection = z
  .strictObject({
    blueprint: Name.optional(),
    family: FamilyName.optional(),
    domain: Name.optional(),
    host: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .describe("the host part of the nodes' names, or the token of a machine"),
  })
  .refine((given) => Object.keys(given).length > 0, 'say which nodes: a blueprint, a family, a domain or a host');
export type NodeSelection = z.infer<typeof NodeSelection>;

/** POST /nodes/acts: one act on nodes that are named, or on all that are selected. */
export const BulkActRequest = z
  .strictObject({
    act: z.enum(nodeActs),
    nodes: z.array(Reference).min(1).max(most).optional().describe('ids or Erlang names'),
    where: NodeSelection.optional(),
  })
  .refine(({ nodes, where }) => (nodes === undefined) !== (where === undefined), 'give either nodes or where');
export type BulkActRequest = z.infer<typeof BulkActRequest>;

/** POST /releases/deletions and /tokens/revocations. */
export const BulkRequest = z.strictObject({ names: z.array(Reference).min(1).max(most) });
export type BulkRequest = z.infer<typeof BulkRequest>;

/** What became of one of them. */
export const BulkOutcome = z.object({
  /** as it was asked for; an id where it was selected */
  object: z.string(),
  /** what it is called: a node's Erlang name; null where it was not found */
  name: z.string().nullable(),
  /** id of the operation that this began, for what takes time */
  operation: z.string().nullable(),
  /** null when it was done (for nodes: recorded) */
  problem: Problem.nullable(),
});
export type BulkOutcome = z.infer<typeof BulkOutcome>;

/** What a bulk verb answers, with status 207: an outcome each, in the order in which they were asked for, nothing twice. */
export const BulkAnswer = z.object({ outcomes: z.array(BulkOutcome), done: z.int(), failed: z.int() });
export type BulkAnswer = z.infer<typeof BulkAnswer>;
