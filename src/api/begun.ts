/**
 * A stream that has begun: its first failure comes before the answer's status line is sent, where it can still be told
 * as a problem; later ones can only break the connection off.
 */
import { sleep } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';

/** How long the first chunk is waited for: a stream that is silent for longer is taken to be well. */
const patienceMs = 1_500;

/** Waits for the first chunk or failure of a stream, not for long; rejects with that failure. */
export async function begun<T>(stream: AsyncIterable<T>, clock: Clock): Promise<AsyncIterable<T>> {
  const iterator = stream[Symbol.asyncIterator]();
  const first = iterator.next();
  const patience = new AbortController();
  try {
    await Promise.race([first, sleep(clock, patienceMs, patience.signal).catch(() => undefined)]);
  } finally {
    patience.abort();
  }
  return continued(iterator, first);
}

async function* continued<T>(iterator: AsyncIterator<T>, first: Promise<IteratorResult<T>>): AsyncGenerator<T> {
  try {
    for (let next = await first; next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
