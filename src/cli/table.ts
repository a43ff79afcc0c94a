/**
 * Tables that fit the terminal: columns as wide as their contents, and where that is too much the flexible ones are cut
 * with `…`. Identifiers are never cut or wrapped, because people copy them.
 */
import { cut, padded, paddedLeft, widthOf } from './text.ts';
import type { Paint } from './paint.ts';

/** One column: its heading and the cell of a row. */
export interface Column<T> {
  readonly title: string;
  /** the cell's words, without colour */
  cell(row: T): string;
  /** dresses the padded cell */
  paint?(paint: Paint, text: string, row: T): string;
  readonly align?: 'right';
  /** may be cut where the terminal is too narrow */
  readonly flexible?: true;
  /** shown with `-o wide` only */
  readonly wide?: true;
}

/** How a table is to be laid out. `width` infinite means that nothing is cut. */
export interface Layout {
  readonly width: number;
  readonly paint: Paint;
  readonly wide: boolean;
}

const gap = '  ';
const narrowest = 8;

/** The lines of a table, heading first. */
export function tableLines<T>(rows: readonly T[], columns: readonly Column<T>[], layout: Layout): string[] {
  const shown = columns.filter((column) => isShown(rows, column, layout.wide));
  const natural = shown.map((column) => naturalWidth(rows, column));
  const widths = fitted(shown, natural, layout.wide ? Number.POSITIVE_INFINITY : layout.width);
  const heading = shown.map((column, index) => aligned(column, column.title, widths[index] ?? 0)).join(gap);
  const body = rows.map((row) => shown.map((column, index) => cellText(column, row, widths[index] ?? 0, layout)));
  return [layout.paint.dim(heading.trimEnd()), ...body.map((cells) => cells.join(gap).trimEnd())];
}

/** A flexible column in which nobody has anything to say is left out. */
function isShown<T>(rows: readonly T[], column: Column<T>, wide: boolean): boolean {
  if (column.wide === true && !wide) return false;
  return column.flexible !== true || rows.length === 0 || rows.some((row) => column.cell(row) !== '');
}

function naturalWidth<T>(rows: readonly T[], column: Column<T>): number {
  return rows.reduce((widest, row) => Math.max(widest, widthOf(column.cell(row))), column.title.length);
}

function fitted<T>(columns: readonly Column<T>[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, 0) + gap.length * (widths.length - 1) - width;
  while (excess > 0) {
    const widest = widestFlexible(columns, widths);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function widestFlexible<T>(columns: readonly Column<T>[], widths: readonly number[]): number | undefined {
  let found: number | undefined;
  columns.forEach((column, index) => {
    const width = widths[index] ?? 0;
    if (column.flexible !== true || width <= narrowest) return;
    if (found === undefined || width > (widths[found] ?? 0)) found = index;
  });
  return found;
}

function cellText<T>(column: Column<T>, row: T, width: number, layout: Layout): string {
  const text = column.cell(row);
  const fit = aligned(column, column.flexible === true ? cut(text, width) : text, width);
  return column.paint === undefined ? fit : column.paint(layout.paint, fit, row);
}

function aligned<T>(column: Column<T>, text: string, width: number): string {
  return column.align === 'right' ? paddedLeft(text, width) : padded(text, width);
}
