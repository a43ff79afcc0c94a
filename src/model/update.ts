/**
 * Update policy: how the running nodes of a family are brought to another version of it (another release, configuration
 * or flags). A few at a time, the next ones only when those are healthy: started, bootstrapped, seen where they should be
 * seen, passing the family's own check, and all of that for a while. What fails goes back to the former version.
 */
import { z } from 'zod';
import { parseCall } from './call.ts';
import type { CallTerm } from './call.ts';
import type { TextFault } from './cursor.ts';

/** How a family itself says whether a node works: a shell command beside it, or an Erlang call on it. */
export const HealthCheck = z.union([
  z.string().min(1).describe("a shell command in the node's folder, with its environment: its status decides"),
  z.strictObject({
    call: z.string().describe('an Erlang call on the node: module:function()'),
    answers: z.string().optional().describe('what it must answer, as Erlang text; true when absent'),
  }),
]);
export type HealthCheck = z.infer<typeof HealthCheck>;

export const UpdatePolicy = z.strictObject({
  parallel: z.int().min(1).optional().describe('so many nodes at a time; 1 when absent'),
  minHealthySeconds: z
    .int()
    .min(0)
    .optional()
    .describe('for so long a changed node must have been healthy at a stretch before the next; 5 when absent'),
  minRunning: z
    .int()
    .min(0)
    .optional()
    .describe(
      'at least so many nodes run at any time; where that leaves none to be changed, one more node is made while it ' +
        'lasts. All but `parallel` when absent',
    ),
  deadlineSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .optional()
    .describe('how long a changed node may take to be healthy before the change has failed; 300 when absent'),
  check: HealthCheck.optional().describe('what must hold besides, for a changed node to be healthy'),
  onFailure: z
    .enum(['rollBack', 'stop'])
    .optional()
    .describe(
      'what is done when it fails: back to the former version, or leave everything as it is; rollBack when absent',
    ),
});
export type UpdatePolicy = z.infer<typeof UpdatePolicy>;

/** The term that a check must answer, or why it cannot be read. */
export function expectedAnswer({
  answers = 'true',
}: {
  readonly answers?: string | undefined;
}): { readonly ok: true; readonly term: CallTerm } | TextFault {
  const parsed = parseCall(`check:answers(${answers})`);
  if (!parsed.ok) return parsed;
  const [term, ...others] = parsed.call.args;
  if (term !== undefined && others.length === 0) return { ok: true, term };
  return { ok: false, offset: 0, message: 'one term is expected', hint: 'for example: true, or {ok, ready}' };
}

/** A policy with nothing left open. */
export interface UpdateRules {
  readonly parallel: number;
  readonly minHealthyMs: number;
  readonly minRunning: number;
  readonly deadlineMs: number;
  readonly onFailure: 'rollBack' | 'stop';
}

/** What a policy means for a family of which so many nodes are to run. No more than these can be asked to run. */
export function updateRules(policy: UpdatePolicy | undefined, nodes: number): UpdateRules {
  const { parallel = 1, minHealthySeconds = 5, minRunning, deadlineSeconds = 300, onFailure } = policy ?? {};
  return {
    parallel,
    minHealthyMs: minHealthySeconds * 1_000,
    minRunning: Math.max(0, Math.min(nodes, minRunning ?? nodes - parallel)),
    deadlineMs: deadlineSeconds * 1_000,
    onFailure: onFailure ?? 'rollBack',
  };
}
