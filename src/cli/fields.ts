/** One object as a list of fields, a name and its value a line. Pure. */
import { hanging, padded } from './text.ts';
import type { Page } from './failure-text.ts';

/** The lines of the fields that have a value. */
export function fieldLines(page: Page, fields: readonly (readonly [string, string])[]): string[] {
  const shown = fields.filter(([, value]) => value !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.flatMap(([name, value]) => hanging(`${page.paint.dim(padded(name, width))}  `, value, page.width));
}
