/**
 * Bootstrap strategy: which existing nodes take part when a node arrives (select), and what is done between it and
 * them (action). A strategy within a family speaks of its other members, one towards a neighbour family of that
 * family's members.
 */
import { z } from 'zod';

/** Which eligible peers take part. Eligible are those that have completed their own bootstrap. */
export const Selection = z.union([
  z.enum(['none', 'random', 'all', 'oldest']),
  z.strictObject({ random: z.int().min(1).describe('that many, drawn at random') }),
  z.strictObject({ node: z.string().describe('the node of that id or name') }),
]);
export type Selection = z.infer<typeof Selection>;

/**
 * One thing done on one side: an Erlang call (`module:function(Peer)`, with the variables New, Peer and Family) or a
 * shell command beside one of the two nodes, on its host (the same names as environment variables NEW, PEER, FAMILY).
 */
export const ActionStep = z.union([
  z.strictObject({ on: z.enum(['new', 'peer']), call: z.string() }),
  z.strictObject({
    on: z.enum(['host', 'new', 'peer']).describe('beside which node; host means the new one'),
    command: z.string(),
  }),
]);
export type ActionStep = z.infer<typeof ActionStep>;

/** What is done with each selected peer. */
export const CustomAction = z.strictObject({
  done: ActionStep.optional().describe(
    'asked first: when it answers true, join is left out, which makes the action repeatable',
  ),
  join: ActionStep,
  leave: ActionStep.optional().describe('run on a survivor before a planned removal, and after a loss'),
  connects: z
    .enum(['none', 'selected', 'hidden'])
    .optional()
    .describe(
      'which edges of the topology the action makes: those between the new node and the selected peers, the same as hidden connections (to a family of another blueprint), or none; `selected` when absent',
    ),
});
export type CustomAction = z.infer<typeof CustomAction>;

/** The actions that need no definition. */
export const builtInActions = ['none', 'distributed_erlang', 'distributed_erlang_hidden'] as const;

export const Action = z.union([z.enum(builtInActions), CustomAction]);
export type Action = z.infer<typeof Action>;

export const Strategy = z.strictObject({
  select: Selection,
  action: Action,
  parallel: z.boolean().optional().describe('several nodes may join at the same time; one after another when absent'),
});
export type Strategy = z.infer<typeof Strategy>;

/** Which connections a component of linked families must have, and no others. */
export const meshes = ['full', 'selected', 'none'] as const;
export const Mesh = z.enum(meshes);
export type Mesh = z.infer<typeof Mesh>;
