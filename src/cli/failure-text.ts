/**
 * What a person reads when something failed: the object, the cause, the other side's own words and the next command;
 * faults of an input as `file:line:column: message` with the line and a caret, as compilers do. Pure.
 */
import { CliFailure, Interrupted, problemIn } from './failure.ts';
import { counted, hanging, harmless } from './text.ts';
import type { InputFault, Problem } from '../model/problem.ts';
import type { Paint } from './paint.ts';

/** The input that faults point into. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** Where a text is to be shown. */
export interface Page {
  readonly width: number;
  readonly paint: Paint;
}

/** The lines that tell a failure. `source` is the blueprint in hand, where there is one. */
export function failureLines(error: unknown, page: Page, source?: Source): string[] {
  if (error instanceof Interrupted) return [page.paint.warn(error.message)];
  const problem = problemIn(error);
  if (problem === undefined) return surpriseLines(error, page);
  const extra = error instanceof CliFailure ? error.lines : [];
  return problem.faults.length > 0
    ? [...faultLines(problem.faults, page, source), '', ...summaryLines(problem, page)]
    : problemLines(problem, extra, page);
}

function problemLines(problem: Problem, extra: readonly string[], page: Page): string[] {
  const { paint, width } = page;
  const subject = problem.object === null || problem.detail.includes(problem.object) ? '' : `${problem.object}: `;
  const lines = hanging(`${paint.bad('error:')} `, `${subject}${problem.detail}`, width);
  const words = problem.words === null || problem.detail.includes(problem.words) ? null : problem.words;
  if (words !== null) lines.push(...words.split('\n').map((line) => `  ${paint.dim('|')} ${harmless(line)}`));
  lines.push(...extra);
  return problem.next === null ? lines : [...lines, ...nextLines(problem.next, page)];
}

/** `next:` and what to do: commands are not folded, sentences are. */
export function nextLines(next: string, page: Page): string[] {
  const head = `${page.paint.accent('next:')}  `;
  return next.startsWith('wombat ') && !next.includes('\n') ? [head + next] : hanging(head, next, page.width);
}

function summaryLines(problem: Problem, page: Page): string[] {
  const sentence = `${counted(problem.faults.length, 'fault')}; nothing was changed`;
  const lines = [`${page.paint.bad('error:')} ${problem.object === null ? '' : `${problem.object}: `}${sentence}`];
  return problem.next === null ? lines : [...lines, ...nextLines(problem.next, page)];
}

/** Every fault of an input, with its line and a caret where its place is known. */
function faultLines(faults: readonly InputFault[], page: Page, source?: Source): string[] {
  return faults.flatMap((fault, index) => [...(index === 0 ? [] : ['']), ...oneFault(fault, page, source)]);
}

function oneFault(fault: InputFault, page: Page, source?: Source): string[] {
  const { paint, width } = page;
  const place = placeOf(fault, source);
  const path = fault.path === '' || fault.message.includes(fault.path) ? '' : `${fault.path}: `;
  const lines = [`${paint.strong(place === '' ? '' : `${place}:`)}${place === '' ? '' : ' '}${path}${fault.message}`];
  lines.push(...excerpt(fault, page, source));
  if (fault.hint !== null) lines.push(...hanging(`  ${paint.accent('hint:')} `, fault.hint, width));
  return lines;
}

function placeOf(fault: InputFault, source?: Source): string {
  return [source?.file, fault.line, fault.column].filter((part) => part !== undefined && part !== null).join(':');
}

/** The offending line with a caret below the column; a long line shows the part around it. */
function excerpt(fault: InputFault, page: Page, source?: Source): string[] {
  const line = fault.line === null ? undefined : source?.text.split('\n')[fault.line - 1];
  if (line === undefined || fault.column === null) return [];
  const gutter = `  ${fault.line ?? ''} | `;
  const room = Math.max(20, page.width - gutter.length);
  const from = Math.max(0, Math.min(fault.column - 1 - Math.floor(room / 2), line.length - room));
  const caret = ' '.repeat(Math.max(0, fault.column - 1 - from));
  const blank = `${' '.repeat(gutter.length - 2)}| `;
  return [
    page.paint.dim(gutter) + harmless(line.slice(from, from + room)),
    `${page.paint.dim(blank)}${caret}${page.paint.bad('^')}`,
  ];
}

/** Something nobody expected: its words, and where it came from, for the report that we ask for. */
function surpriseLines(error: unknown, page: Page): string[] {
  const words = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? '').split('\n').slice(1, 6) : [];
  return [
    ...hanging(`${page.paint.bad('error:')} `, `something unexpected happened: ${words}`, page.width),
    ...stack.map((line) => page.paint.dim(`  ${line.trim()}`)),
  ];
}
