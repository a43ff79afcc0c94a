/** The difference of two documents as changed paths. Pure. */
import { cut } from './text.ts';
import type { Page } from './failure-text.ts';

/** One path at which two documents differ; `undefined` where one of them has nothing. */
export interface Difference {
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Every leaf or list at which `after` differs from `before`, in the order of the documents. */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (before === undefined && isRecord(after) && Object.keys(after).length > 0) return differences({}, after, path);
  if (after === undefined && isRecord(before) && Object.keys(before).length > 0) return differences(before, {}, path);
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The differences for a person. */
export function differenceLines(
  of: { readonly name: string; readonly heading: string },
  found: readonly Difference[],
  page: Page,
): string[] {
  const { paint } = page;
  const head = `${paint.strong(of.name)}  ${paint.dim(of.heading)}`;
  if (found.length === 0) return [head, 'No difference.'];
  return [head, ...found.map((one) => `  ${differenceLine(one, page)}`)];
}

function differenceLine(one: Difference, { paint, width }: Page): string {
  const room = Math.max(20, width - one.path.length - 8);
  if (!('before' in one)) return `${paint.good('+')} ${one.path}: ${cut(valueText(one.after), room)}`;
  if (!('after' in one)) return `${paint.bad('-')} ${one.path}: ${cut(valueText(one.before), room)}`;
  const half = Math.floor(room / 2);
  return `${paint.warn('~')} ${one.path}: ${cut(valueText(one.before), half)} -> ${cut(valueText(one.after), half)}`;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
