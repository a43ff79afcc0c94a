/** Reads commands out of shell text, all of it or none. */
import { NotUnderstood } from './syntax.ts';
import type { Command, Part, Redirection, Word } from './syntax.ts';
import { Cursor, readWord } from './words.ts';

/** Words that end a list of commands where one may begin. */
const closers = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}']);
const assignment = /^([A-Za-z_][A-Za-z0-9_]*)=/;
const functionHead = /([A-Za-z_][A-Za-z0-9_]*)\(\)[ \n]*/y;
const inputOutput = /(\d*)(<<|<&|>&|>>|<|>)/y;

/** Texts that were read before: many hosts are sent the same one. */
const known = new Map<string, Command>();
const knownMost = 50;

/** The whole text as one command. Throws NotUnderstood. */
export function parse(text: string): Command {
  const command = known.get(text) ?? read(text);
  known.delete(text);
  known.set(text, command);
  if (known.size > knownMost) for (const [oldest] of known.entries().take(1)) known.delete(oldest);
  return command;
}

function read(text: string): Command {
  const cursor = new Cursor(text);
  const parsed = new Parser(cursor).list();
  if (cursor.next !== '') cursor.refuse('something is left over');
  return parsed;
}

class Parser {
  readonly #cursor: Cursor;
  /** here-documents whose text begins behind the next line end */
  readonly #pending: { readonly end: string; readonly into: Part[] }[] = [];

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  list(): Command {
    const commands: Command[] = [];
    for (;;) {
      this.#lines();
      if (this.#cursor.next === '' || this.#cursor.next === ')' || this.#closes()) break;
      if (this.#cursor.sees(';;')) break;
      commands.push(this.#chain());
      this.#blank();
      const end = this.#cursor.next;
      // what runs beside is run to where it waits: here at once, to its end
      if (end === '&' || (end === ';' && !this.#cursor.sees(';;'))) this.#cursor.at += 1;
      else if (end !== '\n') break;
    }
    const [only] = commands;
    return commands.length === 1 && only !== undefined ? only : { kind: 'list', commands };
  }

  #closes(): boolean {
    return closers.has(this.#keyword());
  }

  /** The plain word that begins here, for a look. */
  #keyword(): string {
    const { text, at } = this.#cursor;
    let end = at;
    while (end < text.length && !' \t\n;&|<>()"\'$\\'.includes(text[end] ?? '')) end += 1;
    return text.slice(at, end);
  }

  #blank(): void {
    const cursor = this.#cursor;
    for (;;) {
      if (cursor.next === ' ' || cursor.next === '\t') cursor.at += 1;
      else if (cursor.sees('\\\n')) cursor.at += 2;
      else if (cursor.next === '#') this.#comment();
      else return;
    }
  }

  #comment(): void {
    const end = this.#cursor.text.indexOf('\n', this.#cursor.at);
    this.#cursor.at = end < 0 ? this.#cursor.text.length : end;
  }

  /** Over line ends, and the here-documents that begin there. */
  #lines(): void {
    for (;;) {
      this.#blank();
      if (this.#cursor.next !== '\n') return;
      this.#cursor.at += 1;
      for (const { end, into } of this.#pending.splice(0)) this.#document(end, into);
    }
  }

  #document(end: string, into: Part[]): void {
    const cursor = this.#cursor;
    const close = cursor.text.indexOf(`\n${end}\n`, cursor.at - 1);
    if (close < 0) cursor.refuse(`no end of the here-document ${end}`);
    into.push({ part: 'text', text: cursor.text.slice(cursor.at, close + 1), quoted: true });
    cursor.at = close + end.length + 2;
  }

  #chain(): Command {
    let left = this.#pipe();
    for (;;) {
      this.#blank();
      const kind = this.#cursor.sees('&&') ? 'and' : this.#cursor.sees('||') ? 'or' : undefined;
      if (kind === undefined) return left;
      this.#cursor.at += 2;
      this.#lines();
      left = { kind, left, right: this.#pipe() };
    }
  }

  #pipe(): Command {
    this.#blank();
    if (this.#keyword() === '!') {
      this.#cursor.at += 1;
      return { kind: 'not', body: this.#pipe() };
    }
    const commands = [this.#command()];
    for (;;) {
      this.#blank();
      if (this.#cursor.next !== '|' || this.#cursor.sees('||')) break;
      this.#cursor.at += 1;
      this.#lines();
      commands.push(this.#command());
    }
    const [only] = commands;
    return commands.length === 1 && only !== undefined ? only : { kind: 'pipe', commands };
  }

  #command(): Command {
    this.#blank();
    const compound = this.#compound();
    if (compound === undefined) return this.#simple();
    const redirections: Redirection[] = [];
    for (;;) {
      this.#blank();
      const one = this.#redirection();
      if (one === undefined) break;
      redirections.push(one);
    }
    return redirections.length === 0 ? compound : { kind: 'redirected', body: compound, redirections };
  }

  #compound(): Command | undefined {
    const cursor = this.#cursor;
    if (cursor.next === '(') return this.#between('(', ')', (body) => ({ kind: 'subshell', body }));
    switch (this.#keyword()) {
      case '{':
        return this.#between('{', '}', (body) => body);
      case 'if':
        return this.#if();
      case 'while':
      case 'until':
        return this.#while();
      case 'for':
        return this.#for();
      case 'case':
        return this.#case();
    }
    functionHead.lastIndex = cursor.at;
    const head = functionHead.exec(cursor.text);
    if (head === null) return undefined;
    cursor.at += head[0].length;
    return { kind: 'function', name: head[1] ?? '', body: this.#command() };
  }

  #between(open: string, close: string, make: (body: Command) => Command): Command {
    this.#cursor.expect(open);
    const body = this.list();
    this.#cursor.expect(close);
    return make(body);
  }

  #word(word: string): void {
    this.#lines();
    if (this.#keyword() !== word) this.#cursor.refuse(`expected ${word}`);
    this.#cursor.at += word.length;
  }

  #if(): Command {
    const arms: [Command, Command][] = [];
    let otherwise: Command | null = null;
    this.#word('if');
    for (;;) {
      const condition = this.list();
      this.#word('then');
      arms.push([condition, this.list()]);
      const next = this.#keyword();
      this.#word(next);
      if (next === 'elif') continue;
      if (next === 'else') {
        otherwise = this.list();
        this.#word('fi');
      } else if (next !== 'fi') this.#cursor.refuse('expected fi');
      return { kind: 'if', arms, otherwise };
    }
  }

  #while(): Command {
    const until = this.#keyword() === 'until';
    this.#cursor.at += 5;
    const condition = this.list();
    return { kind: 'while', until, condition, body: this.#body() };
  }

  #body(): Command {
    this.#word('do');
    const body = this.list();
    this.#word('done');
    return body;
  }

  #for(): Command {
    this.#cursor.at += 3;
    this.#blank();
    const name = this.#keyword();
    this.#cursor.at += name.length;
    this.#word('in');
    const words = this.#words();
    if (this.#cursor.next === ';') this.#cursor.at += 1;
    return { kind: 'for', name, words, body: this.#body() };
  }

  #case(): Command {
    this.#cursor.at += 4;
    this.#blank();
    const word = this.#readWord() ?? this.#cursor.refuse('expected a word');
    this.#word('in');
    const arms: [Word[], Command][] = [];
    for (;;) {
      this.#lines();
      if (this.#keyword() === 'esac') break;
      const patterns = [this.#readWord() ?? this.#cursor.refuse('expected a pattern')];
      this.#blank();
      this.#cursor.expect(')');
      arms.push([patterns, this.list()]);
      this.#lines();
      if (this.#cursor.sees(';;')) this.#cursor.at += 2;
    }
    this.#cursor.at += 4;
    return { kind: 'case', word, arms };
  }

  #readWord(): Word | undefined {
    return readWord(this.#cursor, (cursor) => new Parser(cursor).list());
  }

  #words(): Word[] {
    const words: Word[] = [];
    for (;;) {
      this.#blank();
      const word = this.#readWord();
      if (word === undefined) return words;
      words.push(word);
    }
  }

  #redirection(): Redirection | undefined {
    const cursor = this.#cursor;
    inputOutput.lastIndex = cursor.at;
    const found = inputOutput.exec(cursor.text);
    if (found === null) return undefined;
    cursor.at += found[0].length;
    this.#blank();
    const operator = found[2] as Redirection['operator'];
    const target = this.#readWord() ?? cursor.refuse('a redirection to nowhere');
    const fd = found[1] === '' ? -1 : Number(found[1]);
    if (operator !== '<<') return { fd, operator, target };
    const [end] = target;
    if (end?.part !== 'text' || !end.quoted) return cursor.refuse('a here-document whose end is not quoted');
    const into: Part[] = [];
    this.#pending.push({ end: end.text, into });
    return { fd, operator, target: into };
  }

  #simple(): Command {
    const assignments: [string, Word][] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      this.#blank();
      const redirection = this.#redirection();
      if (redirection !== undefined) {
        redirections.push(redirection);
        continue;
      }
      const word = this.#readWord();
      if (word === undefined) break;
      const assigned = words.length === 0 ? assignedBy(word) : undefined;
      if (assigned === undefined) words.push(word);
      else assignments.push(assigned);
    }
    if (assignments.length + words.length + redirections.length === 0)
      throw new NotUnderstood(
        `no command at ${JSON.stringify(this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 60))}`,
      );
    return { kind: 'simple', assignments, words, redirections };
  }
}

function assignedBy(word: Word): [string, Word] | undefined {
  const [first, ...rest] = word;
  if (first?.part !== 'text' || first.quoted) return undefined;
  const name = assignment.exec(first.text)?.[1];
  if (name === undefined) return undefined;
  const text = first.text.slice(name.length + 1);
  return [name, text === '' ? rest : [{ ...first, text }, ...rest]];
}
