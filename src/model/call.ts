/**
 * Call: an Erlang call as users write it in bootstrap actions and hooks: `ants_colony:join(Peer, [{weight, 2}])`.
 * The syntax is Erlang's own (Reference Manual, chapter "Expressions") cut down to literals and three variables; this
 * file reads it, the cluster room turns it into terms.
 */
import { reading } from './cursor.ts';
import type { Cursor, TextFault } from './cursor.ts';

/** What a call may speak of: the Erlang names (atoms) of the new node and its peer, and the new node's family (atom). */
export const callVariables = ['New', 'Peer', 'Family'] as const;
export type CallVariable = (typeof callVariables)[number];

/** A term as written. A `string` is a list of characters to Erlang, a `binary` its UTF-8 bytes. */
export type CallTerm =
  | { readonly kind: 'variable'; readonly name: CallVariable }
  | { readonly kind: 'atom'; readonly value: string }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'binary'; readonly value: string }
  | { readonly kind: 'tuple'; readonly elements: readonly CallTerm[] }
  | { readonly kind: 'list'; readonly elements: readonly CallTerm[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [CallTerm, CallTerm])[] };

/** A call of an Erlang function as written: its module, its name and its arguments. */
export interface Call {
  readonly module: string;
  readonly function: string;
  readonly args: readonly CallTerm[];
}

export type ParsedCall = { readonly ok: true; readonly call: Call } | TextFault;

/** Lists and tuples may nest so deep; a limit, because reading recurses. */
const deepestNesting = 32;
const example = 'for example: my_app:join(Peer)';

/** Reads one call. Never throws. */
export function parseCall(text: string): ParsedCall {
  return reading(text, (cursor) => ({ ok: true, call: readCall(cursor) }));
}

/** The variables that a call speaks of, each once. */
export function variablesOf(call: Call): readonly CallVariable[] {
  const found = new Set<CallVariable>();
  const visit = (term: CallTerm): void => {
    if (term.kind === 'variable') found.add(term.name);
    else if (term.kind === 'tuple' || term.kind === 'list') term.elements.forEach(visit);
    else if (term.kind === 'map') term.entries.forEach(([key, value]) => [key, value].forEach(visit));
  };
  call.args.forEach(visit);
  return callVariables.filter((name) => found.has(name));
}

function readCall(cursor: Cursor): Call {
  const module = readAtom(cursor) ?? cursor.fail('a call starts with a module name', example);
  if (cursor.match(/:/y) === null) return cursor.fail('":" is missing behind the module name', example);
  const name = readAtom(cursor) ?? cursor.fail('a function name is missing behind ":"', example);
  if (cursor.match(/\(/y) === null) return cursor.fail('"(" is missing behind the function name', example);
  const args = readSequence(cursor, /\)/y, ')', 0);
  if (cursor.match(/\./y) !== null || !cursor.atEnd)
    return cursor.fail('the call ends here; this is too much', example);
  return { module, function: name, args };
}

/** An atom's characters, or undefined when there is no atom here. */
function readAtom(cursor: Cursor): string | undefined {
  const bare = cursor.match(/[a-z][A-Za-z0-9_@]*/y)?.[0];
  return bare ?? readQuoted(cursor, /'((?:[^'\\]|\\.)*)'/y);
}

function readQuoted(cursor: Cursor, pattern: RegExp): string | undefined {
  const inner = cursor.match(pattern)?.[1];
  return inner === undefined ? undefined : unescape(inner);
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', s: ' ', e: '\u001b', '0': '\0' };

function unescape(text: string): string {
  return text.replace(/\\(?:x\{([0-9A-Fa-f]{1,6})\}|(.))/gs, (_, code: string | undefined, letter: string) =>
    code === undefined ? (escapes[letter] ?? letter) : String.fromCodePoint(Math.min(parseInt(code, 16), 0x10ffff)),
  );
}

/** Terms between brackets, the opening one already read, up to and with the closing one. */
function readSequence(cursor: Cursor, end: RegExp, endText: string, depth: number): CallTerm[] {
  if (cursor.match(end) !== null) return [];
  const terms = [readTerm(cursor, depth + 1)];
  while (cursor.match(/,/y) !== null) terms.push(readTerm(cursor, depth + 1));
  if (cursor.match(end) === null) return cursor.fail(`"," or "${endText}" is missing`);
  return terms;
}

function readTerm(cursor: Cursor, depth: number): CallTerm {
  if (depth > deepestNesting) return cursor.fail(`terms may nest ${deepestNesting} deep`);
  const term = readScalar(cursor) ?? readCompound(cursor, depth) ?? readVariable(cursor);
  if (term !== undefined) return term;
  if (cursor.match(/["'<]/y) !== null) return cursor.fail('the quoted text is never closed');
  return cursor.fail('a term is missing', `a literal, or in bootstrap strategies one of ${callVariables.join(', ')}`);
}

function readScalar(cursor: Cursor): CallTerm | undefined {
  const number = cursor.match(/[+-]?\d+(\.\d+(?:[eE][+-]?\d+)?)?(?![\w.])/y);
  if (number !== null && number[1] !== undefined) return { kind: 'float', value: Number(number[0]) };
  if (number !== null) return { kind: 'integer', value: BigInt(number[0].replace('+', '')) };
  const binary = readQuoted(cursor, /<<\s*"((?:[^"\\]|\\.)*)"(?:\s*\/\s*utf8)?\s*>>/y);
  if (binary !== undefined) return { kind: 'binary', value: binary };
  if (cursor.match(/<<\s*>>/y) !== null) return { kind: 'binary', value: '' };
  const text = readQuoted(cursor, /"((?:[^"\\]|\\.)*)"/y);
  if (text !== undefined) return { kind: 'string', value: text };
  const atom = readAtom(cursor);
  return atom === undefined ? undefined : { kind: 'atom', value: atom };
}

function readCompound(cursor: Cursor, depth: number): CallTerm | undefined {
  if (cursor.match(/\{/y) !== null) return { kind: 'tuple', elements: readSequence(cursor, /\}/y, '}', depth) };
  if (cursor.match(/\[/y) !== null) return { kind: 'list', elements: readSequence(cursor, /\]/y, ']', depth) };
  if (cursor.match(/#\s*\{/y) !== null) return { kind: 'map', entries: readEntries(cursor, depth) };
  return undefined;
}

function readEntries(cursor: Cursor, depth: number): (readonly [CallTerm, CallTerm])[] {
  if (cursor.match(/\}/y) !== null) return [];
  const entries = [readEntry(cursor, depth)];
  while (cursor.match(/,/y) !== null) entries.push(readEntry(cursor, depth));
  if (cursor.match(/\}/y) === null) return cursor.fail('"," or "}" is missing');
  return entries;
}

function readEntry(cursor: Cursor, depth: number): readonly [CallTerm, CallTerm] {
  const key = readTerm(cursor, depth + 1);
  if (cursor.match(/=>/y) === null) return cursor.fail('"=>" is missing behind the key');
  return [key, readTerm(cursor, depth + 1)];
}

function readVariable(cursor: Cursor): CallTerm | undefined {
  const word = cursor.match(/(?=[A-Z_])/y) === null ? undefined : /^\w+/.exec(cursor.rest)?.[0];
  if (word === undefined) return undefined;
  const name = callVariables.find((known) => known === word);
  if (name === undefined)
    return cursor.fail(`there is no variable ${word}`, `the variables are ${callVariables.join(', ')}`);
  cursor.match(/\w+/y);
  return { kind: 'variable', name };
}
