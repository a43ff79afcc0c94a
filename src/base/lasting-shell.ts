/**
 * A lasting shell: one `/bin/sh` that runs script after script, each in a subshell of its own. To make a process costs a
 * control plane with a heap of many megabytes milliseconds; a shell makes a subshell in a tenth of that.
 *
 *   idle -> busy -> idle          a script at a time
 *     \------\----> ended         by us, or by itself: then its present script fails, and no other is given to it
 *
 * A script and its input come by the shell's standard input, the input as a here-document: neither is in an argument list.
 * What it writes ends at a mark of random letters, on both outputs. A shell that is cut off in the middle of a
 * script does not begin it: it reads a compound command whole before it runs any of it (XCU 2.9.4).
 */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Fault } from './fault.ts';
import type { Finished } from './shell.ts';

/** How much of each output is kept, bytes. */
const keptBytes = 1024 * 1024;

/** Room for a mark that came in two pieces, bytes. */
const markBytes = 64;

/** A shell for many scripts. */
export class LastingShell {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #mark: string;
  #alive = true;
  /** why it takes no script any more */
  #fault: Fault | undefined;
  /** Ends the script under way: nothing else waits for the end of a shell, which may come after a million scripts. */
  #fail: ((fault: Fault) => void) | undefined;

  constructor(env: Record<string, string>) {
    this.#mark = randomBytes(16).toString('hex');
    this.#child = spawn('/bin/sh', [], { env, cwd: '/', detached: true, stdio: 'pipe' });
    this.#child.stdin.on('error', () => undefined);
    this.#child.once('error', (error) => this.#over(`could not be started: ${error.message}`));
    this.#child.once('exit', (code, signal) => this.#over(`ended (${signal ?? `status ${code ?? ''}`})`));
  }

  /** Whether it takes another script. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Runs a script to its end; the shell must be idle. Fault unavailable when it ends before the script does. */
  async run(script: string, input: Uint8Array | undefined): Promise<Finished> {
    this.#hold(true);
    try {
      const outputs = Promise.all([this.#until(this.#child.stdout), this.#until(this.#child.stderr)]);
      this.#child.stdin.write(this.#wrapped(script, input));
      const [out, err] = await this.#unlessOver(outputs);
      return { code: Number(out.said), stdout: out.text, stderr: err.text };
    } finally {
      this.#hold(false);
    }
  }

  /** Ends it and what its script has started, at once. */
  kill(): void {
    const { pid, exitCode, signalCode } = this.#child;
    this.#alive = false;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // ended by itself just now
    }
  }

  #over(words: string): void {
    this.#alive = false;
    this.#fault ??= new Fault('unavailable', `the shell ${words}`);
    this.#fail?.(this.#fault);
  }

  /** What comes, or the fault of the shell's end. A race with one promise for that end would keep every script in memory. */
  async #unlessOver<T>(coming: Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#fail = reject;
        coming.then(resolve, reject);
        if (this.#fault !== undefined) reject(this.#fault);
      });
    } finally {
      this.#fail = undefined;
    }
  }

  #wrapped(script: string, input: Uint8Array | undefined): string {
    const mark = this.#mark;
    const given = input === undefined ? '</dev/null' : `<<'${mark}'\n${Buffer.from(input).toString()}\n${mark}`;
    return `(\n${script}\n) ${given}\ncode=$?; printf '\\n${mark} %s\\n' $code; printf '\\n${mark} 0\\n' >&2\n`;
  }

  /** What a stream brings before the next mark, at most its last mebibyte, and what the mark says. */
  #until(stream: Readable): Promise<{ readonly text: string; readonly said: string }> {
    const mark = `\n${this.#mark} `;
    let [kept, from] = [Buffer.alloc(0), 0];
    return new Promise((resolve) => {
      const more = (chunk: Buffer) => {
        kept = Buffer.concat([kept, chunk]);
        const at = kept.indexOf(mark, from);
        const end = at < 0 ? -1 : kept.indexOf('\n', at + mark.length);
        if (end < 0) {
          if (kept.length > 2 * keptBytes) kept = kept.subarray(-keptBytes);
          from = Math.max(0, kept.length - markBytes);
          return;
        }
        stream.off('data', more);
        const text = kept.subarray(Math.max(0, at - keptBytes), at).toString();
        resolve({ text, said: kept.subarray(at + mark.length, end).toString() });
      };
      stream.on('data', more);
    });
  }

  /** An idle shell does not keep our process from ending: its input ends then, and so does it. */
  #hold(busy: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const one of [this.#child, stdin, stdout, stderr] as { ref(): void; unref(): void }[]) {
      if (busy) one.ref();
      else one.unref();
    }
  }
}
