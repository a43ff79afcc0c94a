/** Runs one step of a bootstrap action: an Erlang call on one of the two nodes, or a command beside it. */
import { withDeadline } from '../base/abort.ts';
import { Fault } from '../base/fault.ts';
import { atom } from '../erlang/erlang.ts';
import { boundCall } from './bound-call.ts';
import { answered, ended, raised } from './outcome.ts';
import type { ActionStep } from '../model/bootstrap.ts';
import type { Node } from '../model/node.ts';
import type { Bindings, BoundCall } from './bound-call.ts';
import type { ClusterDependencies, StepContext, StepOutcome } from './cluster.ts';
import type { Links } from './links.ts';

/** What steps are run with. */
export interface StepRunner {
  readonly deps: ClusterDependencies;
  readonly links: Links;
}

/** How long a step may take: joining may copy tables. Milliseconds. */
export const stepMs = 60_000;

/** Runs a step. What it answers or raises is its outcome; a node that cannot be reached is a Fault. */
export async function runStep(
  runner: StepRunner,
  step: ActionStep,
  context: StepContext,
  signal?: AbortSignal,
): Promise<StepOutcome> {
  const what = 'command' in step ? step.command : step.call;
  const node = step.on === 'peer' ? peerOf(context, what) : context.fresh;
  if ('command' in step) {
    const errand = { node, command: step.command, variables: variablesOf(context), timeoutMs: stepMs };
    return ended(await ran(runner, errand, signal));
  }
  return runCall(runner, { node, call: boundCall(step.call, bindingsOf(context)), timeoutMs: stepMs }, signal);
}

/** A call to make on a node, and how long it may take. */
export interface Errand {
  readonly node: Node;
  readonly call: BoundCall;
  readonly timeoutMs: number;
}

/** Makes a call for its outcome. */
export async function runCall(runner: StepRunner, errand: Errand, signal?: AbortSignal): Promise<StepOutcome> {
  const { node, call, timeoutMs } = errand;
  const erlang = await runner.links.to(node, signal);
  try {
    return answered(await erlang.call(call.module, call.function, call.args, { timeoutMs, signal }));
  } catch (error) {
    return raised(error, call, node.name);
  }
}

/** What the variables of a node's own hook stand for: it is the new node, and there is no peer. */
export function bindingsOf({ fresh, peer }: StepContext): Bindings {
  return { New: atom(fresh.name), Peer: peer === null ? null : atom(peer.name), Family: atom(fresh.family) };
}

function peerOf(context: StepContext, text: string): Node {
  if (context.peer !== null) return context.peer;
  throw new Fault('invalid', `"${text}" is to run on the peer, but no peer takes part`, {
    object: `node ${context.fresh.name}`,
  });
}

/** A command to run on a node's host, and how long it may take. */
export interface CommandErrand {
  readonly node: Node;
  readonly command: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Runs a command for its status and its whole output. Fault timeout. */
export function ran(
  { deps }: StepRunner,
  { node, command, variables, timeoutMs }: CommandErrand,
  signal?: AbortSignal,
): Promise<{ code: number; output: string }> {
  const deadline = { ms: timeoutMs, what: `"${command}" on the host of ${node.name}` };
  return withDeadline(deps.clock, deadline, (stop) => deps.run(node, command, variables, stop), signal);
}

/** What a command is told, as environment variables. */
function variablesOf({ fresh, peer }: StepContext): Readonly<Record<string, string>> {
  return { NEW: fresh.name, PEER: peer?.name ?? '', FAMILY: fresh.family };
}
