/** Deadlines of what an endpoint waits for. */
import { withDeadline } from '../base/abort.ts';
import type { ApiContext } from './api-context.ts';

/** Longest time that a request may wait for others to plan, look or prove; one that only records never waits. */
const waitMs = 120_000;

/** Runs `act` under the deadline of a request; ends it when the client goes away. Fault timeout. */
export function within<T>(
  { clock }: ApiContext,
  what: string,
  outer: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withDeadline(clock, { ms: waitMs, what }, act, outer);
}
