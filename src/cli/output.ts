/** The output formats of every command that shows something: tables for people, the rest for programs. */
import { createRequire } from 'node:module';
import type { stringify } from 'yaml';
import { tableLines } from './table.ts';
import type { Column } from './table.ts';
import type { Terminal } from './terminal.ts';

/** What `-o` takes. */
export const formats = ['table', 'wide', 'json', 'yaml', 'ndjson', 'name'] as const;
export type Format = (typeof formats)[number];

/** How a kind of thing is listed. */
export interface ListView<T> {
  readonly columns: readonly Column<T>[];
  /** what a further command would take for it */
  name(row: T): string;
  /** said on standard error when there is none */
  readonly empty: string;
}

/** How one thing is shown. */
export interface ObjectView {
  readonly name: string;
  lines(wide: boolean): readonly string[];
}

/** Shows a list in the format asked for. */
export function showList<T>(terminal: Terminal, format: Format, rows: readonly T[], view: ListView<T>): void {
  if (format === 'name') {
    terminal.print(...rows.map((row) => view.name(row)));
    return;
  }
  if (format === 'ndjson') {
    terminal.print(...rows.map((row) => JSON.stringify(row)));
    return;
  }
  if (format === 'json' || format === 'yaml') {
    showData(terminal, format, rows);
    return;
  }
  if (rows.length === 0) {
    terminal.note(view.empty);
    return;
  }
  const layout = { width: terminal.tableWidth, paint: terminal.paint, wide: format === 'wide' };
  terminal.print(...tableLines(rows, view.columns, layout));
}

/** Shows one thing in the format asked for. */
export function showObject(terminal: Terminal, format: Format, value: unknown, view: ObjectView): void {
  if (format === 'name') {
    terminal.print(view.name);
    return;
  }
  if (format === 'table' || format === 'wide') {
    terminal.print(...view.lines(format === 'wide'));
    return;
  }
  showData(terminal, format, value);
}

/** Shows a value for programs. */
export function showData(terminal: Terminal, format: 'json' | 'yaml' | 'ndjson', value: unknown): void {
  if (format === 'json') terminal.print(JSON.stringify(value, null, 2));
  else if (format === 'ndjson') terminal.print(JSON.stringify(value));
  else terminal.print(yamlOf(value).trimEnd());
}

/** Loaded where it is asked for: no other format needs it, and it takes as long to load as a short command needs for all the rest. */
function yamlOf(value: unknown): string {
  const yaml = createRequire(import.meta.url)('yaml') as { stringify: typeof stringify };
  return yaml.stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Whether a format is for people. */
export function isForPeople(format: Format): boolean {
  return format === 'table' || format === 'wide';
}
