/** Equality of terms, as Erlang's `=:=`: 1 is not 1.0, and the order of a map's keys says nothing. */
import { Atom } from './atom.ts';
import { BitString, ErlangMap, ExportFun, Float, Fun, ImproperList, Pid, Port, Reference, Tuple } from './types.ts';
import type { Term } from './types.ts';

/** Whether two terms are the same term. */
export function equalTerms(a: Term, b: Term): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a instanceof Atom) return equalIntegers(a, b);
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a as Term[], b as Term[]);
  if (a instanceof Tuple) return b instanceof Tuple && equalLists(a.elements, b.elements);
  if (a instanceof ErlangMap) return b instanceof ErlangMap && equalMaps(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  return equalRare(a, b);
}

function equalIntegers(a: Term, b: Term): boolean {
  return (
    (typeof a === 'bigint' || typeof a === 'number') &&
    (typeof b === 'bigint' || typeof b === 'number') &&
    BigInt(a) === BigInt(b)
  );
}

function equalRare(a: Term, b: Term): boolean {
  if (a instanceof Float) return b instanceof Float && Object.is(a.value, b.value);
  if (a instanceof ImproperList)
    return b instanceof ImproperList && equalLists(a.elements, b.elements) && equalTerms(a.tail, b.tail);
  if (a instanceof BitString) return b instanceof BitString && a.bits === b.bits && equalTerms(a.bytes, b.bytes);
  if (a instanceof ExportFun)
    return b instanceof ExportFun && a.module === b.module && a.function === b.function && a.arity === b.arity;
  if (a instanceof Fun) return b instanceof Fun && equalFuns(a, b);
  return equalIdentities(a, b);
}

function equalIdentities(a: Term, b: Term): boolean {
  if (a instanceof Pid)
    return b instanceof Pid && a.node === b.node && a.id === b.id && a.serial === b.serial && a.creation === b.creation;
  if (a instanceof Port) return b instanceof Port && a.node === b.node && a.id === b.id && a.creation === b.creation;
  return (
    a instanceof Reference &&
    b instanceof Reference &&
    a.node === b.node &&
    a.creation === b.creation &&
    equalLists(a.words, b.words)
  );
}

function equalFuns({ parts: a }: Fun, { parts: b }: Fun): boolean {
  return (
    a.module === b.module &&
    a.index === b.index &&
    a.arity === b.arity &&
    equalTerms(a.uniq, b.uniq) &&
    equalLists(a.free, b.free)
  );
}

function equalLists(a: readonly Term[], b: readonly Term[]): boolean {
  return a.length === b.length && a.every((element, i) => equalTerms(element, b[i] as Term));
}

function equalMaps(a: ErlangMap, b: ErlangMap): boolean {
  if (a.entries.length !== b.entries.length) return false;
  return a.entries.every(([key, value]) => {
    const other = mapGet(b, key);
    return other !== undefined && equalTerms(value, other);
  });
}

/** The value under a key of a map, or undefined. */
export function mapGet(map: ErlangMap, key: Term): Term | undefined {
  return map.entries.find(([known]) => equalTerms(known, key))?.[1];
}
