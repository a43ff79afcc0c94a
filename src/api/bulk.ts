/**
 * Bulk verbs: what is done to many is done to each as if it were asked for alone, under the same rules and in the order
 * asked; one that is refused keeps none of the others from being done. Each is entered in the audit log by itself, as the
 * request that it stands for.
 */
import type { BulkAnswer, BulkOutcome } from '../model/bulk.ts';
import type { ApiContext } from './api-context.ts';
import type { Caller } from './caller.ts';
import { prefix, usualStatusOf } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { problemOf } from './problem-of.ts';

/** The request that would do it to one. */
export interface SingleRequest {
  readonly method: string;
  readonly path: string;
  readonly operation: string;
  readonly blueprint: string | null;
  readonly status: number;
}

/** The request to the endpoint that does it to one, with the parameters of its path. */
export function singleRequest(
  endpoint: Endpoint,
  params: Readonly<Record<string, string>>,
  blueprint: string | null,
): SingleRequest {
  const { method, operation, path } = endpoint;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  return { method, path: prefix + filled, operation, blueprint, status: usualStatusOf(endpoint) };
}

/** One of many, as it was done. */
export interface Done {
  readonly name: string;
  readonly as: SingleRequest;
}

/** How each is done. */
export interface Each {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  /** `as`, for what failed before it was found */
  readonly otherwise: (object: string) => SingleRequest;
  /** Does it; answers the operation that this began, if any. Throws what refuses it; `found` notes what it is called. */
  act(object: string, found: (done: Done) => void): Promise<string | null>;
}

/** Does it to each of them, nothing twice. */
export async function toEach(objects: readonly string[], each: Each, context: ApiContext): Promise<BulkAnswer> {
  const told: { outcome: BulkOutcome; as: SingleRequest }[] = [];
  for (const object of new Set(objects)) {
    let done: Done | undefined;
    const came = await outcomeOf(() => {
      each.signal.throwIfAborted();
      return each.act(object, (found) => (done = found));
    });
    told.push({ outcome: { object, name: done?.name ?? null, ...came }, as: done?.as ?? each.otherwise(object) });
  }
  const entered = told.map(({ outcome, as }) =>
    context.store.audit.append({ ...as, token: each.caller.name, status: outcome.problem?.status ?? as.status }),
  );
  await Promise.all(entered);
  const outcomes = told.map(({ outcome }) => outcome);
  const failed = outcomes.filter(({ problem }) => problem !== null).length;
  return { outcomes, done: outcomes.length - failed, failed };
}

async function outcomeOf(act: () => Promise<string | null>): Promise<Pick<BulkOutcome, 'operation' | 'problem'>> {
  try {
    return { operation: await act(), problem: null };
  } catch (error) {
    return { operation: null, problem: problemOf(error) };
  }
}
