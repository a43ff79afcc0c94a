/** Deadlines and cancellation: every wait in the system ends, and says why it ended. */
import { Fault } from './fault.ts';
import type { Clock } from './clock.ts';

/** The time an act may take, and what to call the act when it took too long. */
export interface Deadline {
  readonly ms: number;
  /** what was waited for, e.g. `the handshake with ants-1@10.0.0.1` */
  readonly what: string;
}

/**
 * Runs `act` under a deadline and an optional outer signal. The signal given to `act` aborts at the deadline; the
 * promise then rejects with a Fault `timeout` that names what was waited for, whether or not `act` listens.
 */
export async function withDeadline<T>(
  clock: Clock,
  deadline: Deadline,
  act: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort(outer?.reason);
  if (outer?.aborted) throw outer.reason as Error;
  outer?.addEventListener('abort', stop, { once: true });
  const timer = clock.after(deadline.ms, () =>
    controller.abort(new Fault('timeout', `${deadline.what}: no answer within ${(deadline.ms / 1000).toString()} s`)),
  );
  try {
    // The deadline's own words come first: `act` may reject on the same signal with less to say.
    return await Promise.race([aborted(controller.signal), act(controller.signal)]);
  } finally {
    timer.cancel();
    outer?.removeEventListener('abort', stop);
  }
}

/** What comes, or the signal's reason when that is first. The signal may live on for ever: nothing of the wait stays with it. */
export async function unlessAborted<T>(signal: AbortSignal, coming: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const stop = () => reject(signal.reason as Error);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  coming.then(resolve, reject);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A promise that rejects with the reason of a signal that lives no longer than its wait. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/** Those who wait under one signal. */
interface Gathered {
  readonly acts: Set<() => void>;
  /** Listens to the signal no more. */
  leave(): void;
}

const underSignal = new WeakMap<AbortSignal, Gathered>();

/**
 * Calls `act` when the signal comes, unless what is answered was called before. For waits of which very many stand under one
 * signal at a time: a listener of its own for each has all the others compared with it when it is added.
 */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  const gathered = underSignal.get(signal) ?? gatherUnder(signal);
  // one of its own: the same act may be given twice
  const one = (): void => act();
  gathered.acts.add(one);
  return () => {
    if (gathered.acts.delete(one) && gathered.acts.size === 0) gathered.leave();
  };
}

/** Listens for as long as somebody waits: Node keeps a signal made of others (`AbortSignal.any`) while it has a listener. */
function gatherUnder(signal: AbortSignal): Gathered {
  const acts = new Set<() => void>();
  const come = (): void => {
    for (const act of acts) act();
    acts.clear();
  };
  const leave = (): void => {
    signal.removeEventListener('abort', come);
    underSignal.delete(signal);
  };
  signal.addEventListener('abort', come, { once: true });
  const gathered = { acts, leave };
  underSignal.set(signal, gathered);
  return gathered;
}
