/** Short ways to make terms. */
import { atom } from './atom.ts';
import type { Atom } from './atom.ts';
import { ErlangMap, Float, ImproperList, Tuple } from './types.ts';
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

/** `[a, b | tail]`; as `[a | [b]]` is `[a, b]`, a tail that is a list becomes part of it. */
export function listWithTail(elements: readonly Term[], tail: Term): Term {
  if (Array.isArray(tail)) return tail.length === 0 ? elements : [...elements, ...(tail as readonly Term[])];
  if (elements.length === 0) return tail;
  if (tail instanceof ImproperList) return new ImproperList([...elements, ...tail.elements], tail.tail);
  return new ImproperList(elements, tail);
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
