/**
 * Erlang source text to tokens, as far as terms need it: no operators beyond signs, no macros.
 * https://www.erlang.org/doc/system/data_types.html
 */
import { ParseError } from './errors.ts';

/** A piece of source. `at` is its first character's index in the text. */
export type Token =
  | { readonly kind: 'atom' | 'variable' | 'string'; readonly text: string; readonly at: number }
  | { readonly kind: 'integer'; readonly value: bigint; readonly at: number }
  | { readonly kind: 'float'; readonly value: number; readonly at: number }
  /** brackets, separators, signs, `fun`, and the dot that ends a term */
  | { readonly kind: 'mark'; readonly text: string; readonly at: number };

const space = /(?:\s|%[^\n]*)+/y;
const word = /[a-zß-öø-ÿ][\w@À-ÖØ-öø-ÿ]*/y;
const variable = /[A-ZÀ-ÖØ-Þ_][\w@À-ÖØ-öø-ÿ]*/y;
const decimalFloat = /\d+(?:_\d+)*\.\d+(?:_\d+)*(?:[eE][+-]?\d+)?/y;
const based = /(\d+)#([0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)/y;
const decimal = /\d+(?:_\d+)*/y;
const mark = /<<|>>|=>|:=|[[\](){},|/:#+-]/y;
/** A dot ends a term only before white space, a comment or the end. */
const dot = /\.(?=\s|%|$)/y;
const escapeSequence = /\\(?:x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|([0-7]{1,3})|\^(.)|([^]))/uy;

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  b: '\b',
  f: '\f',
  e: '\x1b',
  s: ' ',
  d: '\x7f',
};

/** The tokens of a text. ParseError where none begins. */
export function tokenize(text: string): Token[] {
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  for (let token = lexer.next(); token !== undefined; token = lexer.next()) tokens.push(token);
  return tokens;
}

/** The error at an index of the text. */
export function parseErrorAt(text: string, at: number, message: string): ParseError {
  const before = text.slice(0, at).split('\n');
  return new ParseError(message, before.length, (before.at(-1)?.length ?? 0) + 1);
}

class Lexer {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token; undefined at the end. */
  next(): Token | undefined {
    this.#match(space);
    if (this.#at >= this.#text.length) return undefined;
    return this.#quoted() ?? this.#named() ?? this.#number() ?? this.#marked() ?? this.#fail('no term begins here');
  }

  #quoted(): Token | undefined {
    const at = this.#at;
    const first = this.#text[at];
    if (first === "'") return { kind: 'atom', text: this.#until("'"), at };
    if (first === '"')
      return this.#text.startsWith('"""', at) ? this.#block() : { kind: 'string', text: this.#until('"'), at };
    if (first === '$') return this.#character();
    return undefined;
  }

  #named(): Token | undefined {
    const at = this.#at;
    const name = this.#match(word)?.[0];
    if (name === 'fun') return { kind: 'mark', text: name, at };
    if (name !== undefined) return { kind: 'atom', text: name, at };
    const unbound = this.#match(variable)?.[0];
    return unbound === undefined ? undefined : { kind: 'variable', text: unbound, at };
  }

  #number(): Token | undefined {
    const at = this.#at;
    const fraction = this.#match(decimalFloat)?.[0];
    if (fraction !== undefined) return this.#float(fraction, at);
    const [, base, digits] = this.#match(based) ?? [];
    if (digits !== undefined) return { kind: 'integer', value: this.#inBase(Number(base), digits, at), at };
    const whole = this.#match(decimal)?.[0];
    return whole === undefined ? undefined : { kind: 'integer', value: BigInt(whole.replaceAll('_', '')), at };
  }

  #float(text: string, at: number): Token {
    const value = Number(text.replaceAll('_', ''));
    if (!Number.isFinite(value)) throw parseErrorAt(this.#text, at, 'the float is too large');
    return { kind: 'float', value, at };
  }

  #inBase(base: number, digits: string, at: number): bigint {
    let value = 0n;
    for (const digit of digits.replaceAll('_', '')) {
      const worth = parseInt(digit, 36);
      if (base < 2 || base > 36 || worth >= base) throw parseErrorAt(this.#text, at, `no number in base ${base}`);
      value = value * BigInt(base) + BigInt(worth);
    }
    return value;
  }

  #marked(): Token | undefined {
    const at = this.#at;
    const text = (this.#match(mark) ?? this.#match(dot))?.[0];
    return text === undefined ? undefined : { kind: 'mark', text, at };
  }

  #character(): Token {
    const at = this.#at++;
    const text = this.#text[this.#at] === '\\' ? this.#escape() : this.#plain();
    return { kind: 'integer', value: BigInt(text.codePointAt(0) ?? 0), at };
  }

  #plain(): string {
    const point = this.#text.codePointAt(this.#at);
    if (point === undefined) return this.#fail('the text ends after $');
    const text = String.fromCodePoint(point);
    this.#at += text.length;
    return text;
  }

  /** The text up to the closing quote, escapes replaced. */
  #until(quote: string): string {
    const start = this.#at++;
    let found = '';
    while (this.#text[this.#at] !== quote) {
      if (this.#at >= this.#text.length) throw parseErrorAt(this.#text, start, `the closing ${quote} is missing`);
      found += this.#text[this.#at] === '\\' ? this.#escape() : this.#plain();
    }
    this.#at++;
    return found;
  }

  #escape(): string {
    const [, braced, two, octal, control, other] =
      this.#match(escapeSequence) ?? this.#fail('an escape is not complete');
    const hex = braced ?? two;
    if (hex !== undefined) return this.#codePoint(parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
    if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) & 31);
    return escapes[other ?? ''] ?? other ?? '';
  }

  #codePoint(point: number): string {
    return point <= 0x10ffff ? String.fromCodePoint(point) : this.#fail('an escape is no character');
  }

  /** A triple-quoted string of OTP 27: the lines between, less the indentation of the closing quotes; nothing is escaped. */
  #block(): Token {
    const at = this.#at;
    const block = /("{3,})[ \t]*\n(?:([^]*?)\n)?([ \t]*)\1(?!")/y;
    const [, , body = '', indent = ''] = this.#match(block) ?? this.#fail('a triple-quoted string is not closed');
    const lines = body.split('\n');
    if (!lines.every((line) => line === '' || line.startsWith(indent)))
      this.#fail('a line is indented less than the end');
    return { kind: 'string', text: lines.map((line) => line.slice(indent.length)).join('\n'), at };
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found ?? undefined;
  }

  #fail(message: string): never {
    throw parseErrorAt(this.#text, this.#at, message);
  }
}
