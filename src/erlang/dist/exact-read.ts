/** Reads exact numbers of bytes from a stream that is not flowing; what lies behind them stays in the stream. */
import type { Duplex } from 'node:stream';

/** What ended a stream before the bytes were there. */
export class StreamEnded extends Error {
  override readonly name = 'StreamEnded';
}

/** The next `count` bytes. Rejects with StreamEnded when the stream ends or breaks, with the signal's reason when aborted. */
export function readExactly(stream: Duplex, count: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      stream.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', onError);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onReadable = (): void => {
      const bytes = stream.read(count) as Buffer | null;
      if (bytes?.length === count) settle(() => resolve(bytes));
      // What is left of a stream that has ended comes at once, however little; it would never say `end` otherwise.
      else if (bytes !== null) onEnd();
    };
    const onEnd = (): void => {
      if (stream.errored !== null) onError(stream.errored);
      else settle(() => reject(new StreamEnded('the connection was closed')));
    };
    const onError = (error: Error): void => settle(() => reject(new StreamEnded(error.message, { cause: error })));
    const onAbort = (): void => settle(() => reject(signal.reason as Error));
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    if (stream.destroyed || stream.readableEnded) {
      onEnd();
      return;
    }
    stream.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    onReadable();
  });
}
