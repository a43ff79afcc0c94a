/** What can be wrong with a term: on the wire, on its way there, or in source text. Nothing else is thrown by this room. */

/** Bytes that are no external term, or one over the limits. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  /** where in the bytes it was noticed */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`);
    this.offset = offset;
  }
}

/** A value that has no external or textual form. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError';
}

/** Text that is no Erlang term. Lines and columns start at 1. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
  readonly line: number;
  readonly column: number;

  constructor(message: string, line: number, column: number) {
    super(`line ${line}, column ${column}: ${message}`);
    this.line = line;
    this.column = column;
  }
}
