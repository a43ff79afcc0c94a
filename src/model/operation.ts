/**
 * Operation: what a request began that takes time. It is recorded in the commit that records the wish (I1), and ended by
 * whoever of the loops finds it done, overtaken, or too late.
 *
 *   running -> succeeded | failed (its deadline passed) | cancelled | superseded (a newer one stands in its place)
 */
import { z } from 'zod';
import type { BlueprintStatus } from './exchange.ts';
import { FamilyName, Name, Timestamp } from './name.ts';
import { isAsDesired } from './node.ts';
import type { Node } from './node.ts';
import { Task } from './task.ts';

export const operationKinds = [
  'apply',
  'family create',
  'family set',
  'family remove',
  'family scale',
  'rebalance',
  'node start',
  'node stop',
  'node restart',
  'node terminate',
  'destroy',
  'roll back',
] as const;
export type OperationKind = (typeof operationKinds)[number];

export const operationStates = ['running', 'succeeded', 'failed', 'cancelled', 'superseded'] as const;
export type OperationState = (typeof operationStates)[number];

export const Operation = z.object({
  id: z.string(),
  kind: z.enum(operationKinds),
  /** what was asked: `family set colony update.parallel=2` */
  cause: z.string(),
  blueprint: Name,
  family: FamilyName.nullable(),
  /** of those that are about one node */
  node: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** the revision that is to come true */
  revision: z.int(),
  /** the revision before: what the blueprint goes back to when this is cancelled; 0 where there was none */
  former: z.int(),
  /** name of the token with which it was asked for, or `the control plane` */
  by: z.string(),
  begun: Timestamp,
  ended: Timestamp.nullable(),
  /** when it has failed if it has not ended */
  deadline: Timestamp,
  /** what it has done is taken back when its deadline passes */
  rollBack: z.boolean(),
  state: z.enum(operationStates),
  /** why it ended so; while it runs, where it is */
  words: z.string(),
  /** id of the operation that this one takes back */
  undoes: z.string().nullable(),
  /** id of the operation that stands in its place or takes back what it did */
  followedBy: z.string().nullable(),
});
export type Operation = z.infer<typeof Operation>;

/** As it is kept: its tasks as they were when it ended. */
export const KeptOperation = Operation.extend({ tasks: Task.nullable() });
export type KeptOperation = z.infer<typeof KeptOperation>;

/** An operation with what it is made of, as it is now or as it was at its end; null where that was not asked for. */
export const OperationView = z.object({ operation: Operation, tasks: Task.nullable() });
export type OperationView = z.infer<typeof OperationView>;

/** Who asks for something that takes time, and how long it may take. */
export interface Asked {
  /** name of the token */
  readonly by: string;
  /** milliseconds; the usual when absent */
  readonly deadlineMs?: number | undefined;
  /** whether what was done is taken back when the deadline passes */
  readonly rollBack?: boolean | undefined;
  /** whether what goes is only taken off the record, and neither hosts nor providers are asked */
  readonly forget?: boolean | undefined;
  /** whether it is to be done although others lean on what goes */
  readonly force?: boolean | undefined;
}

/** An hour: longer than any cloud takes, shorter than a night. */
export const defaultDeadlineMs = 3_600_000;

/** What the loops call themselves where people are named. */
export const controlPlane = 'the control plane';

/** The kind of a change by what its author wrote as its cause. */
export function kindOf(cause: string): OperationKind {
  if (/^roll(ed)? back\b/.test(cause)) return 'roll back';
  return operationKinds.find((kind) => cause === kind || cause.startsWith(`${kind} `)) ?? 'apply';
}

/** The family that a cause names. */
export function familyIn(cause: string): string | null {
  return /^family \w+ ([a-z][a-z0-9_]{0,39})\b/.exec(cause)?.[1] ?? null;
}

/** Whether it is about a node as it is, and no revision or end of a blueprint. */
export function isAboutNode({ kind, node }: Pick<Operation, 'kind' | 'node'>): boolean {
  return node !== null && kind !== 'node terminate';
}

/** What has become of what was asked. */
export interface Verdict {
  readonly state: Extract<OperationState, 'running' | 'succeeded' | 'failed'>;
  readonly words: string;
}

/** What operations of a blueprint are judged by: one snapshot. */
export interface Situation {
  /** undefined when the blueprint is gone */
  readonly status: BlueprintStatus | undefined;
  /** whether all that the current revision asks for is on record as something to do */
  readonly isPlanned: boolean;
}

/** Judges a running operation. */
export function verdictOf(operation: Operation, { status, isPlanned }: Situation): Verdict {
  if (status === undefined)
    return operation.kind === 'destroy'
      ? { state: 'succeeded', words: 'nothing of it is left' }
      : { state: 'failed', words: `blueprint ${operation.blueprint} is gone` };
  if (isAboutNode(operation)) return verdictOfNode(operation, status.nodes);
  const { state, words, machines } = status;
  const stopped = status.rollouts.find(({ state, revision }) => state === 'stopped' && revision === operation.revision);
  if (stopped !== undefined) return { state: 'failed', words: `${stopped.family}: ${stopped.why ?? 'stopped'}` };
  if (state !== 'converged') return { state: 'running', words };
  const leaving = machines.filter(({ state: { phase } }) => phase === 'destroying');
  if (leaving.length > 0) return { state: 'running', words: `${leaving.length} machines are being given back` };
  return isPlanned ? { state: 'succeeded', words } : { state: 'running', words: 'it is being planned' };
}

function verdictOfNode({ node }: Operation, nodes: readonly Node[]): Verdict {
  const found = nodes.find(({ id }) => id === node?.id);
  if (found === undefined || found.desired === 'removed') return { state: 'failed', words: `${node?.name} is gone` };
  return { state: isAsDesired(found) ? 'succeeded' : 'running', words: `it is ${found.state.phase}` };
}
