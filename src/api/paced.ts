/** Listeners that stopped listening: a stream whose reader takes nothing for too long is ended, not kept for ever. */
import type { Clock } from '../base/clock.ts';

/** How long a reader may leave a chunk untaken. */
const patienceMs = 60_000;

/** The same chunks; calls `drop` when the reader has taken nothing for a minute while there was something to take. */
export async function* paced<T>(chunks: AsyncIterable<T>, clock: Clock, drop: () => void): AsyncGenerator<T> {
  for await (const chunk of chunks) {
    const timer = clock.after(patienceMs, drop);
    try {
      yield chunk;
    } finally {
      timer.cancel();
    }
  }
}
