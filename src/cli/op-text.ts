/** An operation in words: what was asked, by whom, how far it is, and its tasks as a tree. Pure. */
import { clockTime, durationText } from './quantity.ts';
import { counted, cut, folded, hanging, harmless, padded, ranges, widthOf } from './text.ts';
import { nextLines } from './failure-text.ts';
import type { Page } from './failure-text.ts';
import type { Paint } from './paint.ts';
import type { Operation, OperationView } from '../model/operation.ts';
import type { Task, TaskState } from '../model/task.ts';

/** Where an operation is to be shown. */
export interface OpPage extends Page {
  readonly nowMs: number;
  /** every task on lines of its own, with what it was made of */
  readonly wide: boolean;
}

/** The whole operation. */
export function operationLines({ operation, tasks }: OperationView, page: OpPage): string[] {
  const tree = tasks === null ? [] : taskLines(tasks, page);
  return [...headLines(operation, page), ...(tree.length === 0 ? [] : ['', ...tree]), ...endLines(operation, page)];
}

/** What was asked and how it stands: `op-1  apply  ants  running 12s of 1h`. */
function headLines(operation: Operation, page: OpPage): string[] {
  const { id, cause, blueprint, state, words, by, begun } = operation;
  const { paint } = page;
  const head = `${paint.strong(id)}  ${cause}  ${blueprint}  ${stateWord(state, paint)}`;
  const when = `${timeText(operation, page.nowMs)}, begun ${clockTime(begun)} by ${by}${revisionText(operation)}`;
  return [
    head,
    ...hanging('  ', paint.dim(when), page.width),
    ...(words === '' ? [] : hanging('  ', words, page.width)),
  ];
}

/** `12s of 1h`, or how long it took. */
export function timeText({ begun, ended, deadline }: Operation, nowMs: number): string {
  const from = Date.parse(begun);
  if (ended !== null) return `took ${durationText(Date.parse(ended) - from)}`;
  return `${durationText(Math.max(0, nowMs - from))} of ${durationText(Date.parse(deadline) - from)}`;
}

function revisionText({ revision, former, kind, node }: Operation): string {
  if (kind === 'destroy' || node !== null) return '';
  return former === 0 ? `, revision ${revision}` : `, revision ${revision} after ${former}`;
}

/** The word for a state in its colour. */
export function stateWord(state: Operation['state'], paint: Paint): string {
  if (state === 'succeeded') return paint.good(state);
  return state === 'failed' ? paint.bad(state) : paint.warn(state);
}

function endLines({ id, state, followedBy, undoes }: Operation, page: OpPage): string[] {
  const back = undoes === null ? [] : [`It takes back ${undoes}.`];
  if (state === 'running') return [...back, '', ...nextLines(`wombat op cancel ${id}`, page)];
  return followedBy === null ? back : [...back, '', ...nextLines(`wombat op show ${followedBy}`, page)];
}

const glyphs: { readonly [S in TaskState]: string } = { done: '✓', running: '●', waiting: '○', failed: '✗' };

function glyph(state: TaskState, paint: Paint): string {
  if (state === 'done') return paint.good(glyphs.done);
  if (state === 'failed') return paint.bad(glyphs.failed);
  return state === 'running' ? paint.warn(glyphs.running) : paint.dim(glyphs.waiting);
}

/** The tree below what the operation is about. No line is wider than the page, but for names. */
function taskLines({ tasks }: Task, page: OpPage): string[] {
  return branches(tasks, '', page);
}

/** Names are padded to one width where they are no longer than that. */
const longestPadded = 28;

function branches(tasks: readonly Task[], prefix: string, page: OpPage): string[] {
  const shown = page.wide ? tasks : together(tasks);
  const nameWidth = Math.min(longestPadded, Math.max(0, ...shown.map(({ name }) => widthOf(name))));
  return shown.flatMap((task, index) => {
    const isLast = index === shown.length - 1;
    const inner = `${prefix}${isLast ? '   ' : '│  '}`;
    const below = page.wide || task.state !== 'done' ? branches(task.tasks, inner, page) : [];
    const stem = `${prefix}${isLast ? '└─ ' : '├─ '}`;
    return [...taskLine(task, { stem, inner: below.length > 0 ? `${inner}│` : inner, nameWidth }, page), ...below];
  });
}

interface Place {
  readonly stem: string;
  readonly inner: string;
  readonly nameWidth: number;
}

function taskLine({ name, state, words }: Task, { stem, inner, nameWidth }: Place, page: OpPage): string[] {
  const { paint, width } = page;
  const head = `${paint.dim(stem)}${glyph(state, paint)} ${padded(name, nameWidth)}  `;
  const indent = widthOf(head);
  const room = Math.max(20, width - indent);
  const [first = '', ...rest] = folded(harmless(words.replaceAll('\n', ' ')), room).flatMap((line) =>
    pieces(line, room),
  );
  const margin = paint.dim(padded(inner, indent));
  const dressed = (line: string) => (state === 'failed' ? paint.bad(line) : line);
  return [`${head}${dressed(first)}`.trimEnd(), ...rest.map((line) => `${margin}${dressed(line)}`)];
}

/** A word that is longer than there is room: a path, a key. */
function pieces(line: string, room: number): string[] {
  const letters = Array.from(line);
  const count = Math.max(1, Math.ceil(letters.length / room));
  return Array.from({ length: count }, (_, index) => letters.slice(index * room, (index + 1) * room).join(''));
}

/** Nodes of one family that are done alike on one line: `colony-{1-3}`. */
function together(tasks: readonly Task[]): Task[] {
  const groups = Map.groupBy(tasks, (task) => {
    const family = task.state === 'done' ? /^(.+)-\d+@/.exec(task.name)?.[1] : undefined;
    return family === undefined ? task : `${family} ${task.words}`;
  });
  return [...groups.values()].map((alike) => {
    const [first] = alike as [Task, ...Task[]];
    if (alike.length === 1) return first;
    const numbers = alike.map(({ name }) => Number(/-(\d+)@/.exec(name)?.[1]));
    return {
      ...first,
      name: `${first.name.slice(0, first.name.lastIndexOf('-', first.name.indexOf('@')))}-{${ranges(numbers)}}`,
    };
  });
}

/** A block taller than the terminal could not be redrawn. */
const linesShown = 18;

/** The block while one watches: the tree as far as it fits. */
export function watchLines(view: OperationView | undefined, page: OpPage): string[] {
  if (view === undefined) return [];
  const narrow = { ...page, width: page.width - 1 };
  const lines = [...headLines(view.operation, narrow), ...(view.tasks === null ? [] : taskLines(view.tasks, narrow))];
  const shown = lines.slice(0, linesShown);
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, page.paint.dim(cut(`   … and ${counted(left, 'line')} more`, page.width - 1))];
}
