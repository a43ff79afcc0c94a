/** The edge between SQLite, which answers at once, and the store's interface, which promises. */
import { fullDiskFault } from '../../base/disk.ts';
import { Fault } from '../../base/fault.ts';

/**
 * Runs one use of SQLite. Whatever it throws rejects; SQLite's own errors as Fault unavailable with its words. What writes
 * names the directory of the store, null in memory: a full disk is then said to be one.
 */
export function attempt<T>(act: () => T, directory: string | null = null): Promise<T> {
  return Promise.try(() => {
    try {
      return act();
    } catch (error) {
      throw asFault(error, directory);
    }
  });
}

/** Rejects with what a use of SQLite has thrown, as `attempt` would. */
export function failure(error: unknown, directory: string): Promise<never> {
  return attempt(() => {
    throw error;
  }, directory);
}

/** SQLite's results for a database that is malformed, or none (sqlite.org/rescode.html). */
function isDamage(error: unknown): boolean {
  const result = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return result === 11 || result === 26;
}

function asFault(error: unknown, directory: string | null): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const words = error instanceof Error ? error.message : undefined;
  if (code === 'ERR_INVALID_STATE') return new Fault('unavailable', 'the store is closed', { words, cause: error });
  if (code !== 'ERR_SQLITE_ERROR') return error;
  if (isDamage(error))
    return new Fault('unavailable', 'the store is damaged', {
      words,
      cause: error,
      next: `stop the control plane and start it again: it looks at all of the store, and says the way back`,
    });
  const full = directory === null ? null : fullDiskFault(error, directory, 'the store cannot be written');
  if (full !== null) return full;
  return new Fault('unavailable', 'the store cannot be used', {
    words,
    cause: error,
    next: 'look at the disk that holds the store: is it full, or gone?',
  });
}
