/** Erlang source text to terms, as `file:consult/1` reads them: `.app`, `.rel`, `sys.config`. */
import { atom } from './atom.ts';
import { charlist, listWithTail } from './build.ts';
import { integer } from './decode-scalar.ts';
import { EncodeError } from './errors.ts';
import { parseBits } from './parse-bits.ts';
import { parseErrorAt, tokenize } from './tokens.ts';
import type { Token } from './tokens.ts';
import { ErlangMap, ExportFun, Float, Tuple } from './types.ts';
import type { Term } from './types.ts';

/** Nesting that is taken: the call stack must hold it. */
const depthMax = 500;

/** The terms of a file, each ended by a dot. ParseError with line and column. */
export function parseTerms(text: string): Term[] {
  const parser = new Parser(text);
  const terms: Term[] = [];
  while (!parser.atEnd()) {
    terms.push(parser.term());
    parser.expect('.');
  }
  return terms;
}

/** One term; a dot may end it. ParseError. */
export function parseTerm(text: string): Term {
  const parser = new Parser(text);
  const term = parser.term();
  parser.finish();
  return term;
}

/** Recursive descent over the tokens; one method a construct. */
export class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  atEnd(): boolean {
    return this.#next >= this.#tokens.length;
  }

  /** The end of the text, a dot before it or not. */
  finish(): void {
    this.skip('.');
    if (!this.atEnd()) this.fail('the text goes on where it should end');
  }

  term(): Term {
    if (this.#depth >= depthMax) return this.fail('the term is nested too deeply');
    this.#depth++;
    const term = this.#value(this.take());
    this.#depth--;
    return term;
  }

  /** The next token, used up. */
  take(): Token {
    const token = this.#tokens[this.#next] ?? this.fail('the text ends within a term');
    this.#next++;
    return token;
  }

  /** Uses the mark up when it comes next. */
  skip(text: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.kind !== 'mark' || token.text !== text) return false;
    this.#next++;
    return true;
  }

  expect(text: string): void {
    if (!this.skip(text)) this.fail(`${text} must stand here`);
  }

  /** Throws the ParseError at the next token, or at `token`. */
  fail(message: string, token = this.#tokens[this.#next]): never {
    throw parseErrorAt(this.#text, token?.at ?? this.#text.length, message);
  }

  #value(token: Token): Term {
    switch (token.kind) {
      case 'integer':
        return integer(token.value);
      case 'float':
        return new Float(token.value);
      case 'atom':
        return this.#atom(token);
      case 'string':
        return charlist(this.#strings(token.text));
      case 'variable':
        return this.fail(`${token.text} is a variable, and nothing is bound here`, token);
      case 'mark':
        return this.#construct(token);
    }
  }

  #atom(token: Token & { text: string }): Term {
    try {
      return atom(token.text);
    } catch (error) {
      if (error instanceof EncodeError) return this.fail(error.message, token);
      throw error;
    }
  }

  #construct(token: Token & { text: string }): Term {
    switch (token.text) {
      case '{':
        return new Tuple(this.#sequence('}'));
      case '[':
        return this.#list();
      case '#':
        return this.#map();
      case '<<':
        return parseBits(this);
      case 'fun':
        return this.#fun();
      case '+':
      case '-':
        return this.#signed(token.text);
      default:
        return this.fail('no term begins here', token);
    }
  }

  /** Strings that follow each other are one. */
  #strings(first: string): string {
    let text = first;
    for (let token = this.#tokens[this.#next]; token?.kind === 'string'; token = this.#tokens[this.#next]) {
      text += token.text;
      this.#next++;
    }
    return text;
  }

  #signed(sign: string): Term {
    const token = this.take();
    if (token.kind === 'integer') return integer(sign === '-' ? -token.value : token.value);
    if (token.kind === 'float') return new Float(sign === '-' ? -token.value : token.value);
    return this.fail('a number must follow the sign', token);
  }

  #sequence(close: string): Term[] {
    const terms: Term[] = [];
    if (this.skip(close)) return terms;
    do terms.push(this.term());
    while (this.skip(','));
    this.expect(close);
    return terms;
  }

  #list(): Term {
    const elements: Term[] = [];
    if (this.skip(']')) return elements;
    do elements.push(this.term());
    while (this.skip(','));
    if (!this.skip('|')) {
      this.expect(']');
      return elements;
    }
    const tail = this.term();
    this.expect(']');
    return listWithTail(elements, tail);
  }

  #map(): Term {
    this.expect('{');
    const entries: [Term, Term][] = [];
    if (this.skip('}')) return new ErlangMap(entries);
    do entries.push(this.#association());
    while (this.skip(','));
    this.expect('}');
    return new ErlangMap(entries);
  }

  #association(): [Term, Term] {
    const key = this.term();
    this.expect('=>');
    return [key, this.term()];
  }

  #fun(): Term {
    const module = this.#name();
    this.expect(':');
    const name = this.#name();
    this.expect('/');
    const arity = this.take();
    if (arity.kind !== 'integer' || arity.value > 255n) return this.fail('an arity must stand here', arity);
    return new ExportFun(atom(module), atom(name), Number(arity.value));
  }

  #name(): string {
    const token = this.take();
    return token.kind === 'atom' ? token.text : this.fail('a name must stand here', token);
  }
}
