/** Many calls: one to several nodes at once, and several to one node in a stream. */
import type { ErlangNode } from '../connection.ts';
import type { Term } from '../term/types.ts';
import type { CallOptions } from './caller.ts';
import type { Call } from './erpc.ts';

/** What became of one call: its value, or what it ended with (ErlangError, Fault, the signal's reason). */
export type CallOutcome =
  { readonly kind: 'value'; readonly value: Term } | { readonly kind: 'failed'; readonly error: unknown };

/** What became of a call on one node. */
export type NodeOutcome = CallOutcome & { readonly node: string };

/** Applies a function on several nodes at once, as `erpc:multicall`. Never rejects: each node has its own outcome, in order. */
export function callAll(nodes: readonly ErlangNode[], call: Call, options: CallOptions): Promise<NodeOutcome[]> {
  return Promise.all(nodes.map(async (node) => ({ node: node.name, ...(await outcomeOf(node, call, options)) })));
}

/**
 * Makes calls on one node, no more than `inFlight` at a time and none while the node does not read, and yields their
 * outcomes in the order of the calls. Who stops early leaves those under way to their end.
 */
export async function* callEach(
  node: ErlangNode,
  calls: Iterable<Call> | AsyncIterable<Call>,
  options: CallOptions & { readonly inFlight: number },
): AsyncGenerator<CallOutcome> {
  const underWay: Promise<CallOutcome>[] = [];
  for await (const call of calls) {
    await node.caughtUp();
    underWay.push(outcomeOf(node, call, options));
    if (underWay.length >= options.inFlight) yield await (underWay.shift() as Promise<CallOutcome>);
  }
  for (const outcome of underWay) yield await outcome;
}

async function outcomeOf(node: ErlangNode, call: Call, options: CallOptions): Promise<CallOutcome> {
  try {
    return { kind: 'value', value: await node.call(call.module, call.function, call.args, options) };
  } catch (error) {
    return { kind: 'failed', error };
  }
}
