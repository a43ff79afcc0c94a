/**
 * Erlang terms: the values, their external format both ways, and their source text both ways. The door of `erlang/term`,
 * which other rooms may use without the rest of the client: it does no I/O.
 */
/** @public */
export { Atom, atom } from './atom.ts';
export { binary, bool, charlist, erlangMap, float, tuple } from './build.ts';
export { decodeTerm } from './decode.ts';
/** @public */
export type { DecodeLimits } from './term-reader.ts';
export { encodeTerm } from './encode.ts';
export { equalTerms, mapGet } from './equal.ts';
export { DecodeError, EncodeError, ParseError } from './errors.ts';
export { formatTerm, formatTerms } from './format.ts';
export { parseTerm, parseTerms } from './parse.ts';
export { asAtom, asInteger, asList, asTagged, asText, asTuple, property } from './pick.ts';
export { BitString, ErlangMap, ExportFun, Float, Fun, ImproperList, Pid, Port, Reference, Tuple } from './types.ts';
/** @public */
export type { FunParts, Term } from './types.ts';
