/** A place in a short text that is being read: shared by the readers of demands and of calls. */

/** Why a text could not be read, and where: `offset` counts characters from its start. */
export interface TextFault {
  readonly ok: false;
  readonly message: string;
  readonly offset: number;
  readonly hint: string | null;
}

/** Ends a reading; never leaves `reading`. */
class Stop extends Error {
  readonly fault: TextFault;

  constructor(fault: TextFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** A place in a text that is being read, and the small steps that readers of demands and calls share. */
export class Cursor {
  readonly text: string;
  #offset = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    this.#skipSpace();
    return this.#offset === this.text.length;
  }

  /** What is left to read. */
  get rest(): string {
    return this.text.slice(this.#offset);
  }

  /** What the pattern (sticky: flag `y`) matches here, behind white space; null when it does not. */
  match(pattern: RegExp): RegExpExecArray | null {
    this.#skipSpace();
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.text);
    if (found !== null) this.#offset = pattern.lastIndex;
    return found;
  }

  /** Ends the reading with a fault at this place. */
  fail(message: string, hint: string | null = null): never {
    this.#skipSpace();
    throw new Stop({ ok: false, message, offset: this.#offset, hint });
  }

  #skipSpace(): void {
    while (/\s/.test(this.text.charAt(this.#offset))) this.#offset++;
  }
}

/** Runs a reader over a whole text; what it fails with is returned, not thrown. */
export function reading<T extends { readonly ok: true }>(text: string, read: (cursor: Cursor) => T): T | TextFault {
  try {
    return read(new Cursor(text));
  } catch (error) {
    if (error instanceof Stop) return error.fault;
    throw error;
  }
}
