/** The innermost wrapper: whatever an adapter throws leaves it as a Fault with the adapter's code and the provider's words. */
import { Fault, faultCodeOf } from '../../base/fault.ts';
import type { Cloud, Created } from '../cloud.ts';
import { around } from './around.ts';

/** The cloud with all its errors, those of single orders too, as Faults about `object` (e.g. `provider lab`). */
export function asFaults(cloud: Cloud, object: string): Cloud {
  const fault = (error: unknown, signal: AbortSignal) => faultFrom(cloud, object, error, signal);
  const wrapped = around(cloud, {
    call: (_verb, act, signal) => act(signal).catch((error: unknown) => Promise.reject(fault(error, signal))),
    async *list(act, signal) {
      try {
        yield* act(signal);
      } catch (error) {
        throw fault(error, signal);
      }
    },
  });
  return {
    ...wrapped,
    async create(orders, signal) {
      const outcomes = await wrapped.create(orders, signal);
      const translate = (one: Created) => (one.ok ? one : { ...one, error: fault(one.error, signal) });
      return outcomes.map(translate);
    },
    faultOf: faultCodeOf,
  };
}

/** The reason of an abort is the caller's own and passes as it is. */
function faultFrom(cloud: Cloud, object: string, error: unknown, signal: AbortSignal): Error {
  if (error instanceof Fault) return error;
  if (signal.aborted) return signal.reason as Error;
  const words = error instanceof Error ? error.message : String(error);
  const retryAfterMs = retryAfterOf(error);
  return new Fault(cloud.faultOf(error), `${object}: ${words}`, { object, words, retryAfterMs, cause: error });
}

function retryAfterOf(error: unknown): number | undefined {
  const asked = typeof error === 'object' && error !== null && 'retryAfterMs' in error ? error.retryAfterMs : undefined;
  return typeof asked === 'number' ? asked : undefined;
}
