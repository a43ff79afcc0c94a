/** What a process reads from and writes to. */
import type { FileEntry } from './files.ts';

/** An open file or pipe, or nothing. */
export interface Stream {
  /** the file behind it; null for a pipe */
  readonly entry: FileEntry | null;
  /** All that is left. */
  rest(): string;
  /** The next line with its end, which the last one may lack; empty at the end. */
  line(): string;
  write(text: string): void;
}

/** Text to be read. */
export function source(text: string, entry: FileEntry | null = null): Stream {
  let at = 0;
  const take = (end: number): string => {
    const taken = text.slice(at, end);
    at = end;
    return taken;
  };
  return {
    entry,
    rest: () => take(text.length),
    line: () => take(text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at) + 1),
    write: () => {
      throw new Error('this is open for reading');
    },
  };
}

/** Hands on what is written. */
export function sink(write: (text: string) => void, entry: FileEntry | null = null): Stream {
  return { entry, rest: () => '', line: () => '', write };
}

/** Takes all, gives nothing. */
export const nowhere: Stream = sink(() => undefined);
