/** Looks into terms of a shape not known for sure: each picker gives what it names, or undefined. */
import { atom, Atom } from './atom.ts';
import { Tuple } from './types.ts';
import type { Term } from './types.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The name of an atom. */
export function asAtom(term: Term | undefined): string | undefined {
  return term instanceof Atom ? term.name : undefined;
}

/** An integer that is safe as a number. */
export function asInteger(term: Term | undefined): number | undefined {
  return typeof term === 'number' ? term : undefined;
}

/** The elements of a proper list. */
export function asList(term: Term | undefined): readonly Term[] | undefined {
  return Array.isArray(term) ? (term as readonly Term[]) : undefined;
}

/** The elements of a tuple, of that arity when one is given. */
export function asTuple(term: Term | undefined, arity?: number): readonly Term[] | undefined {
  if (!(term instanceof Tuple)) return undefined;
  return arity === undefined || term.arity === arity ? term.elements : undefined;
}

/** The elements of `{Tag, …}` of that arity, the tag among them. */
export function asTagged(term: Term | undefined, tag: string, arity: number): readonly Term[] | undefined {
  const elements = asTuple(term, arity);
  return elements !== undefined && asAtom(elements[0]) === tag ? elements : undefined;
}

/** Text in any of Erlang's forms: an atom, a UTF-8 binary, a list of code points. */
export function asText(term: Term | undefined): string | undefined {
  if (term instanceof Atom) return term.name;
  if (term instanceof Uint8Array) return utf8Text(term);
  return Array.isArray(term) ? codePointText(term as readonly Term[]) : undefined;
}

function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function codePointText(list: readonly Term[]): string | undefined {
  let text = '';
  for (const point of list) {
    if (typeof point !== 'number' || point < 0 || point > 0x10ffff || !Number.isInteger(point)) return undefined;
    text += String.fromCodePoint(point);
  }
  return text;
}

/** The value of `{Key, Value}` in a property list; a bare atom `Key` stands for `{Key, true}`. */
export function property(list: Term | undefined, key: string): Term | undefined {
  for (const entry of asList(list) ?? []) {
    if (asAtom(entry) === key) return atom('true');
    const pair = asTuple(entry, 2);
    if (pair !== undefined && asAtom(pair[0]) === key) return pair[1];
  }
  return undefined;
}
