/**
 * Asking again over connections that were lost. A request whose connection broke may have been carried out: it is sent
 * again, which is safe because every change carries a key under which it is done once. Nobody there at all is told at
 * once; nobody there after a loss is a control plane that starts again, and is waited for.
 */
import { fullJitterMs } from '../base/backoff.ts';
import { sleep } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

/** How long a lost connection is tried to be had again. */
const patienceMs = 30_000;
const pauses = { firstMs: 100, longestMs: 3_000 };

/** Node's and its fetch's names for a connection that was there and is not any more. */
const lost = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET']);
const nobody = new Set(['ECONNREFUSED']);

/** Time and chance of the waits, and who ends them. */
export interface Patience {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Asks until there is an answer, the failure is of another kind, or the time is over; throws the last failure. */
export async function lasting<T>(ask: () => Promise<T>, { clock, random, signal }: Patience): Promise<T> {
  let deadline = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const code = codeOf(error);
      const isLost = lost.has(code) || (attempt > 1 && nobody.has(code));
      if (attempt === 1) deadline = clock.monotonic() + patienceMs;
      if (!isLost || signal.aborted || clock.monotonic() >= deadline) throw error;
    }
    await sleep(clock, fullJitterMs(pauses, attempt, random), signal);
  }
}

/** The system's code at the bottom of a chain of causes; empty when there is none. */
function codeOf(error: unknown): string {
  for (let one = error; one instanceof Error; one = one.cause) {
    if ('code' in one && typeof one.code === 'string') return one.code;
  }
  return '';
}
