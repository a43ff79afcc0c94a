/** Runs the program that works on a store while no control plane does: the command line knows the control plane by its API only. */
import { spawn } from 'node:child_process';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { CliFailure } from './failure.ts';
import type { ProblemKind } from '../model/problem-kind.ts';
import type { World } from './world.ts';

/** A line that it tells while it goes on. */
interface Progress {
  readonly table?: string;
  readonly rows?: number;
}

/** Runs it to its end, which a Ctrl-C brings on; its last line is what it answers. */
export async function runStoreProgram<T>({ terminal, signal }: World, args: readonly string[]): Promise<T> {
  const program = join(import.meta.dirname, '..', `store-program${extname(import.meta.filename)}`);
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  let error = '';
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  const ended = new Promise<number>((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => done(code ?? 1));
  });
  let last: unknown;
  for await (const line of createInterface(child.stdout)) {
    last = JSON.parse(line);
    const { table, rows = 0 } = last as Progress;
    if (terminal.live && table !== undefined) terminal.draw(`\r${table.padEnd(8)} ${rows} rows`);
  }
  const code = await ended;
  signal.removeEventListener('abort', stop);
  if (terminal.live) terminal.draw(`\r${' '.repeat(30)}\r`);
  if (code === 0) return last as T;
  const { kind, words, next } = problemIn(error);
  throw new CliFailure(kind, words, next === undefined ? {} : { next });
}

/** Its last line is the problem as JSON; anything else is its death. */
function problemIn(text: string): { kind: ProblemKind; words: string; next?: string } {
  try {
    return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as ReturnType<typeof problemIn>;
  } catch {
    return { kind: 'unknown', words: `it did not come to its end: ${text.trim().slice(0, 400)}` };
  }
}
