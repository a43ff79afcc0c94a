/**
 * Erlang terms as JavaScript values. The mapping is exact: every term has one value, and encoding it again gives a term
 * that is `=:=` to the first.
 *
 * | Erlang | here |
 * | --- | --- |
 * | integer | `number` while it is a safe integer, else `bigint`; a `number` is never a float |
 * | float | `Float`, so that `1.0` stays a float |
 * | atom, also `true`, `false`, `undefined` | `Atom`, interned |
 * | proper list, also a "string" | array; a string is the array of its code points, as in Erlang |
 * | improper list | `ImproperList` |
 * | tuple | `Tuple` |
 * | map | `ErlangMap` |
 * | binary | `Uint8Array` |
 * | bitstring that is no binary | `BitString` |
 * | pid, port, reference, fun, `fun M:F/A` | `Pid`, `Port`, `Reference`, `Fun`, `ExportFun` |
 */
import type { Atom } from './atom.ts';
import { EncodeError } from './errors.ts';

/** Any Erlang term. */
export type Term =
  | number
  | bigint
  | Float
  | Atom
  | readonly Term[]
  | ImproperList
  | Tuple
  | ErlangMap
  | Uint8Array
  | BitString
  | Pid
  | Port
  | Reference
  | Fun
  | ExportFun;

/** A float. Erlang knows neither NaN nor infinities. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A tuple; its elements count from 0 here. */
export class Tuple {
  readonly elements: readonly Term[];
  constructor(elements: readonly Term[]) {
    this.elements = elements;
  }
  get arity(): number {
    return this.elements.length;
  }
}

/** `[a, b | tail]` whose tail is no list; it has at least one element. */
export class ImproperList {
  readonly elements: readonly Term[];
  readonly tail: Term;
  constructor(elements: readonly Term[], tail: Term) {
    if (elements.length === 0) throw new EncodeError('an improper list has at least one element before its tail');
    if (Array.isArray(tail) || tail instanceof ImproperList)
      throw new EncodeError('the tail of an improper list is no list');
    this.elements = elements;
    this.tail = tail;
  }
}

/** A map, in the order it was written or received; `mapGet` looks a key up. */
export class ErlangMap {
  readonly entries: readonly (readonly [Term, Term])[];
  constructor(entries: readonly (readonly [Term, Term])[]) {
    this.entries = entries;
  }
}

/** A bitstring whose length is no multiple of 8: the last byte holds `bits` (1 to 7) bits, at its high end. */
export class BitString {
  readonly bytes: Uint8Array;
  readonly bits: number;
  constructor(bytes: Uint8Array, bits: number) {
    this.bytes = bytes;
    this.bits = bits;
  }
}

/** A process identifier. `creation` tells incarnations of a node apart; 0 matches any. */
export class Pid {
  readonly node: Atom;
  readonly id: number;
  readonly serial: number;
  readonly creation: number;
  constructor(node: Atom, id: number, serial: number, creation: number) {
    this.node = node;
    this.id = id;
    this.serial = serial;
    this.creation = creation;
  }
}

/** A port identifier; 64 bits since OTP 24. */
export class Port {
  readonly node: Atom;
  readonly id: bigint;
  readonly creation: number;
  constructor(node: Atom, id: bigint, creation: number) {
    this.node = node;
    this.id = id;
    this.creation = creation;
  }
}

/** A reference: one to five 32-bit words. */
export class Reference {
  readonly node: Atom;
  readonly creation: number;
  readonly words: readonly number[];
  constructor(node: Atom, creation: number, words: readonly number[]) {
    this.node = node;
    this.creation = creation;
    this.words = words;
  }
}

/** What a fun of a module is made of; opaque to us, kept so that it can be handed back. */
export interface FunParts {
  readonly arity: number;
  /** MD5 of the significant parts of the module's beam file, 16 bytes */
  readonly uniq: Uint8Array;
  readonly index: number;
  readonly module: Atom;
  readonly oldIndex: number;
  readonly oldUniq: number;
  readonly creator: Pid;
  readonly free: readonly Term[];
}

/** A fun with its environment. */
export class Fun {
  readonly parts: FunParts;
  constructor(parts: FunParts) {
    this.parts = parts;
  }
}

/** `fun Module:Function/Arity`. */
export class ExportFun {
  readonly module: Atom;
  readonly function: Atom;
  readonly arity: number;
  constructor(module: Atom, fn: Atom, arity: number) {
    this.module = module;
    this.function = fn;
    this.arity = arity;
  }
}
