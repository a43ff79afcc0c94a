/**
 * A command under way, whatever carries it: feeding its input, keeping the tail of its output, following it. Both
 * shells, near and far, stand on this.
 */
import type { Readable, Writable } from 'node:stream';
import { unlessAborted, withDeadline } from './abort.ts';
import type { Clock } from './clock.ts';
import { Fault } from './fault.ts';
import type { Command, Finished } from './shell.ts';

/** A command that has been launched. */
export interface Running {
  /** null where the command has no input */
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** the exit status (128 + signal number where a signal ended it); rejects when it cannot be known any more */
  readonly ended: Promise<number>;
  /** Ends it and all that it started, at once; nothing happens when it has ended. */
  kill(): void;
}

/** How much of each output is kept, bytes. */
const keptBytes = 1024 * 1024;

/** How long output is waited for once the command itself has ended: what it left running may hold the pipes for ever. */
const outputGraceMs = 500;

/** Launches by `launch`, feeds the input and waits for the end. The command is killed at its deadline or when aborted. */
export function runToEnd(
  clock: Clock,
  command: Command,
  launch: (signal: AbortSignal) => Promise<Running>,
  outer?: AbortSignal,
): Promise<Finished> {
  const act = async (signal: AbortSignal) => collect(clock, command, await launch(signal), signal);
  return withDeadline(clock, { ms: command.timeoutMs, what: command.what }, act, outer);
}

async function collect(clock: Clock, command: Command, running: Running, signal: AbortSignal): Promise<Finished> {
  const kill = () => running.kill();
  if (signal.aborted) kill();
  signal.addEventListener('abort', kill, { once: true });
  const stdout = keepTail(running.stdout);
  const stderr = keepTail(running.stderr);
  try {
    const fed = feed(running.stdin, command.input).then(() => running.ended);
    const code = await Promise.race([running.ended, fed]);
    await patience(clock, Promise.all([stdout.whole, stderr.whole]));
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } catch (error) {
    kill();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** Waits for `work`, but no longer than the grace for output. */
function patience(clock: Clock, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(outputGraceMs, resolve);
    void work.then(() => {
      timer.cancel();
      resolve();
    });
  });
}

/** Yields a command's output as it comes. A status other than 0 is a Fault `unknown` with what it wrote to standard error. */
export async function* followToEnd(
  command: Command,
  launch: (signal: AbortSignal) => Promise<Running>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const isStopped = () => signal.aborted;
  if (isStopped()) return;
  const running = await launch(signal);
  const stderr = keepTail(running.stderr);
  const chunks = running.stdout[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  running.ended.catch(() => undefined);
  void feed(running.stdin, command.input).catch(() => running.kill());
  try {
    for (;;) {
      const step = await unlessAborted(signal, chunks.next());
      if (step.done === true) break;
      yield step.value;
    }
    const code = await running.ended;
    if (code !== 0) throw new Fault('unknown', `${command.what}: ended with status ${code}`, { words: stderr.text() });
  } catch (error) {
    if (!isStopped()) throw error;
  } finally {
    running.kill();
  }
}

/** Gives a command its input. Rejects only when the source of the input fails: a command need not read what it is given. */
async function feed(stdin: Writable | null, input: Command['input']): Promise<void> {
  if (stdin === null || input === undefined) return;
  stdin.on('error', () => undefined);
  if (input instanceof Uint8Array) return void stdin.end(input);
  for await (const chunk of input) {
    if (!stdin.writable) return;
    if (!stdin.write(chunk)) await drained(stdin);
  }
  stdin.end();
}

/** Resolves when a stream takes more, or never will. */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done).off('error', done);
      resolve();
    };
    stream.on('drain', done).on('close', done).on('error', done);
  });
}

/** Reads a stream to its end and remembers its last bytes. */
function keepTail(stream: Readable): { readonly whole: Promise<void>; text(): string } {
  let chunks: Uint8Array[] = [];
  let size = 0;
  stream.on('data', (chunk: Uint8Array) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size <= 2 * keptBytes) return;
    chunks = [Buffer.concat(chunks).subarray(-keptBytes)];
    size = keptBytes;
  });
  const whole = new Promise<void>((resolve) => {
    stream.once('end', resolve).once('close', resolve);
    stream.on('error', () => resolve());
  });
  return { whole, text: () => Buffer.concat(chunks).subarray(-keptBytes).toString('utf8') };
}
