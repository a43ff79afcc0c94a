/** Words on a terminal: how wide they are, how they are cut, and how numbers of things are said. Pure. */
import { stripVTControlCharacters } from 'node:util';

/** Columns that a text takes, escape codes not counted. */
export function widthOf(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}

/** The text with blanks behind it up to `width` columns. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The text with blanks before it up to `width` columns. */
export function paddedLeft(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** The text (without escape codes) cut to `width` columns; what was cut shows as `…`. */
export function cut(text: string, width: number): string {
  const letters = Array.from(text);
  if (letters.length <= width) return text;
  return width < 1 ? '' : `${letters.slice(0, width - 1).join('')}…`;
}

/** Words folded into lines of at most `width` columns; a single word that is longer keeps its own line. */
export function folded(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) lines.push(...foldedParagraph(paragraph, width));
  return lines;
}

function foldedParagraph(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/).filter((each) => each !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** `text` folded so that its first line stands behind `head` and the others below it. */
export function hanging(head: string, text: string, width: number): string[] {
  const indent = widthOf(head);
  return folded(text, Math.max(20, width - indent)).map((line, index) =>
    index === 0 ? head + line : ' '.repeat(indent) + line,
  );
}

/** `1 node`, `3 nodes`, `2 families`. */
export function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/** A line from elsewhere (a log, a provider) made harmless for a terminal: no escape codes, no control characters. */
export function harmless(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .replaceAll('\t', '  ');
}

/** Whole numbers as ranges: 1,2,3,5 → `1-3,5`. */
export function ranges(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const number of sorted) {
    const last = runs.at(-1);
    if (last !== undefined && number <= last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}
