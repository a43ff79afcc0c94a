/** The edge between SQLite, which answers at once, and the store's interface, which promises. */
import { Fault } from '../../base/fault.ts';

/** Runs one use of SQLite. Whatever it throws rejects; SQLite's own errors as Fault unavailable with its words. */
export function attempt<T>(act: () => T): Promise<T> {
  return Promise.try(() => {
    try {
      return act();
    } catch (error) {
      throw asFault(error);
    }
  });
}

function asFault(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const words = error instanceof Error ? error.message : undefined;
  if (code === 'ERR_INVALID_STATE') return new Fault('unavailable', 'the store is closed', { words, cause: error });
  if (code !== 'ERR_SQLITE_ERROR') return error;
  return new Fault('unavailable', 'the store cannot be used', {
    words,
    cause: error,
    next: 'look at the disk that holds the store: is it full, or gone?',
  });
}
