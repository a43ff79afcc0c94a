/** Things handed from one side to the other, in order. Who puts in waits while too many lie there, who takes out while none does. */

/** More than that wait for their reader, and whoever wants to put in one more waits too. */
const roomFor = 256;

/** A queue with one reader, which ends. */
export class Mailbox<T> {
  readonly #things: T[] = [];
  #wakeReader: (() => void) | undefined;
  #wakeWriters: (() => void)[] = [];
  #isClosed = false;

  /** Puts a thing in; resolves when there is room for the next. What comes after the end is dropped. */
  async put(thing: T): Promise<void> {
    if (this.#isClosed) return;
    this.#things.push(thing);
    this.#wakeReader?.();
    if (this.#things.length > roomFor) await new Promise<void>((resolve) => this.#wakeWriters.push(resolve));
  }

  /** The next thing; null when the box is closed and empty. */
  async take(): Promise<T | null> {
    while (this.#things.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
    const thing = this.#things.shift() ?? null;
    for (const wake of this.#wakeWriters.splice(0)) wake();
    return thing;
  }

  /** Nothing more comes in; what is there can still be taken. */
  close(): void {
    this.#isClosed = true;
    this.#wakeReader?.();
    for (const wake of this.#wakeWriters.splice(0)) wake();
  }
}
