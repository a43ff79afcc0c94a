/** Expands words: variables, outputs of commands, sums, patterns of names (POSIX.1-2024, section 2.6). */
import { absolute } from '../files.ts';
import type { Files } from '../files.ts';
import { NotUnderstood } from './syntax.ts';
import type { Command, Part, Word } from './syntax.ts';

/** What an expansion asks of its shell. */
export interface Asked {
  readonly files: Files;
  readonly folder: string;
  readonly positional: readonly string[];
  /** Undefined for a variable that is not set. */
  value(name: string): string | undefined;
  /** What a command writes, without the line ends at its end. */
  output(body: Command): string;
}

/** The word as one text: as it is assigned, or stands between quotes. */
export function asText(word: Word, shell: Asked): string {
  const [only] = word;
  if (word.length === 1 && only?.part === 'text') return only.text;
  let text = '';
  for (const part of word) text += partText(part, shell);
  return text;
}

/** The word as a pattern of `case`, and of the `%` and `#` of variables. */
export function asPattern(word: Word, shell: Asked): string {
  return word.map((part) => (part.quoted ? escapePattern(partText(part, shell)) : partText(part, shell))).join('');
}

/** The words as arguments: split, and names that fit patterns put in their place. */
export function asFields(words: readonly Word[], shell: Asked): string[] {
  const fields: string[] = [];
  for (const word of words) {
    const [only] = word;
    if (word.length === 1 && only?.part === 'text' && (only.quoted || !hasPattern(only.text))) fields.push(only.text);
    else fields.push(...fieldsOf(word, shell));
  }
  return fields;
}

function hasPattern(text: string): boolean {
  return /[*?]|\[.+\]/s.test(text);
}

function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}

/** One field while it is put together; as a pattern, in which what was quoted is escaped. */
function fieldsOf(word: Word, shell: Asked): string[] {
  const fields: string[] = [];
  let current: string | undefined;
  const add = (text: string): void => void (current = (current ?? '') + text);
  for (const part of word) {
    if (part.part === 'variable' && part.name === '@' && part.quoted) {
      shell.positional.forEach((one, at) => {
        if (at > 0) {
          fields.push(current ?? '');
          current = undefined;
        }
        add(escapePattern(one));
      });
    } else if (part.quoted) add(escapePattern(partText(part, shell)));
    else if (part.part === 'text') add(part.text);
    else {
      const pieces = partText(part, shell).split(/[ \t\n]+/);
      pieces.forEach((piece, at) => {
        if (at > 0 && current !== undefined) {
          fields.push(current);
          current = undefined;
        }
        if (piece !== '') add(piece);
      });
    }
  }
  if (current !== undefined) fields.push(current);
  return fields.flatMap((field) => namesFor(field, shell));
}

function namesFor(pattern: string, shell: Asked): string[] {
  const plain = pattern.replace(/\\(.)/gs, '$1');
  if (!hasPattern(pattern.replace(/\\./gs, ''))) return [plain];
  const names = glob(pattern, shell);
  return names.length === 0 ? [plain] : names;
}

function glob(pattern: string, { files, folder }: Asked): string[] {
  let found = [pattern.startsWith('/') ? '/' : ''];
  const parts = pattern.split('/').filter((part, at, all) => part !== '' || at === all.length - 1);
  parts.forEach((part, at) => {
    const rest = at < parts.length - 1;
    if (part === '') return;
    found = found.flatMap((base) => {
      const plain = part.replace(/\\(.)/gs, '$1');
      if (!hasPattern(part.replace(/\\./gs, '')))
        return files.find(absolute(base + plain, folder)) ? [`${base}${plain}${rest ? '/' : ''}`] : [];
      const matcher = matcherOf(part);
      const entries = files.folderAt(absolute(base === '' ? '.' : base, folder))?.entries.keys() ?? [];
      const names = [...entries].filter(
        (name) => (part.startsWith('.') || !name.startsWith('.')) && matcher.test(name),
      );
      const isThere = (name: string) => !rest || files.folderAt(absolute(base + name, folder)) !== undefined;
      return names
        .sort()
        .filter(isThere)
        .map((name) => `${base}${name}${rest ? '/' : ''}`);
    });
  });
  return found;
}

const matchers = new Map<string, RegExp>();

/** A pattern as a regular expression for all of a text. */
export function matcherOf(pattern: string): RegExp {
  const known = matchers.get(pattern);
  if (known !== undefined) return known;
  let text = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at] ?? '';
    if (char === '*') text += '.*';
    else if (char === '?') text += '.';
    else if (char === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end < 0) throw new NotUnderstood(`the pattern ${pattern}`);
      text += `[${pattern.slice(at + 1, end).replace(/^!/, '^')}]`;
      at = end;
    } else if (char === '\\') {
      at += 1;
      text += (pattern[at] ?? '').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    } else text += char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }
  const made = new RegExp(`^(?:${text})$`, 's');
  if (matchers.size < 1_000) matchers.set(pattern, made);
  return made;
}

function partText(part: Part, shell: Asked): string {
  switch (part.part) {
    case 'text':
      return part.text;
    case 'output':
      return shell.output(part.body);
    case 'sum':
      return String(sumOf(asText(part.expression, shell), shell));
    case 'variable':
      return variableText(part, shell);
  }
}

function variableText({ name, operator, argument }: Extract<Part, { part: 'variable' }>, shell: Asked): string {
  const value = name === '*' || name === '@' ? shell.positional.join(' ') : shell.value(name);
  if (operator === ':-') return value === undefined || value === '' ? asText(argument, shell) : value;
  if (operator === '-') return value ?? asText(argument, shell);
  if (value === undefined) throw new NotUnderstood(`${name}: parameter not set`);
  if (operator === '') return value;
  return cut(value, operator, asPattern(argument, shell));
}

/** `%` and `#`: the shortest end or beginning that fits goes, doubled the longest. */
function cut(value: string, operator: string, pattern: string): string {
  const quick = quickCut(value, operator, pattern);
  if (quick !== undefined) return quick;
  const matcher = matcherOf(pattern);
  const isEnd = operator.startsWith('%');
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => length);
  if (operator.length === 2) lengths.reverse();
  for (const length of lengths) {
    const piece = isEnd ? value.slice(value.length - length) : value.slice(0, length);
    if (matcher.test(piece)) return isEnd ? value.slice(0, value.length - length) : value.slice(length);
  }
  return value;
}

/** The same where the pattern is a text with a star at one end, or none; undefined where it is not. */
function quickCut(value: string, operator: string, pattern: string): string | undefined {
  const isEnd = operator.startsWith('%');
  const hasStar = isEnd ? pattern.endsWith('*') : pattern.startsWith('*');
  const text = hasStar ? (isEnd ? pattern.slice(0, -1) : pattern.slice(1)) : pattern;
  if (/[*?[\\]/.test(text)) return undefined;
  if (!hasStar) {
    if (isEnd) return value.endsWith(text) ? value.slice(0, value.length - text.length) : value;
    return value.startsWith(text) ? value.slice(text.length) : value;
  }
  const isFirst = isEnd ? operator.length === 2 : operator.length === 1;
  const at = isFirst ? value.indexOf(text) : value.lastIndexOf(text);
  if (at < 0) return value;
  return isEnd ? value.slice(0, at) : value.slice(at + text.length);
}

/** Sums of two numbers, as our scripts have them. */
function sumOf(text: string, shell: Asked): number {
  const found = /^\s*(\w+)\s*([+%*-])\s*(\w+)\s*$/.exec(text);
  if (found === null) throw new NotUnderstood(`the sum ${text}`);
  const [left, right] = [found[1], found[3]].map((one = '') =>
    Number(/^\d/.test(one) ? one : (shell.value(one) ?? '0')),
  );
  const [a, b] = [left ?? 0, right ?? 0];
  switch (found[2]) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    default:
      return a % b;
  }
}
