/** Reads words: quotes, variables, substitutions. What it does not know it refuses. */
import { NotUnderstood } from './syntax.ts';
import type { Command, Part, Word } from './syntax.ts';

const ends = new Set(' \t\n;&|<>()');
const nameStart = /[A-Za-z_]/;
const nameRest = /[A-Za-z0-9_]/;
const digit = /[0-9]/;
const special = /[0-9@*#?$!-]/;

/** A place in shell text. */
export class Cursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get next(): string {
    return this.text[this.at] ?? '';
  }

  /** Whether the text goes on so. */
  sees(words: string): boolean {
    return this.text.startsWith(words, this.at);
  }

  /** Refuses what stands here. */
  refuse(why: string): never {
    throw new NotUnderstood(`${why}: ${JSON.stringify(this.text.slice(Math.max(0, this.at - 40), this.at + 40))}`);
  }

  /** Passes over that text, which must stand here. */
  expect(words: string): void {
    if (!this.sees(words)) this.refuse(`expected ${words}`);
    this.at += words.length;
  }
}

/** Reads the list of commands in `$(…)`; the cursor is behind the opening one and ends at the closing one. */
export type ReadBody = (cursor: Cursor) => Command;

/** Reads one word; undefined where none begins here. */
export function readWord(cursor: Cursor, readBody: ReadBody): Word | undefined {
  const parts: Part[] = [];
  const start = cursor.at;
  let plain = '';
  const flush = (): void => {
    if (plain !== '') parts.push({ part: 'text', text: plain, quoted: false });
    plain = '';
  };
  for (;;) {
    const char = cursor.next;
    if (char === '' || ends.has(char)) break;
    if (char === "'" || char === '"' || char === '$' || char === '\\') flush();
    if (char === "'") parts.push(singleQuoted(cursor));
    else if (char === '"') parts.push(...doubleQuoted(cursor, readBody));
    else if (char === '$') parts.push(dollar(cursor, false, readBody));
    else if (char === '\\') parts.push(...escaped(cursor));
    else if (char === '`') cursor.refuse('a backquote');
    else {
      plain += char;
      cursor.at += 1;
    }
  }
  flush();
  return cursor.at === start ? undefined : parts;
}

function singleQuoted(cursor: Cursor): Part {
  const end = cursor.text.indexOf("'", cursor.at + 1);
  if (end < 0) cursor.refuse('an open quote');
  const text = cursor.text.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  return { part: 'text', text, quoted: true };
}

function escaped(cursor: Cursor): Part[] {
  const char = cursor.text[cursor.at + 1] ?? '';
  cursor.at += 2;
  return char === '\n' ? [] : [{ part: 'text', text: char, quoted: true }];
}

function doubleQuoted(cursor: Cursor, readBody: ReadBody): Part[] {
  cursor.at += 1;
  // an empty one is a word all the same
  const parts: Part[] = [{ part: 'text', text: '', quoted: true }];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') parts.push({ part: 'text', text: plain, quoted: true });
    plain = '';
  };
  while (cursor.next !== '"') {
    const char = cursor.next;
    if (char === '') cursor.refuse('an open quote');
    if (char === '$' && opens(cursor)) {
      flush();
      parts.push(dollar(cursor, true, readBody));
    } else if (char === '\\' && '$`"\\\n'.includes(cursor.text[cursor.at + 1] ?? 'x')) {
      const next = cursor.text[cursor.at + 1] ?? '';
      plain += next === '\n' ? '' : next;
      cursor.at += 2;
    } else if (char === '`') cursor.refuse('a backquote');
    else {
      plain += char;
      cursor.at += 1;
    }
  }
  cursor.at += 1;
  flush();
  return parts;
}

function opens(cursor: Cursor): boolean {
  const next = cursor.text[cursor.at + 1] ?? '';
  return next === '{' || next === '(' || nameStart.test(next) || special.test(next);
}

function dollar(cursor: Cursor, quoted: boolean, readBody: ReadBody): Part {
  if (!opens(cursor)) {
    cursor.at += 1;
    return { part: 'text', text: '$', quoted };
  }
  cursor.at += 1;
  if (cursor.sees('((')) return sum(cursor, quoted, readBody);
  if (cursor.next === '(') {
    cursor.at += 1;
    const body = readBody(cursor);
    cursor.expect(')');
    return { part: 'output', body, quoted };
  }
  if (cursor.next === '{') return braced(cursor, quoted, readBody);
  return { part: 'variable', name: nameAt(cursor, false), operator: '', argument: [], quoted };
}

function nameAt(cursor: Cursor, braces: boolean): string {
  const start = cursor.at;
  if (braces && digit.test(cursor.next)) while (digit.test(cursor.next)) cursor.at += 1;
  else if (special.test(cursor.next)) cursor.at += 1;
  else while (nameRest.test(cursor.next)) cursor.at += 1;
  if (cursor.at === start) cursor.refuse('a name was expected');
  return cursor.text.slice(start, cursor.at);
}

function sum(cursor: Cursor, quoted: boolean, readBody: ReadBody): Part {
  cursor.at += 2;
  const expression: Part[] = [];
  while (!cursor.sees('))')) {
    if (cursor.next === '$') expression.push(dollar(cursor, true, readBody));
    else if (cursor.next === '' || cursor.next === '(') cursor.refuse('such a sum');
    else {
      expression.push({ part: 'text', text: cursor.next, quoted: true });
      cursor.at += 1;
    }
  }
  cursor.at += 2;
  return { part: 'sum', expression, quoted };
}

const operators = [':-', '%%', '##', '%', '#', '-'] as const;

function braced(cursor: Cursor, quoted: boolean, readBody: ReadBody): Part {
  cursor.at += 1;
  const name = nameAt(cursor, true);
  const operator = operators.find((one) => cursor.sees(one)) ?? '';
  cursor.at += operator.length;
  const argument: Part[] = [];
  while (cursor.next !== '}') {
    const char = cursor.next;
    if (operator === '' || char === '') cursor.refuse('such a substitution');
    if (char === '$') argument.push(dollar(cursor, false, readBody));
    else if (char === "'" && !quoted) argument.push(singleQuoted(cursor));
    else if (char === '"') argument.push(...doubleQuoted(cursor, readBody));
    else if (char === '\\') argument.push(...escaped(cursor));
    else {
      argument.push({ part: 'text', text: char, quoted: false });
      cursor.at += 1;
    }
  }
  cursor.at += 1;
  return { part: 'variable', name, operator, argument, quoted };
}
