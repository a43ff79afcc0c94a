/** The demo's progress: one line a step, what a step has to show indented below it. */

/** Shows steps as they come and go. */
export class Display {
  readonly #started = performance.now();
  #count = 0;

  /** Runs a step; its line says how it went (`verdict`, asked afterwards), and how long it took, or that it failed. */
  async step<T>(title: string, act: () => Promise<T>, verdict = () => 'ok'): Promise<T> {
    this.#count += 1;
    const number = String(this.#count).padStart(2);
    if (process.stdout.isTTY) process.stdout.write(`${number}  ${title} …`);
    const started = performance.now();
    try {
      const result = await act();
      this.#line(verdict(), number, title, started);
      return result;
    } catch (error) {
      this.#line('FAILED', number, title, started);
      throw error;
    }
  }

  /** Shows text below the step that has just ended. */
  show(text: string): void {
    for (const line of text.trimEnd().split('\n')) process.stdout.write(`      ${shortened(line)}\n`);
  }

  /** Whole seconds since the demo began. */
  get seconds(): number {
    return Math.round((performance.now() - this.#started) / 1_000);
  }

  #line(verdict: string, number: string, title: string, started: number): void {
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    const back = process.stdout.isTTY ? '\r\u001b[K' : '';
    process.stdout.write(`${back}${number}  ${title.padEnd(60)} ${verdict.padEnd(6)} ${seconds.padStart(5)} s\n`);
  }
}

/** What fits beside the indentation on a page of 80 columns. */
function shortened(line: string): string {
  const room = 74;
  return line.length <= room ? line : `${line.slice(0, room - 1)}…`;
}
