/**
 * Terms as Erlang source text, as `~tp` would print them on one line. Pids, ports, references and funs with an environment
 * have no source form: for people they are printed as the shell does, for files they are refused.
 */
import { Atom } from './atom.ts';
import { EncodeError } from './errors.ts';
import { BitString, ErlangMap, ExportFun, Float, ImproperList, Pid, Port, Reference, Tuple } from './types.ts';
import type { Term, Fun } from './types.ts';

/** The reserved words of Erlang as of OTP 27; an atom of such a name is quoted. */
const reserved = new Set(
  (
    'after and andalso band begin bnot bor bsl bsr bxor case catch cond div else end fun if let maybe not of or orelse ' +
    'receive rem try when xor'
  ).split(' '),
);
const plainAtom = /^[a-zß-öø-ÿ][\w@À-ÖØ-öø-ÿ]*$/;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The term as text for people. Longer text than `charactersMax` is cut and ends in `…`. */
export function formatTerm(term: Term, charactersMax = Infinity): string {
  const text = format(term, false);
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}…`;
}

/** The terms as a file for `file:consult/1`: one a line, each ended by a dot. EncodeError for what has no source form. */
export function formatTerms(terms: readonly Term[]): string {
  return terms.map((term) => `${format(term, true)}.\n`).join('');
}

function format(term: Term, source: boolean): string {
  if (term instanceof Atom) return formatAtom(term.name);
  if (typeof term === 'number' || typeof term === 'bigint') return term.toString();
  if (term instanceof Float) return formatFloat(term.value);
  if (Array.isArray(term)) return formatList(term as readonly Term[], source);
  if (term instanceof Tuple) return `{${formatAll(term.elements, source)}}`;
  if (term instanceof Uint8Array) return formatBinary(term);
  if (term instanceof BitString) return formatBitString(term);
  if (term instanceof ErlangMap) return formatMap(term, source);
  if (term instanceof ImproperList) return `[${formatAll(term.elements, source)}|${format(term.tail, source)}]`;
  if (term instanceof ExportFun)
    return `fun ${formatAtom(term.module.name)}:${formatAtom(term.function.name)}/${term.arity}`;
  return formatOpaque(term as Pid | Port | Reference | Fun, source);
}

function formatOpaque(term: Pid | Port | Reference | Fun, source: boolean): string {
  if (source) throw new EncodeError(`a ${term.constructor.name.toLowerCase()} cannot be written as source text`);
  if (term instanceof Pid) return `<${term.node.name}.${term.id}.${term.serial}>`;
  if (term instanceof Port) return `#Port<${term.node.name}.${term.id.toString()}>`;
  if (term instanceof Reference) return `#Ref<${[term.node.name, ...term.words.toReversed()].join('.')}>`;
  return `#Fun<${term.parts.module.name}.${term.parts.oldIndex}.${term.parts.oldUniq}>`;
}

function formatAll(terms: readonly Term[], source: boolean): string {
  return terms.map((term) => format(term, source)).join(',');
}

/** The name of an atom as Erlang source, quoted where it must be. */
function formatAtom(name: string): string {
  return plainAtom.test(name) && !reserved.has(name) ? name : `'${escape(name, "'")}'`;
}

/** The shortest text that reads back as the same float; Erlang wants digits on both sides of the dot. */
function formatFloat(value: number): string {
  const [mantissa = '', exponent] = (Object.is(value, -0) ? '-0' : value.toString()).split('e');
  const dotted = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? dotted : `${dotted}e${exponent.replace('+', '')}`;
}

function formatList(list: readonly Term[], source: boolean): string {
  if (list.length > 0 && list.every(isPrintable)) return `"${escape(latin1Text(list as readonly number[]), '"')}"`;
  return `[${formatAll(list, source)}]`;
}

function latin1Text(characters: readonly number[]): string {
  return Buffer.from(characters).toString('latin1');
}

/** What `io_lib:printable_latin1_list/1` takes for text. */
function isPrintable(term: Term): boolean {
  if (typeof term !== 'number') return false;
  return (term >= 32 && term < 127) || (term >= 160 && term < 256) || (term >= 8 && term <= 13) || term === 27;
}

function formatBinary(bytes: Uint8Array): string {
  const text = printableUtf8(bytes);
  if (text === undefined) return `<<${bytes.join(',')}>>`;
  if (text === '') return '<<>>';
  // Without the type each character would be one byte of Latin-1.
  return `<<"${escape(text, '"')}"${text.length === bytes.length ? '' : '/utf8'}>>`;
}

function printableUtf8(bytes: Uint8Array): string | undefined {
  try {
    const text = strictUtf8.decode(bytes);
    return /^[\t\n\r\x20-\x7e\xa0-\u{10ffff}]*$/u.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function formatBitString({ bytes, bits }: BitString): string {
  const last = (bytes[bytes.length - 1] ?? 0) >> (8 - bits);
  return `<<${[...bytes.subarray(0, -1), `${last}:${bits}`].join(',')}>>`;
}

function formatMap({ entries }: ErlangMap, source: boolean): string {
  return `#{${entries.map(([key, value]) => `${format(key, source)} => ${format(value, source)}`).join(',')}}`;
}

const shortEscapes = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\x1b', '\\e'],
  ['\\', '\\\\'],
]);

function escape(text: string, quote: string): string {
  const special = /[\\'"\p{Cc}\u2028\u2029\ufeff]/gu;
  return text.replace(special, (found) => {
    if (found === "'" || found === '"') return found === quote ? `\\${found}` : found;
    return shortEscapes.get(found) ?? `\\x{${found.charCodeAt(0).toString(16)}}`;
  });
}
