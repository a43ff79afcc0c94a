/** Short ways to make terms. */
import { atom } from './atom.ts';
import type { Atom } from './atom.ts';
import { ErlangMap, Float, Tuple } from './types.ts';
import type { Term } from './types.ts';

/** `{a, b, …}` */
export function tuple(...elements: readonly Term[]): Tuple {
  return new Tuple(elements);
}

/** A float, also of a whole number. */
export function float(value: number): Float {
  return new Float(value);
}

/** `#{key => value, …}` */
export function erlangMap(entries: readonly (readonly [Term, Term])[]): ErlangMap {
  return new ErlangMap(entries);
}

/** Text as an Erlang string: the list of its code points. */
export function charlist(text: string): readonly number[] {
  return Array.from(text, (character) => character.codePointAt(0) as number);
}

/** Text as a UTF-8 binary. */
export function binary(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** `true` or `false`, the atoms. */
export function bool(value: boolean): Atom {
  return atom(value ? 'true' : 'false');
}
